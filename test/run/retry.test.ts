import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../runner/model/error.ts'
import { retryAt } from '../../runner/run/retry.ts'

const retry = { times: 3, fromMs: 1_000, toMs: 60_000, on: ['timeout', 'unavailable'] } as const
const thrown = new Failure('timeout', 'slow')

test('an attempt beyond the last is not repeated', () => {
  assert.notEqual(retryAt(retry, { attempt: 3, thrown, kind: 'timeout', nowMs: 0 }, 0.5), null)
  assert.equal(retryAt(retry, { attempt: 4, thrown, kind: 'timeout', nowMs: 0 }, 0.5), null)
})

test('kinds that the flow does not name are not repeated', () => {
  assert.equal(retryAt(retry, { attempt: 1, thrown, kind: 'refused', nowMs: 0 }, 0.5), null)
})

test('without `retry` nothing is repeated', () => {
  assert.equal(retryAt(null, { attempt: 1, thrown, kind: 'timeout', nowMs: 0 }, 0.5), null)
})

test('jitter is full: between now and the exponential bound, never above the ceiling', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, uniform) => {
        const at = retryAt(retry, { attempt, thrown, kind: 'timeout', nowMs: 10_000 }, uniform) ?? -1
        assert.ok(at >= 10_000 && at <= 10_000 + Math.min(60_000, 1_000 * 2 ** (attempt - 1)))
      },
    ),
  )
})

test('the other side says when to come back and is obeyed, up to an hour', () => {
  const asked = (ms: number): Failure => new Failure('timeout', 'slow', { retryAfterMs: ms })
  assert.equal(retryAt(retry, { attempt: 1, thrown: asked(30_000), kind: 'timeout', nowMs: 0 }, 0), 30_000)
  assert.equal(retryAt(retry, { attempt: 1, thrown: asked(9e9), kind: 'timeout', nowMs: 0 }, 0), 3_600_000)
})
