// No wake-up is lost: what `wakeRuns` leaves behind, on both databases with the real queue.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { freshDatabase, type Kind, kinds } from './bring.ts'
import { insertRun } from './run-row.ts'
import type { Database } from '../../runner/store/database.ts'
import { pgbossQueue } from '../../runner/store/queue-pgboss.ts'
import type { Queue } from '../../runner/store/queue.ts'
import { wakeRuns } from '../../runner/store/wake.ts'
import { silentLog } from '../../runner/world/log.ts'

interface Row {
  readonly id: string
  readonly status: string
  readonly wake_seq: number
  readonly wake_ms: number | null
}

async function setup(kind: Kind, t: TestContext) {
  const database = await freshDatabase(kind, t)
  const queue = pgbossQueue(database, { log: silentLog })
  await queue.start()
  t.after(() => queue.stop())
  return { database, queue, wake: (...runs: string[]) => wake(database, queue, runs) }
}

function wake(database: Database, queue: Queue, runs: readonly string[]): Promise<void> {
  return database.transaction((tx) => wakeRuns(tx, queue, runs))
}

async function rows(database: Database): Promise<Row[]> {
  return database.query<Row>('select id, status, wake_seq, wake_ms from run order by id', [])
}

async function hinted(queue: Queue): Promise<string[]> {
  return (await queue.fetch(100)).map((job) => job.run)
}

for (const kind of kinds) {
  test(`${kind}: a parked run becomes ready, its timer is off, and a hint goes out`, async (t) => {
    const { database, queue, wake } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'parked', wakeMs: 900 })
    await wake('a')
    assert.deepEqual(await rows(database), [{ id: 'a', status: 'ready', wake_seq: 1, wake_ms: null }])
    assert.deepEqual(await hinted(queue), ['a'])
  })

  test(`${kind}: a running run keeps its holder, who sees that news arrived; no hint`, async (t) => {
    const { database, queue, wake } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'running' })
    await wake('a')
    assert.deepEqual(await rows(database), [{ id: 'a', status: 'running', wake_seq: 1, wake_ms: null }])
    assert.deepEqual(await hinted(queue), [])
  })

  test(`${kind}: a run that waits for a limit is not let in by news`, async (t) => {
    const { database, queue, wake } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'queued' })
    await wake('a')
    assert.deepEqual(await rows(database), [{ id: 'a', status: 'queued', wake_seq: 1, wake_ms: null }])
    assert.deepEqual(await hinted(queue), [])
  })

  test(`${kind}: runs that ended are left alone`, async (t) => {
    const { database, queue, wake } = await setup(kind, t)
    for (const status of ['succeeded', 'failed', 'cancelled'])
      await insertRun(database, { id: status, status })
    const before = await rows(database)
    await wake('succeeded', 'failed', 'cancelled', 'never-was')
    assert.deepEqual(await rows(database), before)
    assert.deepEqual(await hinted(queue), [])
  })

  test(`${kind}: several at once, most urgent hinted first`, async (t) => {
    const { database, queue, wake } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'parked', priority: 1 })
    await insertRun(database, { id: 'b', status: 'parked', priority: 5 })
    await insertRun(database, { id: 'c', status: 'ready', priority: 3 })
    await wake('a', 'b', 'c')
    assert.deepEqual(await hinted(queue), ['b', 'c', 'a'])
  })

  test(`${kind}: woken by many at once, every fact counts and the hint is one`, async (t) => {
    const { database, queue, wake } = await setup(kind, t)
    for (const id of ['a', 'b']) await insertRun(database, { id, status: 'parked' })
    // In both orders: rows are locked by id, so nobody deadlocks.
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? wake('a', 'b') : wake('b', 'a'))))
    assert.deepEqual(
      (await rows(database)).map((row) => row.wake_seq),
      [20, 20],
    )
    assert.deepEqual((await hinted(queue)).sort(), ['a', 'b'])
  })

  test(`${kind}: a wake-up whose transaction rolls back leaves neither state nor hint`, async (t) => {
    const { database, queue } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'parked', wakeMs: 900 })
    const before = await rows(database)
    const rolledBack = database.transaction(async (tx) => {
      await wakeRuns(tx, queue, ['a'])
      throw new Error('no')
    })
    await assert.rejects(rolledBack, /^Error: no$/)
    assert.deepEqual(await rows(database), before)
    assert.deepEqual(await hinted(queue), [])
  })
}
