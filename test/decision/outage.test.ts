// When Claude cannot be asked: what the step says, in its order; and how it comes back.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Question } from '../../runner/model/decision.ts'
import { overloaded, rateLimited, reply, serverError, spendLimited, unpaid } from '../fakes/claude/reply.ts'
import { says } from './ask.ts'
import { answered, type Setup, setup, startMs } from './setup.ts'

const ruledInOutage = { choice: 'skip', rule: 1 }
const park: Partial<Question> = { onOutage: ['park'] }
const noKey = { apiKey: null }

/** Three 529 in a row: the breaker of the small model is open. */
async function opened(parts: Setup): Promise<void> {
  parts.claude.script(overloaded(), overloaded(), overloaded())
  await parts.ask(park)
  assert.equal(parts.claude.calls.length, 3)
}

test('without a key the rules for an outage decide, and the route says that it was a fallback', async (t) => {
  const { ask, claude } = await setup(t, noKey)
  const decided = answered(await ask({ onOutage: ['rules', 'park'], ruledInOutage }))
  assert.deepEqual([decided.route, decided.answer.choice, decided.costPicoUsd], ['fallback', 'skip', 0n])
  assert.equal(claude.calls.length, 0)
})

test('where no rule matches, the next way is taken', async (t) => {
  const { ask } = await setup(t, noKey)
  assert.equal((await ask({ onOutage: ['rules', 'park'] })).is, 'parked')
})

test('an always-rule decides without a key too', async (t) => {
  const { ask } = await setup(t, noKey)
  assert.equal(answered(await ask({ ruled: { choice: 'run', rule: 0 } })).route, 'rule')
})

test('people are the end of every list', async (t) => {
  const { ask } = await setup(t, noKey)
  assert.equal((await ask({ onOutage: [] })).is, 'people')
  assert.equal((await ask({ onOutage: ['rules'] })).is, 'people')
})

test('a rule for an outage that chooses something with parameters fails the step', async (t) => {
  const { ask } = await setup(t, noKey)
  const decided = await ask({ onOutage: ['rules'], ruledInOutage: { choice: 'reply', rule: 0 } })
  assert.ok(decided.is === 'failed' && decided.error.kind === 'invalid')
})

test('without a key the page says so', async (t) => {
  const { decider } = await setup(t, noKey)
  const { available, why } = decider.state()
  assert.equal(available, false)
  assert.match(why ?? '', /key/)
})

test('an empty key is none', async (t) => {
  const { decider } = await setup(t, { apiKey: '' })
  assert.equal(decider.state().available, false)
})

test('a parked decision is tried again in five minutes when nobody knows how long it takes', async (t) => {
  const { ask } = await setup(t, noKey)
  const decided = await ask(park)
  assert.ok(decided.is === 'parked')
  assert.equal(decided.untilMs, startMs + 300_000)
})

test('three 529 open the breaker, and then nothing is sent or reserved', async (t) => {
  const parts = await setup(t)
  await opened(parts)
  const before = await parts.reservations()
  assert.equal((await parts.ask(park)).is, 'parked')
  assert.equal(parts.claude.calls.length, 3)
  assert.deepEqual(await parts.reservations(), before)
  assert.equal(parts.decider.state().available, false)
})

test('a run that was parked by the breaker is woken when the probe is due', async (t) => {
  const parts = await setup(t)
  await opened(parts)
  const decided = await parts.ask(park)
  assert.ok(decided.is === 'parked')
  assert.equal(decided.untilMs, parts.decider.state().untilMs)
})

test('of several that come back at once, one probes and the others wait on', async (t) => {
  const parts = await setup(t)
  await opened(parts)
  parts.clock.pass(15_000)
  parts.claude.answerWith(() => reply({ answer: says('skip'), delayMs: 50 }))
  const all = await Promise.all(Array.from({ length: 5 }, () => parts.ask(park)))
  assert.equal(all.filter((one) => one.is === 'answered').length, 1)
  assert.equal(parts.claude.calls.length, 4)
  assert.equal((await parts.reservations()).filter((state) => state === 'held' || state === 'sent').length, 0)
})

test('after a probe that succeeded everything is as before', async (t) => {
  const parts = await setup(t)
  await opened(parts)
  parts.clock.pass(15_000)
  answered(await parts.ask(park))
  answered(await parts.ask(park))
  assert.equal(parts.decider.state().available, true)
})

test('a large model that is away sends the question to people, not into the outage', async (t) => {
  const { ask, claude } = await setup(t)
  claude.script(says('unsure'), unpaid())
  const decided = await ask({ onOutage: ['park'] })
  assert.ok(decided.is === 'people')
  assert.match(decided.why, /unsure/)
})

