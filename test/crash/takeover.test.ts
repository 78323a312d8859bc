import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killHolder, pausePastLease } from './takeover.ts'

test('a runner that was stopped past its lease writes nothing any more, and what may happen once is asked about', async (t) => {
  const { tally, lateRows } = await pausePastLease(t, (line) => t.diagnostic(line))
  assert.equal(lateRows, 0)
  assert.deepEqual(tally, { points: 0, kills: 0, lost: 0, doubled: 0, unknown: 4 })
})

/** The aim is 2 s; a machine that is busy with other tests gets more. */
const soonMs = 6_000

test('when a runner is killed, one that lives beside it goes on soon', async (t) => {
  const heir = { kind: 'postgres', heir: 'lives already' } as const
  const { tally, firstStepMs } = await killHolder(t, heir, (line) => t.diagnostic(line))
  assert.deepEqual(tally, { points: 0, kills: 0, lost: 0, doubled: 0, unknown: 4 })
  assert.ok(firstStepMs < soonMs, `${firstStepMs} ms`)
})
