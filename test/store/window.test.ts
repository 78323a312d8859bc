// The window of hints: who of the ready runs gets a job, and in which order, on both databases.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aVersion } from './a-run.ts'
import { freshDatabase, kinds } from './bring.ts'
import { manyRuns } from './many-runs.ts'
import type { Database } from '../../runner/store/database.ts'
import { claimRuns } from '../../runner/store/runs.ts'
import { anyUnhinted, hintNext, outranked, waitingFlows } from '../../runner/store/window.ts'

function fill(database: Database, flows: readonly string[], max = 8): Promise<string[]> {
  const given = { flows, perFlow: max, max, flowsMax: 32 }
  return database.transaction(async (tx) => (await hintNext(tx, given)).map((one) => one.run))
}

for (const kind of kinds) {
  test(`${kind}: flows that have ready runs are found by name, however many runs wait`, async (t) => {
    const database = await freshDatabase(kind, t)
    await aVersion(database)
    await manyRuns(database, { flow: 'a', runs: 2_000, status: 'ready' })
    await manyRuns(database, { flow: 'b', runs: 1, status: 'ready' })
    await manyRuns(database, { flow: 'c', runs: 5, status: 'parked' })
    await manyRuns(database, { flow: 'd', runs: 1, status: 'ready' })
    assert.deepEqual(await waitingFlows(database, '', 10), ['a', 'b', 'd'])
    assert.deepEqual(await waitingFlows(database, 'a', 1), ['b'])
  })

  test(`${kind}: the window goes round by flow, the oldest of each flow first`, async (t) => {
    const database = await freshDatabase(kind, t)
    await aVersion(database)
    await manyRuns(database, { flow: 'a', runs: 100, status: 'ready', createdMs: 1_000 })
    await manyRuns(database, { flow: 'b', runs: 2, status: 'ready', createdMs: 900_000 })
    assert.deepEqual(await fill(database, ['a', 'b'], 6), [
      'a-00000',
      'b-00000',
      'a-00001',
      'b-00001',
      'a-00002',
      'a-00003',
    ])
  })

  test(`${kind}: what stands in the window counts, so a full flow waits for the others`, async (t) => {
    const database = await freshDatabase(kind, t)
    await aVersion(database)
    await manyRuns(database, { flow: 'a', runs: 100, status: 'ready', createdMs: 1_000 })
    await fill(database, ['a'], 4)
    await manyRuns(database, { flow: 'b', runs: 3, status: 'ready', createdMs: 900_000 })
    assert.deepEqual(await fill(database, ['a', 'b'], 6), ['b-00000', 'b-00001'])
  })

  test(`${kind}: a flow that has none in the window gets one although it is full`, async (t) => {
    const database = await freshDatabase(kind, t)
    await aVersion(database)
    await manyRuns(database, { flow: 'a', runs: 100, status: 'ready' })
    assert.equal((await fill(database, ['a'], 8)).length, 8)
    await manyRuns(database, { flow: 'b', runs: 9, status: 'ready' })
    assert.deepEqual(await fill(database, ['a', 'b'], 8), ['b-00000'])
    assert.deepEqual(await fill(database, ['a', 'b'], 8), [])
    assert.equal(await anyUnhinted(database), true)
  })

  test(`${kind}: a level of priority is worth ten minutes of waiting, and no more`, async (t) => {
    const database = await freshDatabase(kind, t)
    await aVersion(database)
    const minuteMs = 60_000
    await manyRuns(database, { flow: 'a', name: 'new', runs: 1, status: 'ready', createdMs: 20 * minuteMs })
    await manyRuns(database, { flow: 'a', name: 'old', runs: 1, status: 'ready', createdMs: 5 * minuteMs })
    await manyRuns(database, {
      flow: 'a',
      name: 'urgent',
      runs: 1,
      status: 'ready',
      createdMs: 16 * minuteMs,
      priority: 1,
    })
    assert.deepEqual(await fill(database, ['a']), ['old-00000', 'urgent-00000', 'new-00000'])
  })

  test(`${kind}: many who fill at once never give a run two places, and hardly pass the window`, async (t) => {
    const database = await freshDatabase(kind, t)
    await aVersion(database)
    await manyRuns(database, { flow: 'a', runs: 500, status: 'ready' })
    const given = await Promise.all(Array.from({ length: 6 }, () => fill(database, ['a'], 20)))
    const runs = given.flat()
    assert.equal(new Set(runs).size, runs.length)
    assert.ok(runs.length >= 20 && runs.length <= 6 * 20, `${runs.length} hints`)
    assert.deepEqual(await fill(database, ['a'], 20), [])
  })

  test(`${kind}: a claim makes a place in the window free`, async (t) => {
    const database = await freshDatabase(kind, t)
    await aVersion(database)
    await manyRuns(database, { flow: 'a', runs: 10, status: 'ready' })
    const hinted = await fill(database, ['a'], 4)
    await claimRuns(database, { runs: hinted.slice(0, 3), owner: 'w1', nowMs: 5 })
    assert.equal((await fill(database, ['a'], 4)).length, 3)
  })

  test(`${kind}: a run is outranked by who is more urgent or waits longer, not by others`, async (t) => {
    const database = await freshDatabase(kind, t)
    await aVersion(database)
    await manyRuns(database, { flow: 'a', runs: 1, status: 'ready', createdMs: 700_000, priority: 1 })
    const asks = (createdMs: number, priority: number): Promise<boolean> =>
      outranked(database, { createdMs, priority })
    assert.equal(await asks(90_000, 0), false)
    assert.equal(await asks(110_000, 0), true)
    assert.equal(await asks(710_000, 1), true)
    assert.equal(await asks(690_000, 1), false)
    assert.equal(await asks(1_290_000, 2), false)
  })
}
