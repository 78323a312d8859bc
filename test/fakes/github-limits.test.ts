// The fake GitHub's limits, conditional requests and faults, met by the real Octokit.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { faultFromCase, githubCases } from './github/cases.ts'
import { clientOf, status } from './github/client.ts'
import { type GitHubOptions, startGitHub } from './github/server.ts'

const at = { owner: 'acme', repo: 'ops' }
const startMs = Date.UTC(2026, 10, 22, 9)

async function setup(t: TestContext, options: GitHubOptions = {}) {
  let nowMs = startMs
  const github = await startGitHub(t, { now: () => nowMs, ...options })
  await github.addRepository('acme/ops', { people: { runner: 'write', ana: 'write' } })
  return { github, octokit: clientOf(github, 'runner'), pass: (ms: number) => void (nowMs += ms) }
}

test('every answer says what is left of the budget and when it is full again', async (t) => {
  const { octokit } = await setup(t)
  const { headers } = await octokit.rest.repos.get(at)
  assert.equal(headers['x-ratelimit-remaining'], '4999')
  assert.equal(headers['x-ratelimit-reset'], String(startMs / 1_000 + 3_600))
  assert.equal(headers.date, 'Sun, 22 Nov 2026 09:00:00 GMT')
})

test('a used-up budget is 403 until the hour is over', async (t) => {
  const { octokit, pass } = await setup(t, { budget: 2 })
  await octokit.rest.repos.get(at)
  await octokit.rest.repos.get(at)
  await assert.rejects(octokit.rest.repos.get(at), status(403, /API rate limit exceeded/))
  pass(3_600_000)
  await octokit.rest.repos.get(at)
})

test('a test can leave as many requests as it likes', async (t) => {
  const { github, octokit } = await setup(t)
  github.limits.remaining(1)
  const { headers } = await octokit.rest.repos.get(at)
  assert.equal(headers['x-ratelimit-remaining'], '0')
  await assert.rejects(octokit.rest.repos.get(at), status(403))
})

test('an unchanged answer is 304 and costs nothing', async (t) => {
  const { github, octokit } = await setup(t)
  github.as('ana').issue('acme/ops', 'One')
  const { headers } = await octokit.rest.issues.listForRepo(at)
  const again = () =>
    octokit.rest.issues.listForRepo({ ...at, headers: { 'if-none-match': headers.etag ?? '' } })
  await assert.rejects(again(), status(304))
  assert.equal((await octokit.rest.rateLimit.get()).data.rate.used, 1)
  github.as('ana').comment('acme/ops', 1, 'new')
  assert.equal((await again()).data[0]?.comments, 1)
})

test('asking for the limits costs nothing', async (t) => {
  const { octokit } = await setup(t)
  await octokit.rest.rateLimit.get()
  assert.equal((await octokit.rest.rateLimit.get()).data.rate.remaining, 5_000)
})

test('the 81st write of a minute meets the secondary limit', async (t) => {
  const { octokit, pass } = await setup(t)
  const write = () => octokit.rest.issues.create({ ...at, title: 'One' })
  for (let count = 0; count < 80; count += 1) await write()
  await assert.rejects(write(), status(403, /secondary rate limit/))
  pass(60_000)
  await write()
})

test('a secondary limit can be a 429 with retry-after or a 403 without, for a while', async (t) => {
  const { github, octokit, pass } = await setup(t)
  const retryAfter = async (): Promise<string | undefined> =>
    octokit.rest.repos.get(at).then(
      () => assert.fail('was answered'),
      (error: { response: { headers: Record<string, string> } }) => error.response.headers['retry-after'],
    )
  github.limits.secondary({ status: 429, retryAfterSeconds: 30, forMs: 30_000 })
  assert.equal(await retryAfter(), '30')
  github.limits.secondary({ retryAfterSeconds: null, forMs: 30_000 })
  assert.equal(await retryAfter(), undefined)
  pass(30_000)
  await octokit.rest.repos.get(at)
})

test('a fault meets the requests it names and only as often as it says', async (t) => {
  const { github, octokit } = await setup(t)
  github.faults.add({ method: 'GET', path: /^\/repos\/acme\/ops$/, status: 502, times: 2 })
  await octokit.rest.issues.listForRepo(at)
  await assert.rejects(octokit.rest.repos.get(at), status(502))
  await assert.rejects(octokit.rest.repos.get(at), status(502))
  await octokit.rest.repos.get(at)
})

test('an answer cut in its middle reaches Octokit as one of 200 with empty data', async (t) => {
  const { github, octokit } = await setup(t)
  github.faults.add({ cut: { afterBytes: 10 } })
  assert.equal((await octokit.rest.repos.get(at)).data, '')
})

test('an answer of half a JSON reaches Octokit as one of 200 with a text as data', async (t) => {
  const { github, octokit } = await setup(t)
  github.faults.add({ status: 200, raw: '{"id":1,"nod' })
  assert.equal((await octokit.rest.repos.get(at)).data, '{"id":1,"nod')
})

test('a late answer is late, its effect is not', async (t) => {
  const { github, octokit } = await setup(t)
  github.faults.add({ delayMs: Number.POSITIVE_INFINITY })
  const request = { signal: AbortSignal.timeout(100) }
  await assert.rejects(octokit.rest.issues.create({ ...at, title: 'One', request }))
  assert.equal(github.effects.length, 1)
})

test('cleared faults meet nobody', async (t) => {
  const { github, octokit } = await setup(t)
  github.faults.add({ status: 500, times: Number.POSITIVE_INFINITY })
  github.faults.clear()
  await octokit.rest.repos.get(at)
})

const took: Readonly<Record<string, boolean>> = { 'created-then-cut': true, 'created-then-500': true }
for (const given of githubCases)
  test(`case ${given.id} can be played`, async (t) => {
    const { github, octokit } = await setup(t)
    github.faults.add(faultFromCase(given, startMs))
    const error = await octokit.rest.issues.create({ ...at, title: 'One' }).then(
      ({ data }) => data,
      (thrown: unknown) => thrown as { status?: number; response?: { headers: Record<string, string> } },
    )
    if (given.id === '403-primary')
      assert.equal(
        (error as { response: { headers: Record<string, string> } }).response.headers['x-ratelimit-reset'],
        String(startMs / 1_000 + 900),
      )
    if (given.status !== undefined && given.status >= 300)
      assert.equal((error as { status?: number }).status, given.status)
    assert.equal(github.effects.length, took[given.id] === true ? 1 : 0)
  })
