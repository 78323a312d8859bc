// The fake GitHub's accounts, permissions, repositories, commits and statuses, asked through the real Octokit.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { clientOf, status } from './github/client.ts'
import { startGitHub } from './github/server.ts'

const at = { owner: 'acme', repo: 'ops' }

async function setup(t: TestContext) {
  let nowMs = Date.UTC(2026, 10, 22, 9)
  const github = await startGitHub(t, { now: () => nowMs })
  await github.addRepository('acme/ops', { people: { runner: 'write', ana: 'maintain', eve: 'read' } })
  return { github, octokit: clientOf(github, 'runner'), pass: (ms: number) => void (nowMs += ms) }
}

test('a token says whose it is, what it may and when it ends', async (t) => {
  const { github } = await setup(t)
  const expiresMs = Date.UTC(2026, 11, 1)
  const token = github.token('runner', { scopes: ['repo'], expiresMs })
  const answer = await fetch(`${github.url}/user`, { headers: { authorization: `token ${token}` } })
  assert.equal(((await answer.json()) as { login: string }).login, 'runner')
  assert.equal(answer.headers.get('x-oauth-scopes'), 'repo')
  assert.equal(answer.headers.get('github-authentication-token-expiration'), '2026-12-01 00:00:00 UTC')
})

test('an expired token is as bad as a wrong one', async (t) => {
  const { github, pass } = await setup(t)
  const authorization = `Bearer ${github.token('runner', { expiresMs: Date.UTC(2026, 10, 22, 10) })}`
  const read = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${github.url}/user`, { headers })).status
  assert.equal(await read({ authorization }), 200)
  pass(3_600_000)
  assert.equal(await read({ authorization }), 401)
  assert.equal(await read({ authorization: 'Bearer wrong' }), 401)
})

test('without a token one sees public repositories and nobody’s account', async (t) => {
  const { github } = await setup(t)
  await github.addRepository('acme/open', { public: true })
  const anonymous = clientOf(github, null)
  const { data } = await anonymous.rest.repos.get({ owner: 'acme', repo: 'open' })
  assert.equal(data.permissions?.push, false)
  await assert.rejects(anonymous.rest.repos.get(at), status(404))
  await assert.rejects(anonymous.rest.users.getAuthenticated(), status(401))
})

test('a user is found by login with a numeric id and a type', async (t) => {
  const { github, octokit } = await setup(t)
  github.addUser('helper[bot]', { type: 'Bot', id: 77 })
  const { data } = await octokit.rest.users.getByUsername({ username: 'helper[bot]' })
  assert.deepEqual([data.id, data.type], [77, 'Bot'])
})

test('the permission endpoint tells the level and the exact role', async (t) => {
  const { github, octokit } = await setup(t)
  github.addUser('stranger')
  const of = async (username: string): Promise<readonly string[]> => {
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username })
    return [data.permission, data.role_name]
  }
  assert.deepEqual(await of('ana'), ['write', 'maintain'])
  assert.deepEqual(await of('eve'), ['read', 'read'])
  assert.deepEqual(await of('stranger'), ['none', 'none'])
  github.repository('acme/ops').permit('ana', 'read')
  assert.deepEqual(await of('ana'), ['read', 'read'])
  await assert.rejects(of('nobody'), status(404))
})

test('a reader may not look up permissions', async (t) => {
  const { github } = await setup(t)
  const eve = clientOf(github, 'eve')
  await assert.rejects(eve.rest.repos.getCollaboratorPermissionLevel({ ...at, username: 'ana' }), status(403))
})

test('the members of a team are listed', async (t) => {
  const { github, octokit } = await setup(t)
  github.addTeam('acme/core', ['ana', 'ben'])
  const { data } = await octokit.rest.teams.listMembersInOrg({ org: 'acme', team_slug: 'core' })
  assert.deepEqual(
    data.map(({ login }) => login),
    ['ana', 'ben'],
  )
  await assert.rejects(octokit.rest.teams.listMembersInOrg({ org: 'acme', team_slug: 'none' }), status(404))
})

test('a repository says whether it is public', async (t) => {
  const { github, octokit } = await setup(t)
  assert.equal((await octokit.rest.repos.get(at)).data.private, true)
  github.repository('acme/ops').settings({ private: false })
  assert.equal((await octokit.rest.repos.get(at)).data.visibility, 'public')
})

test('a commit is read by branch and by hash, with its author’s account and its files', async (t) => {
  const { github, octokit } = await setup(t)
  const repository = github.repository('acme/ops')
  await repository.commit({ 'a.txt': 'one\n', 'b.txt': 'b\n' }, { by: 'ana', message: 'First' })
  const sha = await repository.commit({ 'a.txt': 'two\n', 'b.txt': null }, { by: 'ana', message: 'Second' })
  const { data } = await octokit.rest.repos.getCommit({ ...at, ref: 'heads/main' })
  assert.equal(data.sha, sha)
  assert.equal(data.author?.login, 'ana')
  assert.equal(data.commit.message, 'Second')
  assert.deepEqual(
    data.files?.map(({ filename, status }) => [filename, status]),
    [
      ['a.txt', 'modified'],
      ['b.txt', 'removed'],
    ],
  )
  assert.equal((await octokit.rest.repos.getCommit({ ...at, ref: sha })).data.parents.length, 1)
})

test('an empty repository has no commit (409), another name none either (422)', async (t) => {
  const { github, octokit } = await setup(t)
  await assert.rejects(octokit.rest.repos.getCommit({ ...at, ref: 'main' }), status(409, /empty/))
  await github.repository('acme/ops').commit({ a: 'a' })
  await assert.rejects(octokit.rest.repos.getCommit({ ...at, ref: 'other' }), status(422))
})

test('a status is set on a commit by those who may push', async (t) => {
  const { github, octokit } = await setup(t)
  const sha = await github.repository('acme/ops').commit({ a: 'a' })
  const wanted = { ...at, sha, state: 'failure', context: 'watchbill', description: 'a.yaml:1:2' } as const
  const { data } = await octokit.rest.repos.createCommitStatus(wanted)
  assert.equal(data.state, 'failure')
  assert.equal(github.effects.at(-1)?.text, `${sha} watchbill failure`)
  await assert.rejects(clientOf(github, 'eve').rest.repos.createCommitStatus(wanted), status(403))
})
