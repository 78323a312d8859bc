// Who is taken for dead: a process that is gone, never one whose connection was cut for a moment.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import pg from 'pg'
import { aRunner } from './a-runner.ts'
import { freshLocation } from '../store/bring.ts'
import { again } from '../store/in-weather.ts'
import { later } from '../store/later.ts'
import { deadRunners } from '../../runner/run/dead.ts'
import type { Engine } from '../../runner/run/engine.ts'
import type { Database } from '../../runner/store/database.ts'
import { openDatabase } from '../../runner/store/open.ts'
import { register } from '../../runner/store/runners.ts'
import { silentLog } from '../../runner/world/log.ts'

interface Setup {
  readonly engine: Engine
  readonly other: Database
  readonly admin: pg.Client
  readonly url: string
}

const lockKey = 77n
const row = { id: 'other', lockKey, host: 'h', pid: 1, version: '0', startedMs: 0, slots: 1 }
const cutSql = `select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and l.granted
  and l.objid = $1 and l.database = (select oid from pg_database where datname = current_database())`

/** Two runners on one server; the other one holds its lock and has a lease until the end of time. */
async function setup(t: TestContext): Promise<Setup> {
  const location = { ...(await freshLocation('postgres', t)), log: silentLog }
  const [database, other] = await Promise.all([openDatabase(location), openDatabase(location)])
  later(t, () => Promise.all([database.close(), other.close()]))
  const url = location.databaseUrl ?? ''
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  later(t, () => admin.end())
  const { engine } = await aRunner(t, { flows: [], actions: [], database, owner: 'here' })
  assert.notEqual(await other.holdLock(lockKey), null)
  await register(other, row, Number.MAX_SAFE_INTEGER)
  return { engine, other, admin, url }
}

test('a runner with its lease and its lock lives', async (t) => {
  const { engine } = await setup(t)
  assert.deepEqual(await deadRunners(engine), [])
})

test('a runner whose process is gone is dead although its lease still runs', async (t) => {
  const { engine, other } = await setup(t)
  await other.close()
  await again(async () => assert.deepEqual(await deadRunners(engine), ['other']))
})

test('a runner whose lease is over is dead although its lock is held: it stands still', async (t) => {
  const { engine } = await setup(t)
  await engine.database.query(`update runner set lease_ms = 1 where id = 'other'`)
  assert.deepEqual(await deadRunners(engine), ['other'])
})

test('a runner whose connection was cut for a moment lives', async (t) => {
  const { engine, admin } = await setup(t)
  for (let round = 0; round < 5; round++) {
    // The lock of the round before may be on its way back.
    await again(async () => assert.equal((await admin.query(cutSql, [Number(lockKey)])).rowCount, 1))
    assert.deepEqual(await deadRunners(engine), [])
  }
})

test('after the server was away for this runner too, nobody is taken for dead for a while', async (t) => {
  const { engine, other, admin } = await setup(t)
  assert.notEqual(await engine.database.holdLock(78n), null)
  await other.close()
  assert.equal((await admin.query(cutSql, [78])).rowCount, 1)
  await again(async () => assert.equal(await engine.database.heldLocks(), null))
  assert.deepEqual(await deadRunners(engine), [])
})

test('a lock that another session has when the connection comes back is taken as soon as it is free', async (t) => {
  const { engine, admin, url } = await setup(t)
  const heir = new pg.Client({ connectionString: url })
  await heir.connect()
  later(t, () => heir.end())
  // In the queue already, so it gets the lock in the moment in which the other connection is cut.
  const taken = heir.query('select pg_advisory_lock($1)', [Number(lockKey)])
  const waiting = `select 1 from pg_locks where locktype = 'advisory' and not granted`
  await again(async () => assert.ok((await admin.query(waiting)).rowCount === 1))
  assert.equal((await admin.query(cutSql, [Number(lockKey)])).rowCount, 1)
  await taken
  await again(async () => assert.equal(await connections(admin, 'watchbill lock'), 1))
  await heir.query('select pg_advisory_unlock($1)', [Number(lockKey)])
  await again(async () => assert.ok((await engine.database.heldLocks())?.has(lockKey)))
})

async function connections(admin: pg.Client, name: string): Promise<number | null> {
  const sql = 'select 1 from pg_stat_activity where application_name = $1 and datname = current_database()'
  return (await admin.query(sql, [name])).rowCount
}
