// What passes is tried again, up to an end; what does not pass is not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../fakes/clock.ts'
import { DatabaseError, type DatabaseErrorKind } from '../../runner/store/database.ts'
import { createLane } from '../../runner/store/lane.ts'
import { outlast } from '../../runner/store/outlast.ts'

function failing(kind: DatabaseErrorKind, times: number): () => Promise<number> {
  let calls = 0
  return async () => {
    calls += 1
    if (calls <= times) throw new DatabaseError({ kind, code: '' }, new Error(kind))
    return calls
  }
}

for (const kind of ['connection', 'serialization', 'read_only', 'resource'] as const) {
  test(`a failure of kind ${kind} is tried again until it works`, async () => {
    const clock = fakeClock(0)
    const result = outlast({ clock, retries: 3 }, failing(kind, 3))
    await clock.advance(60_000)
    assert.equal(await result, 4)
  })
}

for (const kind of ['data', 'unique', 'schema', 'other'] as const) {
  test(`a failure of kind ${kind} would fail again and is thrown at once`, async () => {
    const clock = fakeClock(0)
    await assert.rejects(outlast({ clock, retries: 3 }, failing(kind, 1)), { kind })
  })
}

test('patience ends after the attempts that are allowed', async () => {
  const clock = fakeClock(0)
  const result = assert.rejects(outlast({ clock, retries: 3 }, failing('connection', 4)), {
    kind: 'connection',
  })
  await clock.advance(60_000)
  await result
})

test('the eighteen attempts of the runner last longer than a minute, with pauses of at most five seconds', async () => {
  const clock = fakeClock(0)
  let lastMs = 0
  let longestMs = 0
  const work = async (): Promise<never> => {
    longestMs = Math.max(longestMs, clock.monotonic() - lastMs)
    lastMs = clock.monotonic()
    return failing('connection', 1)() as Promise<never>
  }
  const result = assert.rejects(outlast({ clock, retries: 18 }, work))
  await clock.advance(600_000)
  await result
  assert.ok(lastMs > 60_000 && lastMs < 90_000, `${lastMs}`)
  assert.equal(longestMs, 5_000)
})

test('a store that is away is away for a whole batch: its items are not tried one by one', async () => {
  const clock = fakeClock(0)
  let calls = 0
  const write = async (): Promise<never> => {
    calls += 1
    throw new DatabaseError({ kind: 'connection', code: '' }, new Error('away'))
  }
  const lane = createLane<number, never>(write, { clock, retries: 2, itemsMax: 256 })
  const pushed = Promise.allSettled(Array.from({ length: 50 }, (_, n) => lane.push(n)))
  await clock.advance(60_000)
  const settled = await pushed
  assert.ok(settled.every((one) => one.status === 'rejected'))
  assert.equal(calls, 3)
})
