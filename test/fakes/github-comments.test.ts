// The fake GitHub's comments: people write them at the web page, the product reads them through Octokit.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { clientOf, status } from './github/client.ts'
import { startGitHub } from './github/server.ts'

const at = { owner: 'acme', repo: 'ops' }

async function setup(t: TestContext) {
  let nowMs = Date.UTC(2026, 10, 22, 9)
  const github = await startGitHub(t, { now: () => nowMs })
  await github.addRepository('acme/ops', { people: { runner: 'write', ana: 'write', eve: 'read' } })
  const octokit = clientOf(github, 'runner')
  github.as('ana').issue('acme/ops', 'One')
  return { github, octokit, pass: (ms: number) => void (nowMs += ms) }
}

test('a comment of a person has their id, their type and no app', async (t) => {
  const { github, octokit } = await setup(t)
  github.addUser('ben', { id: 42 })
  github.repository('acme/ops').permit('ben', 'read')
  const id = github.as('ben').comment('acme/ops', 1, '/approve abc')
  const { data } = await octokit.rest.issues.getComment({ ...at, comment_id: id })
  assert.equal(data.user?.type, 'User')
  assert.equal(data.user?.id, 42)
  assert.equal(data.performed_via_github_app, null)
  assert.equal(data.body, '/approve abc')
})

test('an app that writes for a person is named', async (t) => {
  const { github, octokit } = await setup(t)
  const id = github.as('ana', 'some-app').comment('acme/ops', 1, 'hello')
  const { data } = await octokit.rest.issues.getComment({ ...at, comment_id: id })
  assert.equal(data.performed_via_github_app?.slug, 'some-app')
})

test('a bot is a bot and comments through its own app', async (t) => {
  const { github } = await setup(t)
  github.repository('acme/ops').permit('helper[bot]', 'write')
  const bot = clientOf(github, 'helper[bot]')
  const { data } = await bot.rest.issues.createComment({ ...at, issue_number: 1, body: 'beep' })
  assert.equal(data.user?.type, 'Bot')
  assert.equal(data.performed_via_github_app?.slug, 'helper')
})

test('a comment never edited has equal times, one edited a second later has not', async (t) => {
  const { github, octokit, pass } = await setup(t)
  const id = github.as('ana').comment('acme/ops', 1, 'first')
  const read = async () => (await octokit.rest.issues.getComment({ ...at, comment_id: id })).data
  const before = await read()
  assert.equal(before.created_at, before.updated_at)
  pass(1_000)
  github.as('ana').edit('acme/ops', id, 'second')
  const after = await read()
  assert.equal(after.body, 'second')
  assert.notEqual(after.created_at, after.updated_at)
})

test('an edit within the second of its creation does not show in the times', async (t) => {
  const { github, octokit, pass } = await setup(t)
  const id = github.as('ana').comment('acme/ops', 1, 'first')
  pass(999)
  github.as('ana').edit('acme/ops', id, 'second')
  const { data } = await octokit.rest.issues.getComment({ ...at, comment_id: id })
  assert.equal(data.created_at, data.updated_at)
})

test('a deleted comment is 404 and in no list', async (t) => {
  const { github, octokit } = await setup(t)
  const id = github.as('ana').comment('acme/ops', 1, 'first')
  github.as('ana').delete('acme/ops', id)
  await assert.rejects(octokit.rest.issues.getComment({ ...at, comment_id: id }), status(404))
  assert.deepEqual((await octokit.rest.issues.listComments({ ...at, issue_number: 1 })).data, [])
})

test('the comments of a whole repository are listed by update and since', async (t) => {
  const { github, octokit, pass } = await setup(t)
  github.as('ana').issue('acme/ops', 'Two')
  const first = github.as('ana').comment('acme/ops', 1, 'a')
  pass(10_000)
  const second = github.as('ana').comment('acme/ops', 2, 'b')
  pass(10_000)
  github.as('ana').edit('acme/ops', first, 'a2')
  const ids = async (query: object): Promise<readonly number[]> =>
    (await octokit.rest.issues.listCommentsForRepo({ ...at, ...query })).data.map(({ id }) => id)
  assert.deepEqual(await ids({ sort: 'updated', direction: 'asc' }), [second, first])
  assert.deepEqual(await ids({ sort: 'updated', direction: 'desc' }), [first, second])
  assert.deepEqual(await ids({ sort: 'updated', since: '2026-11-22T09:00:20Z' }), [first])
  assert.deepEqual(await ids({ direction: 'desc' }), [first, second])
})

test('120 comments come in two pages', async (t) => {
  const { github, octokit } = await setup(t)
  for (let index = 0; index < 120; index += 1) github.as('ana').comment('acme/ops', 1, `comment ${index}`)
  const all = await octokit.paginate(octokit.rest.issues.listComments, {
    ...at,
    issue_number: 1,
    per_page: 100,
  })
  assert.equal(all.length, 120)
  assert.equal(github.requests.length, 2)
})

test('a person keeps their id through a new login, and the next of that login has another', async (t) => {
  const { github, octokit } = await setup(t)
  const id = github.as('ana').comment('acme/ops', 1, 'before')
  const author = async () => (await octokit.rest.issues.getComment({ ...at, comment_id: id })).data.user
  const before = await author()
  github.renameUser('ana', 'anna')
  const impostor = github.addUser('ana')
  const after = await author()
  assert.equal(after?.login, 'anna')
  assert.equal(after?.id, before?.id)
  assert.notEqual(impostor.id, after?.id)
})

test('what a removed account wrote is the ghost’s', async (t) => {
  const { github, octokit } = await setup(t)
  const id = github.as('ana').comment('acme/ops', 1, 'before')
  github.removeUser('ana')
  const { data } = await octokit.rest.issues.getComment({ ...at, comment_id: id })
  assert.equal(data.user?.login, 'ghost')
  await assert.rejects(octokit.rest.users.getByUsername({ username: 'ana' }), status(404))
})

test('a locked issue takes comments of writers only', async (t) => {
  const { github } = await setup(t)
  github.as('ana').lock('acme/ops', 1)
  const eve = clientOf(github, 'eve')
  await assert.rejects(eve.rest.issues.createComment({ ...at, issue_number: 1, body: 'x' }), status(403))
  assert.throws(() => github.as('eve').comment('acme/ops', 1, 'x'))
})

test('the product may edit and delete its own comments, and others’ with the role write', async (t) => {
  const { github, octokit } = await setup(t)
  const hers = github.as('ana').comment('acme/ops', 1, 'hers')
  const { data } = await octokit.rest.issues.createComment({ ...at, issue_number: 1, body: 'mine' })
  await octokit.rest.issues.updateComment({ ...at, comment_id: data.id, body: 'better' })
  await octokit.rest.issues.deleteComment({ ...at, comment_id: hers })
  const eve = clientOf(github, 'eve')
  await assert.rejects(eve.rest.issues.updateComment({ ...at, comment_id: data.id, body: 'no' }), status(403))
  assert.deepEqual(
    github.effects.map(({ is, via }) => `${is} ${via}`),
    [
      'issue.created person',
      'comment.created person',
      'comment.created api',
      'comment.edited api',
      'comment.deleted api',
    ],
  )
})

test('a person can do no more than their role lets them', async (t) => {
  const { github } = await setup(t)
  const id = github.as('ana').comment('acme/ops', 1, 'hers')
  assert.throws(() => github.as('eve').edit('acme/ops', id, 'no'), /role write/)
  assert.throws(() => github.as('stranger').comment('acme/ops', 1, 'x'), /role read/)
})
