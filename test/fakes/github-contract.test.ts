// The fake GitHub is held against GitHub's own API description, in both directions.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { clientOf, status } from './github/client.ts'
import { match, responseViolation } from './github/contract.ts'
import { startGitHub } from './github/server.ts'

const at = { owner: 'acme', repo: 'ops' }

async function setup(t: TestContext) {
  const github = await startGitHub(t, { violations: 'kept' })
  await github.addRepository('acme/ops', { people: { runner: 'write' } })
  return { github, octokit: clientOf(github, 'runner') }
}

test('a request against the contract is 500 and kept', async (t) => {
  const { github, octokit } = await setup(t)
  const refused = async (path: string, body?: object): Promise<void> =>
    assert.rejects(octokit.request(path, { ...at, ...body }), status(500, /contract/))
  await refused('POST /repos/{owner}/{repo}/issues', { body: 'no title' })
  await refused('POST /repos/{owner}/{repo}/issues', { title: 'a', colour: 'red' })
  await refused('GET /repos/{owner}/{repo}/issues', { state: 'ajar' })
  await refused('GET /repos/{owner}/{repo}/issues', { since: 'yesterday' })
  await refused('GET /repos/{owner}/{repo}/issues', { order: 'asc' })
  await refused('GET /repos/{owner}/{repo}/issues/one')
  await refused('DELETE /repos/{owner}/{repo}')
  assert.equal(github.violations.length, 7)
  assert.deepEqual(github.effects, [])
})

test('an answer of the fake against the contract is 500 and kept too', async (t) => {
  const { github, octokit } = await setup(t)
  await github.addRepository('acme/no address', { people: { runner: 'read' } })
  await assert.rejects(octokit.rest.repos.get({ owner: 'acme', repo: 'no address' }), status(500))
  assert.match(github.violations.join(), /repos\/get 200: .*format "uri"/)
})

test('a literal part of a path wins over a parameter', () => {
  assert.equal(match('GET', '/repos/a/b/issues/comments')?.operation.id, 'issues/list-comments-for-repo')
  assert.equal(match('GET', '/repos/a/b/issues/7')?.operation.id, 'issues/get')
})

const answers: readonly (readonly [string, number, unknown, RegExp | null])[] = [
  ['a missing field', 200, { id: 1 }, /required property/],
  ['a wrong type', 404, { message: 4 }, /must be string/],
  ['a status never given', 202, {}, /never answers 202/],
  ['a body where there is none', 304, {}, /with a body/],
  ['an error the description leaves out', 401, { message: 'Bad credentials' }, null],
]
for (const [what, status, body, expected] of answers)
  test(`an answer is judged: ${what}`, () => {
    const found = match('GET', '/repos/a/b/issues/7')
    assert.ok(found)
    const violation = responseViolation(found, status, body)
    if (expected === null) assert.equal(violation, null)
    else assert.match(violation ?? '', expected)
  })

test('null is taken where the description says so and nowhere else', () => {
  const found = match('GET', '/users/ana')
  assert.ok(found)
  const violation = responseViolation(found, 404, { message: null })
  assert.match(violation ?? '', /must be string/)
})
