// The breaker: when Claude is left alone, and how it is tried again.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  admission,
  after,
  type Breaker,
  type BreakerEvent,
  newBreaker,
  probing,
} from '../../runner/decision/breaker.ts'

const plain: BreakerEvent = { is: 'failed', how: 'plain', why: 'HTTP 500' }
const storm: BreakerEvent = { is: 'failed', how: 'storm', why: 'HTTP 529' }
const good: BreakerEvent = { is: 'succeeded' }

/** Events a second apart. */
function fed(events: readonly BreakerEvent[], everyMs = 1_000): { breaker: Breaker; nowMs: number } {
  let breaker: Breaker = newBreaker
  events.forEach((event, index) => (breaker = after(breaker, event, index * everyMs)))
  return { breaker, nowMs: (events.length - 1) * everyMs }
}

test('a new breaker lets everybody in', () => {
  assert.equal(admission(newBreaker, 0).is, 'go')
})

test('five failures of the last ten open it', () => {
  const mixed = [good, plain, good, plain, good, plain, good, plain, good, plain]
  assert.equal(fed(mixed).breaker.is, 'open')
})

test('four failures of the last ten do not open it', () => {
  assert.equal(fed([plain, plain, plain, plain, good]).breaker.is, 'closed')
})

test('failures that are more than ten requests ago are forgotten', () => {
  const old = [plain, plain, plain, plain, ...Array.from({ length: 9 }, () => good), plain, plain]
  assert.equal(fed(old).breaker.is, 'closed')
})

test('three time-outs or 529 within a minute open it', () => {
  assert.equal(fed([storm, storm, storm], 20_000).breaker.is, 'open')
})

test('three time-outs or 529 in more than a minute do not open it', () => {
  assert.equal(fed([storm, storm, storm], 31_000).breaker.is, 'closed')
})

test('it opens for 15 seconds and says until when and why', () => {
  const { breaker, nowMs } = fed([storm, storm, storm])
  assert.deepEqual(admission(breaker, nowMs), { is: 'shut', untilMs: nowMs + 15_000, why: 'HTTP 529' })
})

test('after the pause one probe is let in and nobody else', () => {
  const { breaker, nowMs } = fed([storm, storm, storm])
  const at = nowMs + 15_000
  assert.equal(admission(breaker, at).is, 'probe')
  assert.equal(admission(probing(breaker, at), at).is, 'shut')
})

test('a probe that succeeds closes it', () => {
  const { breaker, nowMs } = fed([storm, storm, storm])
  assert.deepEqual(after(probing(breaker, nowMs + 15_000), good, nowMs + 16_000), newBreaker)
})

test('probes that fail double the pause up to five minutes', () => {
  let { breaker, nowMs } = fed([storm, storm, storm])
  const pauses: number[] = []
  for (let round = 0; round < 6; round++) {
    assert.ok(breaker.is === 'open')
    nowMs = breaker.untilMs
    breaker = after(probing(breaker, nowMs), plain, nowMs)
    assert.ok(breaker.is === 'open')
    pauses.push(breaker.untilMs - nowMs)
  }
  assert.deepEqual(pauses, [30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
})

test('a probe that never reports makes room for another', () => {
  const { breaker, nowMs } = fed([storm, storm, storm])
  const at = nowMs + 15_000
  assert.equal(admission(probing(breaker, at), at + 150_000).is, 'probe')
})

test('a probe that told nothing lets the next one in at once', () => {
  const { breaker, nowMs } = fed([storm, storm, storm])
  const at = nowMs + 15_000
  assert.equal(admission(after(probing(breaker, at), { is: 'nothing' }, at), at).is, 'probe')
})

test('a request to wait makes all wait, and then all may go', () => {
  const breaker = after(newBreaker, { is: 'throttled', untilMs: 5_000 }, 0)
  assert.deepEqual(admission(breaker, 4_999), { is: 'throttled', untilMs: 5_000 })
  assert.equal(admission(breaker, 5_000).is, 'go')
})

test('what people must put right keeps it shut until the given time, then lets one probe in', () => {
  const breaker = after(newBreaker, { is: 'blocked', untilMs: 9_000, why: 'HTTP 402' }, 0)
  assert.equal(admission(breaker, 8_999).is, 'shut')
  assert.equal(admission(breaker, 9_000).is, 'probe')
})

test('a success of a request from before it opened does not close it', () => {
  const { breaker, nowMs } = fed([storm, storm, storm])
  assert.equal(after(breaker, good, nowMs + 1).is, 'open')
})
