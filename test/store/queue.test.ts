// The queue's guarantees, the same for every maker.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freshDatabase, type Kind, kinds } from './bring.ts'
import { memoryQueue } from '../../runner/store/queue-memory.ts'
import { pgbossQueue } from '../../runner/store/queue-pgboss.ts'
import type { Database } from '../../runner/store/database.ts'
import type { Hint, Job, Queue } from '../../runner/store/queue.ts'
import { silentLog } from '../../runner/world/log.ts'

interface Setup {
  readonly database: Database
  readonly queue: Queue
  /** The holder of what was fetched dies; gives the queue of the one that carries on. */
  readonly died: () => Promise<Queue>
}

type Make = (database: Database, t: TestContext) => Promise<Setup>

const holdMs = 1_000

async function memory(database: Database): Promise<Setup> {
  const made = memoryQueue(database)
  await made.queue.start()
  const died = async (): Promise<Queue> => {
    await made.queue.stop()
    return made.queue
  }
  return { ...made, died }
}

async function boss(database: Database, t: TestContext): Promise<Setup> {
  const start = async (): Promise<Queue> => {
    const queue = pgbossQueue(database, { holdMs, log: silentLog })
    await queue.start()
    t.after(() => queue.stop())
    return queue
  }
  // The queue that died simply never says `done`.
  return { database, queue: await start(), died: start }
}

const makers: readonly [string, Kind, Make][] = [
  ['memory', 'pglite', memory],
  ...kinds.map((kind): [string, Kind, Make] => [`pg-boss on ${kind}`, kind, boss]),
]

for (const [name, kind, make] of makers) {
  const setup = async (t: TestContext): Promise<Setup> => make(await freshDatabase(kind, t), t)

  test(`${name}: a hint exists once its transaction has committed`, async (t) => {
    const { database, queue } = await setup(t)
    await send(database, queue, [{ run: 'a', priority: 0 }])
    assert.deepEqual(runsOf(await queue.fetch(10)), ['a'])
  })

  test(`${name}: a hint of a transaction that rolled back never existed`, async (t) => {
    const { database, queue } = await setup(t)
    const rolledBack = database.transaction(async (tx) => {
      await queue.send(tx, [{ run: 'a', priority: 0 }])
      throw new Error('no')
    })
    await assert.rejects(rolledBack, /^Error: no$/)
    assert.deepEqual(await queue.fetch(10), [])
  })

  test(`${name}: hints of one run that wait are one job`, async (t) => {
    const { database, queue } = await setup(t)
    await send(database, queue, [hint('a'), hint('a')])
    await send(database, queue, [hint('a')])
    assert.equal((await queue.fetch(10)).length, 1)
  })

  test(`${name}: a hint sent while a job of its run is fetched waits until that is done`, async (t) => {
    const { database, queue } = await setup(t)
    await send(database, queue, [hint('a')])
    const first = await queue.fetch(10)
    await send(database, queue, [hint('a')])
    assert.deepEqual(await queue.fetch(10), [])
    await queue.done(first)
    assert.deepEqual(runsOf(await queue.fetch(10)), ['a'])
  })

  test(`${name}: a run whose job is done can be hinted at again`, async (t) => {
    const { database, queue } = await setup(t)
    for (const _ of [1, 2, 3]) {
      await send(database, queue, [hint('a')])
      const jobs = await queue.fetch(10)
      assert.deepEqual(runsOf(jobs), ['a'])
      await queue.done(jobs)
    }
    assert.deepEqual(await queue.fetch(10), [])
  })

  test(`${name}: the most urgent come first, the older first among equals, at most as many as asked for`, async (t) => {
    const { database, queue } = await setup(t)
    await send(database, queue, [{ run: 'low', priority: -1 }])
    await send(database, queue, [{ run: 'old', priority: 0 }])
    await send(database, queue, [{ run: 'new', priority: 0 }])
    await send(database, queue, [{ run: 'urgent', priority: 9 }])
    assert.deepEqual(runsOf(await queue.fetch(3)), ['urgent', 'old', 'new'])
    assert.deepEqual(runsOf(await queue.fetch(3)), ['low'])
  })

  test(`${name}: a fetched job comes back after its holder died`, async (t) => {
    const { database, queue, died } = await setup(t)
    await send(database, queue, [hint('a')])
    await queue.fetch(10)
    assert.deepEqual(runsOf(await until(await died())), ['a'])
  })

  test(`${name}: a late done does not take a job that somebody fetched since`, async (t) => {
    const { database, queue, died } = await setup(t)
    await send(database, queue, [hint('a')])
    const late = await queue.fetch(10)
    const next = await died()
    await until(next)
    await queue.done(late)
    assert.deepEqual(runsOf(await until(await died())), ['a'])
  })

  test(`${name}: a hint calls whoever listens, and nobody who stopped`, async (t) => {
    const { database, queue } = await setup(t)
    let stopped = 0
    queue.onHint(() => stopped++)()
    const called = new Promise<void>((resolve) => queue.onHint(resolve))
    await send(database, queue, [hint('a')])
    await called
    assert.equal(stopped, 0)
  })

  test(`${name}: two who fetch at once never get the same run`, async (t) => {
    const { database, queue } = await setup(t)
    const runs = Array.from({ length: 40 }, (_, n) => `run-${String(n).padStart(2, '0')}`)
    await send(database, queue, runs.map(hint))
    const batches = await Promise.all(Array.from({ length: 8 }, () => queue.fetch(10)))
    assert.deepEqual(batches.flatMap(runsOf).sort(), runs)
  })
}

function hint(run: string): Hint {
  return { run, priority: 0 }
}

function send(database: Database, queue: Queue, hints: readonly Hint[]): Promise<void> {
  return database.transaction((tx) => queue.send(tx, hints))
}

function runsOf(jobs: readonly Job[]): string[] {
  return jobs.map((job) => job.run)
}

/** Fetches until something comes: pg-boss proves a death by real time. */
async function until(queue: Queue): Promise<readonly Job[]> {
  const endMs = performance.now() + 20_000
  while (performance.now() < endMs) {
    const jobs = await queue.fetch(10)
    if (jobs.length > 0) return jobs
    await sleep(50)
  }
  return []
}