test('a spend limit shuts Claude off until the UTC month ends, for every model', async (t) => {
  const { ask, claude, decider } = await setup(t)
  claude.script(spendLimited())
  const decided = await ask(park)
  assert.ok(decided.is === 'parked')
  assert.equal(decided.untilMs, Date.UTC(2026, 11, 1))
  const other = await ask({ ...park, models: { small: 'claude-opus-5-5', large: 'claude-opus-5-5' } })
  assert.equal(other.is, 'parked')
  assert.equal(claude.calls.length, 1)
  assert.equal(decider.state().untilMs, Date.UTC(2026, 11, 1))
})

for (const [name, failure] of Object.entries({
  'an unpaid account': unpaid(),
  'a wrong key': reply({ status: 401 }),
})) {
  test(`${name} is tried again once an hour`, async (t) => {
    const { ask, claude, clock } = await setup(t)
    claude.script(failure)
    const decided = await ask(park)
    assert.ok(decided.is === 'parked')
    assert.equal(decided.untilMs, startMs + 3_600_000)
    clock.pass(3_600_000)
    answered(await ask(park))
    assert.equal(claude.calls.length, 2)
  })
}

test('a model that is gone does not stop the others', async (t) => {
  const { ask, claude } = await setup(t)
  claude.script(reply({ status: 404 }))
  assert.equal((await ask(park)).is, 'parked')
  answered(await ask({ models: { small: 'claude-haiku-4-5', large: 'claude-haiku-4-5' } }))
})

test('a short wait that the API asks for is waited for, and then the answer counts', async (t) => {
  const { ask, claude, clock } = await setup(t)
  claude.script(rateLimited(20), says('skip'))
  assert.equal(answered(await ask()).answer.choice, 'skip')
  assert.deepEqual(clock.slept, [20_000])
})

test('a wait of more than a minute parks the run until then', async (t) => {
  const { ask, claude } = await setup(t)
  claude.script(rateLimited(90))
  const decided = await ask(park)
  assert.ok(decided.is === 'parked')
  assert.equal(decided.untilMs, startMs + 90_000)
  assert.equal(claude.calls.length, 1)
})

test('a server error is tried again at most twice, each with its own reservation, with growing pauses', async (t) => {
  const { ask, claude, clock, reservations } = await setup(t)
  claude.script(serverError(), serverError(), serverError())
  assert.equal((await ask(park)).is, 'parked')
  assert.deepEqual(await reservations(), ['presumed', 'presumed', 'presumed'])
  assert.deepEqual(clock.slept, [500, 2_000])
})

test('an unknown model is not called', async (t) => {
  const { ask, claude } = await setup(t)
  const decided = await ask({ models: { small: 'claude-imaginary-9', large: 'claude-imaginary-9' } })
  assert.ok(decided.is === 'people')
  assert.match(decided.why, /claude-imaginary-9/)
  assert.equal(claude.calls.length, 0)
})

test('a full month parks until the next one', async (t) => {
  const { ask, claude } = await setup(t)
  const decided = await ask({ ...park, caps: [{ window: 'usd:month:2026-11', unit: 'pico_usd', max: 1n }] })
  assert.ok(decided.is === 'parked')
  assert.equal(decided.untilMs, Date.UTC(2026, 11, 1))
  assert.equal(claude.calls.length, 0)
})

test('a full day of calls parks until tomorrow', async (t) => {
  const { ask } = await setup(t)
  const caps = [{ window: 'calls:day:2026-11-22', unit: 'calls' as const, max: 1n }]
  answered(await ask({ caps }))
  const decided = await ask({ ...park, caps })
  assert.ok(decided.is === 'parked')
  assert.equal(decided.untilMs, Date.UTC(2026, 10, 23))
})

test('a full budget of the run itself is not waited for', async (t) => {
  const { ask } = await setup(t)
  const caps = [{ window: 'usd:run:run-1', unit: 'pico_usd' as const, max: 1n }]
  assert.equal((await ask({ ...park, caps })).is, 'people')
})

test('a budget that the large model would pass sends the question to people', async (t) => {
  const { ask, claude } = await setup(t)
  claude.script(says('unsure'))
  const caps = [{ window: 'usd:run:run-1', unit: 'pico_usd' as const, max: 3_000_000_000n }]
  assert.equal((await ask({ caps })).is, 'people')
  assert.equal(claude.calls.length, 1)
})
