// No wake-up is lost: what `wakeRuns` leaves behind, on both databases with the real queue.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { freshDatabase, type Kind, kinds } from './bring.ts'
import { insertRun } from './run-row.ts'
import type { Database } from '../../runner/store/database.ts'
import { attachLimits, lendLimits } from '../../runner/store/limits.ts'
import type { Call, Queue } from '../../runner/store/queue.ts'
import { pgbossQueue } from '../../runner/store/queue-pgboss.ts'
import { requestCancel } from '../../runner/store/runs.ts'
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
  const heard: Call[] = []
  const hearers = new Set<() => void>()
  queue.onCall((what) => {
    heard.push(what)
    for (const hear of hearers) hear()
  })
  const until = async (there: () => boolean): Promise<void> => {
    while (!there()) await new Promise<void>((resolve) => hearers.add(resolve))
  }
  const marked = (): boolean => heard.slice(-2).join() === 'ready,queued'
  /** What was called before; the mark of this listener comes last, because calls keep their order. */
  const calls = async (): Promise<Call[]> => {
    await database.transaction(async (tx) => {
      await queue.call(tx, 'ready')
      await queue.call(tx, 'queued')
    })
    await until(marked)
    return heard.slice(0, -2)
  }
  const knock = setInterval(() => void database.transaction((tx) => queue.call(tx, 'ready')), 20)
  await until(() => heard.length > 0)
  clearInterval(knock)
  await calls()
  heard.length = 0
  return { database, queue, calls, wake: (...runs: string[]) => wake(database, queue, runs) }
}

function wake(database: Database, queue: Queue, runs: readonly string[]): Promise<void> {
  return database.transaction((tx) => wakeRuns(tx, queue, runs))
}

async function rows(database: Database): Promise<Row[]> {
  return database.query<Row>('select id, status, wake_seq, wake_ms from run order by id', [])
}

const limit = { key: 'k', max: 1, perMs: null, whileWaiting: 'release' } as const

for (const kind of kinds) {
  test(`${kind}: a parked run becomes ready, its timer is off, and who hands out work is called`, async (t) => {
    const { database, calls, wake } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'parked', wakeMs: 900 })
    await wake('a')
    assert.deepEqual(await rows(database), [{ id: 'a', status: 'ready', wake_seq: 1, wake_ms: null }])
    assert.deepEqual(await calls(), ['ready'])
  })

  test(`${kind}: a running run keeps its holder, who sees that news arrived; nobody is called`, async (t) => {
    const { database, calls, wake } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'running' })
    await wake('a')
    assert.deepEqual(await rows(database), [{ id: 'a', status: 'running', wake_seq: 1, wake_ms: null }])
    assert.deepEqual(await calls(), [])
  })

  test(`${kind}: a run that waits for a limit is not let in by news`, async (t) => {
    const { database, wake } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'queued' })
    await wake('a')
    assert.deepEqual(await rows(database), [{ id: 'a', status: 'queued', wake_seq: 1, wake_ms: null }])
  })

  test(`${kind}: a run that waits for a limit and is to be cancelled needs no place for that`, async (t) => {
    const { database, queue } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'queued' })
    await database.transaction(async (tx) => {
      await requestCancel(tx, 'a', 'ana')
      await wakeRuns(tx, queue, ['a'])
    })
    assert.equal((await rows(database))[0]?.status, 'ready')
  })

  test(`${kind}: a parked run that gave its place back waits for it when it is woken`, async (t) => {
    const { database, calls, wake } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'parked' })
    await database.transaction((tx) => attachLimits(tx, { id: 'a', orderMs: 0, is: 'in' }, [limit]))
    const lent = await database.transaction((tx) => lendLimits(tx, 'a'))
    assert.deepEqual(lent, [{ key: 'k', wanted: false }])
    await wake('a')
    assert.equal((await rows(database))[0]?.status, 'queued')
    assert.deepEqual(await calls(), ['queued'])
  })

  test(`${kind}: runs that ended are left alone`, async (t) => {
    const { database, calls, wake } = await setup(kind, t)
    for (const status of ['succeeded', 'failed', 'cancelled'])
      await insertRun(database, { id: status, status })
    const before = await rows(database)
    await wake('succeeded', 'failed', 'cancelled', 'never-was')
    assert.deepEqual(await rows(database), before)
    assert.deepEqual(await calls(), [])
  })

  test(`${kind}: woken by many at once, every fact counts`, async (t) => {
    const { database, wake } = await setup(kind, t)
    for (const id of ['a', 'b']) await insertRun(database, { id, status: 'parked' })
    // In both orders: rows are locked by id, so nobody deadlocks.
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? wake('a', 'b') : wake('b', 'a'))))
    assert.deepEqual(
      (await rows(database)).map((row) => row.wake_seq),
      [20, 20],
    )
  })

  test(`${kind}: a wake-up whose transaction rolls back leaves no state and calls nobody`, async (t) => {
    const { database, queue, calls } = await setup(kind, t)
    await insertRun(database, { id: 'a', status: 'parked', wakeMs: 900 })
    const before = await rows(database)
    const rolledBack = database.transaction(async (tx) => {
      await wakeRuns(tx, queue, ['a'])
      throw new Error('no')
    })
    await assert.rejects(rolledBack, /^Error: no$/)
    assert.deepEqual(await rows(database), before)
    assert.deepEqual(await calls(), [])
  })
}
