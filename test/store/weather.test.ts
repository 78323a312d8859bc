// A server that ends sessions, becomes a standby, deadlocks: no run is lost, nothing is done twice, and the runner lives.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import pg from 'pg'
import { freshLocation } from './bring.ts'
import { again, inWeather, type InWeather, mostPerKey } from './in-weather.ts'
import { later } from './later.ts'
import { systemClock } from '../../runner/world/clock.ts'

interface Setup extends InWeather {
  /** A connection of the tests' own, whose settings the database's do not touch. */
  readonly admin: pg.Client
}

async function setup(t: TestContext): Promise<Setup> {
  const { databaseUrl } = await freshLocation('postgres', t)
  const url = databaseUrl ?? ''
  const admin = new pg.Client({ connectionString: url, application_name: 'admin' })
  await admin.connect()
  later(t, () => admin.end())
  return { ...(await inWeather(t, url)), admin }
}

const endAll = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`

test('sessions that are ended again and again cost no run and repeat no effect', async (t) => {
  const { start, ended, spies, admin } = await setup(t)
  const starting = start(40)
  for (let round = 0; round < 15; round++) {
    await admin.query(endAll)
    await systemClock.sleep(30)
  }
  const ends = await ended(await starting)
  // `parked`: where nobody could know, people are asked.
  assert.deepEqual(
    ends.filter((status) => status !== 'succeeded' && status !== 'parked'),
    [],
  )
  assert.equal(mostPerKey(spies[2]), 1)
})

test('a server that takes no writes for a while, as after a failover, is waited for', async (t) => {
  const { start, ended, spies, admin } = await setup(t)
  const runs = await start(10)
  await admin.query(
    `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
  )
  await admin.query(endAll)
  // Until somebody was refused, nothing is proven.
  const starting = start(10)
  await systemClock.sleep(200)
  await admin.query('set default_transaction_read_only = off')
  await admin.query(
    `do $$ begin execute format('alter database %I reset default_transaction_read_only', current_database()); end $$`,
  )
  const ends = await ended([...runs, ...(await starting)])
  assert.deepEqual(
    ends,
    ends.map(() => 'succeeded'),
  )
  assert.equal(mostPerKey(spies[2]), 1)
})

test('an outcome that loses a deadlock is written again', async (t) => {
  const { start, ended, spies, admin, database } = await setup(t)
  await admin.query(`set deadlock_timeout = '1min'`)
  const runs = [...(await start(8))].toSorted()
  const [first, last] = [runs[0], runs.at(-1)]
  await admin.query('begin')
  await admin.query('select 1 from run where id = $1 for update', [last])
  // The batch of the engine holds the first and waits for the last: now the circle is closed.
  await again(async () => {
    const waiting =
      await database.query(`select 1 from pg_stat_activity where application_name = 'watchbill writer'
      and wait_event_type = 'Lock' and datname = current_database()`)
    assert.ok(waiting.length > 0)
  })
  await admin.query('select 1 from run where id = $1 for update', [first])
  await admin.query('rollback')
  const ends = await ended(runs)
  assert.deepEqual(
    ends,
    ends.map(() => 'succeeded'),
  )
  assert.equal(mostPerKey(spies[2]), 1)
})
