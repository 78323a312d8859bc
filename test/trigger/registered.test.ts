// Triggers in the store: begun once, moved on by one, gone with their flow.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '../../runner/store/database.ts'
import {
  type Advance,
  advanceSchedules,
  plannedSchedules,
  type Registration,
  registerTriggers,
  unplannedSchedules,
} from '../../runner/store/triggers.ts'
import { freshDatabase, kinds } from '../store/bring.ts'

const every = (ms: number, more: Registration['spec'] | object = {}): Registration => ({
  flow: 'a',
  trigger: 'tick',
  kind: 'schedule',
  spec: { rhythm: { every_ms: ms, timezone: 'UTC' }, ...more },
})

const put = (
  database: Database,
  triggers: readonly Registration[],
  more: { nowMs: number; kept?: readonly string[] },
) => database.transaction((tx) => registerTriggers(tx, { triggers, kept: more.kept ?? [] }, more.nowMs))

const move = (wasMs: number | null, nextMs: number): Advance => ({
  flow: 'a',
  trigger: 'tick',
  wasMs,
  nextMs,
  slotMs: wasMs,
  firedMs: null,
})

for (const kind of kinds) {
  test(`${kind}: of two that move one schedule on, one does`, async (t) => {
    const database = await freshDatabase(kind, t)
    await put(database, [every(60_000)], { nowMs: 5 })
    assert.deepEqual(await unplannedSchedules(database), [
      { flow: 'a', trigger: 'tick', sinceMs: 5, nextMs: null },
    ])
    assert.equal((await advanceSchedules(database, [move(null, 60_000)])).length, 1)
    assert.equal((await advanceSchedules(database, [move(60_000, 120_000)])).length, 1)
    assert.equal((await advanceSchedules(database, [move(60_000, 90_000)])).length, 0)
    const planned = await plannedSchedules(database, 1e12)
    assert.deepEqual(
      planned.map(({ nextMs }) => nextMs),
      [120_000],
    )
  })

  test(`${kind}: another rhythm begins anew, other words go on`, async (t) => {
    const database = await freshDatabase(kind, t)
    await put(database, [every(60_000)], { nowMs: 5 })
    await advanceSchedules(database, [move(null, 60_000)])
    await put(database, [every(60_000, { overlap: 'queue' })], { nowMs: 6 })
    assert.deepEqual(await plannedSchedules(database, 1e12), [
      { flow: 'a', trigger: 'tick', sinceMs: 5, nextMs: 60_000 },
    ])
    await put(database, [every(30_000)], { nowMs: 7 })
    assert.deepEqual(await unplannedSchedules(database), [
      { flow: 'a', trigger: 'tick', sinceMs: 7, nextMs: null },
    ])
  })

  test(`${kind}: a trigger goes with its flow, unless the flow is only broken`, async (t) => {
    const database = await freshDatabase(kind, t)
    await put(database, [every(60_000)], { nowMs: 5 })
    await advanceSchedules(database, [move(null, 60_000)])
    await put(database, [], { nowMs: 6, kept: ['a'] })
    assert.equal((await plannedSchedules(database, 1e12)).length, 1)
    await put(database, [], { nowMs: 7 })
    assert.equal((await plannedSchedules(database, 1e12)).length, 0)
    assert.equal((await advanceSchedules(database, [move(60_000, 120_000)])).length, 0)
    await put(database, [every(60_000)], { nowMs: 8 })
    assert.deepEqual(await unplannedSchedules(database), [
      { flow: 'a', trigger: 'tick', sinceMs: 8, nextMs: null },
    ])
  })
}
