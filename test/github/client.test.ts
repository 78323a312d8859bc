// The one client: typed failures, nothing written twice, nothing asked that was just refused, no token told.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createGitHub } from '../../runner/github/client.ts'
import { statusOf } from '../../runner/github/failure.ts'
import { Failure } from '../../runner/model/error.ts'
import { systemClock } from '../../runner/world/clock.ts'
import type { Log } from '../../runner/world/log.ts'
import { startGitHub } from '../fakes/github/server.ts'

const repository = 'acme/ops'
const issue = { repository, title: 'One', body: 'text', labels: [], assignees: [] }

async function setup(
  t: TestContext,
  given: { readonly writeGapMs?: number; readonly timeoutMs?: number } = {},
) {
  let nowMs = Date.UTC(2026, 10, 22, 9)
  const github = await startGitHub(t, { now: () => nowMs })
  await github.addRepository(repository, { people: { runner: 'write', ana: 'write', eve: 'read' } })
  const said: string[] = []
  const say: Log['info'] = (fields, message) => void said.push(`${message} ${JSON.stringify(fields)}`)
  const token = github.token('runner')
  const clock = { ...systemClock, now: () => nowMs }
  const log = { debug: say, info: say, warn: say, error: say }
  const client = createGitHub({ token, url: github.url, clock, log, writeGapMs: 0, ...given })
  return { github, client, token, said, pass: (ms: number) => void (nowMs += ms) }
}

/** For `assert.rejects`: a failure of this kind, with the status GitHub gave. */
const failure = (kind: Failure['kind'], status?: number, effect?: 'none') => (error: unknown) =>
  error instanceof Failure &&
  error.kind === kind &&
  (status === undefined || statusOf(error) === status) &&
  error.effect === effect

test('actions create issues and comments, and find them again as theirs', async (t) => {
  const { github, client } = await setup(t)
  const { number, id } = await client.actions.createIssue({ ...issue, labels: ['bug'], assignees: ['ana'] })
  github.as('ana').issue(repository, 'hers', 'body')
  await client.actions.createComment({ repository, issue: number, body: 'mine' })
  github.as('ana').comment(repository, number, 'hers')
  const issues = await client.actions.recentIssues(repository)
  assert.deepEqual(
    issues.map((one) => [one.number, one.mine]),
    [
      [2, false],
      [1, true],
    ],
  )
  assert.equal(issues[1]?.id, id)
  const comments = await client.actions.recentComments(repository, number)
  assert.deepEqual(
    comments.map((one) => [one.body, one.mine]),
    [
      ['hers', false],
      ['mine', true],
    ],
  )
})

test('the newest comments are the newest, also of 250', async (t) => {
  const { github, client, pass } = await setup(t)
  github.as('ana').issue(repository, 'long')
  for (let index = 1; index <= 250; index++) {
    pass(1_000)
    github.as('ana').comment(repository, 1, String(index))
  }
  const bodies = (await client.actions.recentComments(repository, 1)).map((one) => one.body)
  assert.deepEqual([bodies.length, bodies[0], bodies[99]], [100, '250', '151'])
})

test('every refusal is typed, and says that nothing happened', async (t) => {
  const { github, client } = await setup(t)
  const expected: readonly [number, Failure['kind']][] = [
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [409, 'refused'],
    [410, 'refused'],
    [422, 'invalid'],
  ]
  for (const [status, kind] of expected) {
    github.faults.add({ status })
    await assert.rejects(client.actions.createIssue(issue), failure(kind, status, 'none'))
  }
  assert.equal(github.effects.length, 0)
})

test('a write is sent once, whatever comes back, and its effect stays open', async (t) => {
  const { github, client } = await setup(t)
  const faults = [
    { status: 500 },
    { status: 502 },
    { accept: true, status: 500 },
    { accept: true, cut: true },
    { cut: true },
    { accept: true, raw: '{"id":1,"nod' },
  ] as const
  for (const fault of faults) {
    const before = github.requests.length
    github.faults.add({ method: 'POST', ...fault })
    await assert.rejects(client.actions.createIssue(issue), failure('unavailable'))
    assert.equal(github.requests.length, before + 1, JSON.stringify(fault))
  }
})

test('an answer that is no JSON, or has another shape, is a failure and not half an issue', async (t) => {
  const { github, client } = await setup(t)
  const since = { repository, sinceMs: 0, etag: null }
  for (const raw of ['', '{"id":1,"nod', 'null', '"text"', '{}', '[{}]', '[null]', '[{"id":1}]']) {
    github.faults.add({ method: 'GET', accept: true, raw })
    await assert.rejects(client.tickets.commentsSince(since), failure('unavailable'), raw)
  }
})

test('a server that does not answer in time is a time-out', async (t) => {
  const { github, client } = await setup(t, { timeoutMs: 50 })
  github.faults.add({ delayMs: Number.POSITIVE_INFINITY })
  await assert.rejects(client.tickets.me(), failure('timeout'))
})

test('nobody there is a failure of the way, not of us', async (t) => {
  const { github, client } = await setup(t)
  await github.close()
  await assert.rejects(client.tickets.me(), failure('unavailable'))
})

test('after the hourly limit nothing is sent until it is over', async (t) => {
  const { github, client, pass } = await setup(t)
  github.limits.remaining(0)
  await assert.rejects(client.tickets.me(), failure('rate_limited', 403, 'none'))
  const sent = github.requests.length
  await assert.rejects(
    client.actions.createIssue(issue),
    (error: Failure) => (error.retryAfterMs ?? 0) > 60_000,
  )
  assert.equal(github.requests.length, sent)
  pass(3_601_000)
  assert.equal((await client.tickets.me()).login, 'runner')
})

