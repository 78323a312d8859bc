// What only the real queue has to prove: its tables, its start, and holders that are gone.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { freshDatabase, freshLocation, kinds } from './bring.ts'
import type { Database } from '../../runner/store/database.ts'
import { openDatabase } from '../../runner/store/open.ts'
import { pgbossQueue } from '../../runner/store/queue-pgboss.ts'
import type { Job, Queue } from '../../runner/store/queue.ts'
import { silentLog } from '../../runner/world/log.ts'

const yearSeconds = 31_536_000

async function started(database: Database, t: TestContext, holdMs = 60_000): Promise<Queue> {
  const queue = pgbossQueue(database, { log: silentLog, holdMs })
  await queue.start()
  t.after(() => queue.stop())
  return queue
}

function send(database: Database, queue: Queue, run: string, priority = 0): Promise<void> {
  return database.transaction((tx) => queue.send(tx, [{ run, priority }]))
}

async function until(queue: Queue): Promise<readonly Job[]> {
  const endMs = performance.now() + 20_000
  for (;;) {
    const jobs = await queue.fetch(10)
    if (jobs.length > 0) return jobs
    assert.ok(performance.now() < endMs, 'nothing came')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

for (const kind of kinds) {
  test(`${kind}: a hint waits for years and survives a million takeovers; nothing gives it up`, async (t) => {
    const database = await freshDatabase(kind, t)
    const queue = await started(database, t)
    await send(database, queue, 'a')
    const [job] = await database.query<Record<string, number>>(
      `select extract(epoch from keep_until - created_on)::int8 as kept, retry_limit, retry_delay from pgboss.job`,
      [],
    )
    assert.ok((job?.['kept'] ?? 0) >= 9 * yearSeconds)
    assert.deepEqual([job?.['retry_limit'], job?.['retry_delay']], [1_000_000, 0])
  })

  test(`${kind}: what is done leaves no row behind`, async (t) => {
    const database = await freshDatabase(kind, t)
    const queue = await started(database, t)
    for (const run of ['a', 'b', 'c']) await send(database, queue, run)
    await queue.done(await queue.fetch(2))
    assert.deepEqual(await database.query('select singleton_key as run from pgboss.job', []), [{ run: 'c' }])
  })

  test(`${kind}: stopped and started again it goes on where it was`, async (t) => {
    const database = await freshDatabase(kind, t)
    const first = await started(database, t)
    await send(database, first, 'a')
    await first.stop()
    assert.equal((await (await started(database, t)).fetch(10))[0]?.run, 'a')
  })

  test(`${kind}: stopping takes no time although timers and a listener are open`, async (t) => {
    const queue = await started(await freshDatabase(kind, t), t)
    const startMs = performance.now()
    await queue.stop()
    assert.ok(performance.now() - startMs < 2_000)
  })
}

test('pglite: what a process held when it ended is free when the next one starts', async (t) => {
  const location = { ...(await freshLocation('pglite', t)), log: silentLog }
  const database = await openDatabase(location)
  const queue = await started(database, t)
  await send(database, queue, 'a', 4)
  assert.equal((await queue.fetch(1)).length, 1)
  // A hint that came while the job was held is the same hint afterwards.
  await send(database, queue, 'a', 4)
  await queue.stop()
  await database.close()
  const next = await openDatabase(location)
  t.after(() => next.close())
  const jobs = await (await started(next, t)).fetch(10)
  assert.deepEqual(
    jobs.map((job) => job.run),
    ['a'],
  )
})

test('postgres: runners that start at once on an empty server share one queue', async (t) => {
  const location = { ...(await freshLocation('postgres', t)), log: silentLog }
  const databases = await Promise.all([1, 2, 3].map(() => openDatabase(location)))
  t.after(() => Promise.all(databases.map((one) => one.close())))
  const queues = await Promise.all(databases.map((one) => started(one, t)))
  await send(databases[0]!, queues[0]!, 'a')
  const fetched = await Promise.all(queues.map((queue) => queue.fetch(10)))
  assert.equal(fetched.flat().length, 1)
})

test('postgres: a hint wakes the other runners too', async (t) => {
  const location = { ...(await freshLocation('postgres', t)), log: silentLog }
  const [one, other] = await Promise.all([openDatabase(location), openDatabase(location)])
  t.after(() => Promise.all([one.close(), other.close()]))
  const [sender, hearer] = [await started(one, t), await started(other, t)]
  const heard = new Promise<void>((resolve) => hearer.onHint(resolve))
  await send(one, sender, 'a')
  await heard
  assert.equal((await hearer.fetch(1))[0]?.run, 'a')
})

test('postgres: a run whose holder died while another hint waited is fetched once at a time', async (t) => {
  const database = await freshDatabase('postgres', t)
  const queue = await started(database, t, 1_000)
  await send(database, queue, 'a')
  const dead = await queue.fetch(10)
  await send(database, queue, 'a')
  const first = await until(queue)
  assert.deepEqual([dead.length, first.length], [1, 1])
  assert.deepEqual(await queue.fetch(10), [])
  await queue.done(first)
  const second = await queue.fetch(10)
  assert.equal(second.length, 1)
  await queue.done(second)
  assert.deepEqual(await database.query('select * from pgboss.job', []), [])
})
