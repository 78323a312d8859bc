// The fake GitHub's issues, asked through the real Octokit.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import type { Octokit } from '@octokit/rest'

import { clientOf, status } from './github/client.ts'
import { startGitHub } from './github/server.ts'

const at = { owner: 'acme', repo: 'ops' }

async function setup(t: TestContext) {
  let nowMs = Date.UTC(2026, 10, 22, 9)
  const github = await startGitHub(t, { now: () => nowMs })
  await github.addRepository('acme/ops', { people: { runner: 'write', ana: 'write', eve: 'read' } })
  const client = (login: string): Octokit => clientOf(github, login)
  return { github, client, octokit: client('runner'), pass: (ms: number) => void (nowMs += ms) }
}

test('an issue made through the API is there, with its author and an effect', async (t) => {
  const { github, octokit } = await setup(t)
  const { data } = await octokit.rest.issues.create({ ...at, title: 'One', body: 'text', labels: ['a'] })
  const read = await octokit.rest.issues.get({ ...at, issue_number: data.number })
  assert.equal(read.data.user?.login, 'runner')
  assert.deepEqual(
    read.data.labels.map((label) => (typeof label === 'string' ? label : label.name)),
    ['a'],
  )
  assert.deepEqual(github.effects, [
    {
      is: 'issue.created',
      atMs: Date.UTC(2026, 10, 22, 9),
      by: 'runner',
      via: 'api',
      repository: 'acme/ops',
      issue: 1,
      text: 'One',
    },
  ])
})

test('issues are listed newest first, open ones only, unless asked otherwise', async (t) => {
  const { github, octokit, pass } = await setup(t)
  for (const title of ['one', 'two', 'three']) {
    github.as('ana').issue('acme/ops', title)
    pass(1_000)
  }
  github.as('ana').close('acme/ops', 2)
  const titles = async (query: object): Promise<readonly string[]> =>
    (await octokit.rest.issues.listForRepo({ ...at, ...query })).data.map(({ title }) => title)
  assert.deepEqual(await titles({}), ['three', 'one'])
  assert.deepEqual(await titles({ state: 'all', direction: 'asc' }), ['one', 'two', 'three'])
  assert.deepEqual(await titles({ state: 'all', sort: 'updated' }), ['two', 'three', 'one'])
})

test('since takes in the second it names and a comment moves its issue', async (t) => {
  const { github, octokit, pass } = await setup(t)
  github.as('ana').issue('acme/ops', 'old')
  pass(10_000)
  github.as('ana').issue('acme/ops', 'new')
  const listed = async (since: string): Promise<readonly number[]> =>
    (await octokit.rest.issues.listForRepo({ ...at, state: 'all', since })).data.map(({ number }) => number)
  assert.deepEqual(await listed('2026-11-22T09:00:10Z'), [2])
  assert.deepEqual(await listed('2026-11-22T09:00:11Z'), [])
  pass(5_000)
  github.as('ana').comment('acme/ops', 1, 'hello')
  assert.deepEqual(await listed('2026-11-22T09:00:11Z'), [1])
})

test('120 issues come in pages that lead to each other', async (t) => {
  const { github, octokit } = await setup(t)
  for (let index = 0; index < 120; index += 1) github.as('ana').issue('acme/ops', `issue ${index}`)
  const first = await octokit.rest.issues.listForRepo({ ...at, per_page: 500 })
  const all = await octokit.paginate(octokit.rest.issues.listForRepo, { ...at, per_page: 50 })
  assert.equal(first.data.length, 100)
  assert.match(first.headers.link ?? '', /page=2>; rel="next"/)
  assert.equal(new Set(all.map(({ number }) => number)).size, 120)
})

test('closing and reopening carry who, when and why', async (t) => {
  const { octokit } = await setup(t)
  await octokit.rest.issues.create({ ...at, title: 'One' })
  const change = { ...at, issue_number: 1 }
  const closed = await octokit.rest.issues.update({ ...change, state: 'closed', state_reason: 'duplicate' })
  assert.equal(closed.data.closed_by?.login, 'runner')
  assert.equal(closed.data.state_reason, 'duplicate')
  const open = await octokit.rest.issues.update({ ...change, state: 'open' })
  assert.equal(open.data.closed_at, null)
})

test('a body is refused from 65,537 characters on', async (t) => {
  const { octokit } = await setup(t)
  await octokit.rest.issues.create({ ...at, title: 'fits', body: '가'.repeat(65_536) })
  const long = octokit.rest.issues.create({ ...at, title: 'long', body: 'a'.repeat(65_537) })
  await assert.rejects(long, status(422, /body is too long/))
})

test('a reader may open an issue but not change that of somebody else', async (t) => {
  const { github, client } = await setup(t)
  github.as('ana').issue('acme/ops', 'hers')
  const eve = client('eve')
  await eve.rest.issues.create({ ...at, title: 'mine' })
  await eve.rest.issues.update({ ...at, issue_number: 2, title: 'still mine' })
  await assert.rejects(eve.rest.issues.update({ ...at, issue_number: 1, title: 'no' }), status(403))
})

test('labels of somebody without the right to set them are dropped', async (t) => {
  const { client } = await setup(t)
  const { data } = await client('eve').rest.issues.create({ ...at, title: 'mine', labels: ['a'] })
  assert.deepEqual(data.labels, [])
})

test('a repository that may not be seen is not there', async (t) => {
  const { client } = await setup(t)
  await assert.rejects(client('stranger').rest.issues.listForRepo(at), status(404))
})

test('a deleted issue is 410, a transferred one points to where it went', async (t) => {
  const { github, octokit } = await setup(t)
  await github.addRepository('acme/other', { people: { ana: 'admin', runner: 'read' } })
  github.repository('acme/ops').permit('ana', 'admin')
  github.as('ana').issue('acme/ops', 'gone')
  github.as('ana').issue('acme/ops', 'moved')
  github.as('ana').deleteIssue('acme/ops', 1)
  github.as('ana').transfer('acme/ops', 2, 'acme/other')
  await assert.rejects(octokit.rest.issues.get({ ...at, issue_number: 1 }), status(410))
  const answer = await fetch(`${github.url}/repos/acme/ops/issues/2`, {
    headers: { authorization: `Bearer ${github.token('runner')}` },
    redirect: 'manual',
  })
  assert.equal(answer.status, 301)
  assert.match(answer.headers.get('location') ?? '', /acme\/other\/issues\/1$/)
})

test('where issues are switched off they are 410', async (t) => {
  const { github, octokit } = await setup(t)
  github.repository('acme/ops').settings({ hasIssues: false })
  await assert.rejects(octokit.rest.issues.create({ ...at, title: 'One' }), status(410, /disabled/))
})