test('a secondary limit without a time is a minute, and the next one in a row longer', async (t) => {
  const { github, client, pass } = await setup(t)
  for (const [status, pauseMs] of [
    [403, 60_000],
    [429, 120_000],
  ] as const) {
    github.limits.secondary({ status, retryAfterSeconds: null, forMs: 1 })
    await assert.rejects(client.tickets.me(), failure('rate_limited', status, 'none'))
    pass(pauseMs - 1)
    await assert.rejects(client.tickets.me(), failure('rate_limited', undefined, 'none'))
    pass(1)
  }
  assert.equal((await client.tickets.me()).login, 'runner')
})

test('a stated time is obeyed', async (t) => {
  const { github, client, pass } = await setup(t)
  github.limits.secondary({ retryAfterSeconds: 7, forMs: 7_000 })
  await assert.rejects(client.tickets.me(), (error: Failure) => error.retryAfterMs === 7_000)
  pass(7_001)
  assert.equal((await client.tickets.me()).login, 'runner')
})

test('a missing permission is not taken for a rate limit', async (t) => {
  const { github, client } = await setup(t)
  github.faults.add({ status: 403, body: { message: 'Resource not accessible by integration' } })
  await assert.rejects(client.tickets.me(), failure('refused', 403, 'none'))
  assert.equal((await client.tickets.me()).login, 'runner')
})

test('writes leave with a gap between them, reads do not wait', async (t) => {
  const { client } = await setup(t, { writeGapMs: 150 })
  const startMs = performance.now()
  await Promise.all([1, 2, 3].map(() => client.actions.createIssue(issue)))
  assert.ok(performance.now() - startMs >= 300)
  const readMs = performance.now()
  await Promise.all([1, 2, 3].map(() => client.tickets.me()))
  assert.ok(performance.now() - readMs < 300)
})

test('an unchanged answer is asked for conditionally and is still right, a changed one is new', async (t) => {
  const { github, client } = await setup(t)
  const number = github.as('ana').issue(repository, 'One', 'before')
  assert.equal((await client.tickets.issue(repository, number))?.body, 'before')
  assert.equal((await client.tickets.issue(repository, number))?.body, 'before')
  assert.ok(github.requests.at(-1)?.headers['if-none-match'])
  github.as('ana').editIssue(repository, number, { body: 'after' })
  assert.equal((await client.tickets.issue(repository, number))?.body, 'after')
})

test('205 comments are all read', async (t) => {
  const { github, client, pass } = await setup(t)
  github.as('ana').issue(repository, 'One')
  const ids: number[] = []
  for (let index = 0; index < 205; index++) {
    pass(1_000)
    ids.push(github.as('ana').comment(repository, 1, String(index)))
  }
  const batch = await client.tickets.commentsSince({ repository, sinceMs: 0, etag: null })
  assert.ok(batch !== 'unchanged')
  assert.deepEqual(new Set(batch.comments.map((one) => Number(one.id))), new Set(ids))
})

test('150 comments of one second are all read', async (t) => {
  const { github, client } = await setup(t)
  github.as('ana').issue(repository, 'One')
  for (let index = 0; index < 150; index++) github.as('ana').comment(repository, 1, String(index))
  const batch = await client.tickets.commentsSince({ repository, sinceMs: 0, etag: null })
  assert.equal(batch !== 'unchanged' && new Set(batch.comments.map((one) => one.id)).size, 150)
})

test('what is gone or moved is null, for issues, comments, people and teams', async (t) => {
  const { github, client } = await setup(t)
  await github.addRepository('acme/other', { people: { ana: 'admin', runner: 'read' } })
  github.repository(repository).permit('ana', 'admin')
  for (const title of ['deleted', 'moved']) github.as('ana').issue(repository, title)
  github.as('ana').deleteIssue(repository, 1)
  github.as('ana').transfer(repository, 2, 'acme/other')
  assert.equal(await client.tickets.issue(repository, 1), null)
  assert.equal(await client.tickets.issue(repository, 2), null)
  assert.equal(await client.tickets.comment(repository, '12345'), null)
  assert.equal(await client.tickets.userId('nobody'), null)
  assert.equal(await client.tickets.permission(repository, 'nobody'), null)
  assert.equal(await client.tickets.teamMembers('acme', 'none'), null)
})

test('the permission is the one that GitHub enforces', async (t) => {
  const { github, client } = await setup(t)
  for (const [role, mayWrite] of [
    ['none', false],
    ['read', false],
    ['triage', false],
    ['write', true],
    ['maintain', true],
    ['admin', true],
  ] as const) {
    github.repository(repository).permit('ana', role)
    assert.equal((await client.tickets.permission(repository, 'ana'))?.mayWrite, mayWrite, role)
  }
})

test('a name that is no repository is refused before anything is sent', async (t) => {
  const { github, client } = await setup(t)
  for (const name of ['', 'acme', 'acme/', '/ops', 'a/b/c'])
    await assert.rejects(
      client.actions.createIssue({ ...issue, repository: name }),
      failure('invalid', undefined, 'none'),
    )
  assert.equal(github.requests.length, 0)
})

test('the token is sent and never said', async (t) => {
  const { github, client, token, said } = await setup(t)
  const errors: unknown[] = []
  for (const status of [200, 401, 403, 500]) {
    if (status !== 200) github.faults.add({ status })
    await client.actions.createIssue(issue).catch((error: Failure) => errors.push(error, error.cause))
  }
  assert.ok(github.requests[0]?.headers['authorization']?.includes(token))
  const told = JSON.stringify([said, errors.map((error) => [String(error), JSON.stringify(error)])])
  assert.equal(told.includes(token), false)
  assert.match(github.requests[0]?.headers['user-agent'] ?? '', /^watchbill/)
})
