// PostgreSQL over a network that fails: connections are lost, locks and listeners come back, errors are plain.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test, type TestContext } from 'node:test'
import { freshLocation } from './bring.ts'
import { type Database, DatabaseError } from '../../runner/store/database.ts'
import { openDatabase } from '../../runner/store/open.ts'
import { Stop } from '../../runner/model/error.ts'
import { silentLog } from '../../runner/world/log.ts'

interface Setup {
  readonly database: Database
  readonly other: Database
  /** Cuts the connections with this application name, as a failing network or server does. */
  readonly cut: (name: string) => Promise<number>
}

async function setup(t: TestContext): Promise<Setup> {
  const location = { ...(await freshLocation('postgres', t)), log: silentLog }
  const [database, other] = await Promise.all([openDatabase(location), openDatabase(location)])
  t.after(() => Promise.all([database.close(), other.close()]))
  const sql = `select pg_terminate_backend(pid) from pg_stat_activity
               where application_name = $1 and pid <> pg_backend_pid() and datname = current_database()`
  return { database, other, cut: async (name) => (await other.query(sql, [name])).length }
}

async function eventually(what: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 20_000
  while (!(await what())) {
    assert.ok(performance.now() < endMs, 'it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('a statement on a lost connection is an error of kind connection, and the next one works', async (t) => {
  const { database, cut } = await setup(t)
  const lost = database.query('select pg_sleep(60)', []).catch((error: unknown) => error)
  await eventually(async () => (await cut('watchbill')) > 0)
  const error = await lost
  assert.ok(error instanceof DatabaseError)
  assert.equal(error.kind, 'connection')
  assert.deepEqual(await database.query('select 1 as one', []), [{ one: 1 }])
})

test('a transaction on a lost connection rejects and leaves nothing', async (t) => {
  const { database, other, cut } = await setup(t)
  const rejected = database.transaction(async (tx) => {
    await tx.query(`insert into meta values ('a', '1')`, [])
    assert.ok((await cut('watchbill')) > 0)
    await tx.query(`insert into meta values ('b', '1')`, [])
  })
  await assert.rejects(rejected, (error) => error instanceof DatabaseError && error.kind === 'connection')
  assert.deepEqual(await other.query('select * from meta', []), [])
})

test('a listener whose connection is lost comes back, says that there was a gap, and hears again', async (t) => {
  const { database, other, cut } = await setup(t)
  const gap = Promise.withResolvers<void>()
  const heard = Promise.withResolvers<string>()
  await database.listen('channel', heard.resolve, gap.resolve)
  assert.equal(await cut('watchbill listener'), 1)
  await gap.promise
  await other.query(`notify channel, 'again'`, [])
  assert.equal(await heard.promise, 'again')
})

test('a server that ends every session again and again ends no statement silently and never this process', async (t) => {
  const { database, other } = await setup(t)
  await database.listen(
    'channel',
    () => {},
    () => {},
  )
  await database.holdLock(1n)
  const all = `select pg_terminate_backend(pid) from pg_stat_activity
               where pid <> pg_backend_pid() and datname = current_database()`
  for (let round = 0; round < 20; round++) {
    const work = Array.from({ length: 8 }, (_, n) =>
      n % 2 === 0 ? database.query('select 1', []) : database.transaction((tx) => tx.query('select 1', [])),
    )
    const settled = Promise.allSettled(work)
    await other.query(all, [])
    for (const one of await settled) {
      if (one.status === 'fulfilled') continue
      assert.ok(one.reason instanceof DatabaseError)
      assert.equal(one.reason.kind, 'connection')
    }
  }
  assert.deepEqual(await database.query('select 1 as one', []), [{ one: 1 }])
})

test('a lock is refused to another process while its holder lives', async (t) => {
  const { database, other } = await setup(t)
  assert.notEqual(await database.holdLock(1n), null)
  assert.equal(await other.holdLock(1n), null)
  assert.deepEqual(await other.heldLocks(), new Set([1n]))
})

test('the locks of a process are free as soon as it is gone', async (t) => {
  const { database, other } = await setup(t)
  await database.holdLock(1n)
  await database.close()
  await eventually(async () => (await other.heldLocks())?.size === 0)
  assert.notEqual(await other.holdLock(1n), null)
})

test('a lock whose connection is lost is free for a moment and then taken again', async (t) => {
  const { database, other, cut } = await setup(t)
  const lock = await database.holdLock(1n)
  assert.equal(await cut('watchbill lock'), 1)
  await eventually(async () => (await other.heldLocks())?.has(1n) === true)
  assert.equal(await other.holdLock(1n), null)
  await lock?.release()
  assert.notEqual(await other.holdLock(1n), null)
})

test('locks of another database on the same server are not ours', async (t) => {
  const one = await setup(t)
  const two = await setup(t)
  await one.database.holdLock(1n)
  assert.deepEqual(await two.database.heldLocks(), new Set())
})

test('sessions are durable, in UTC, with limits on statements, locks and idle transactions', async (t) => {
  const { database } = await setup(t)
  const rows = await database.query(
    `select name, setting from pg_settings where name in ('synchronous_commit', 'TimeZone', 'statement_timeout',
     'lock_timeout', 'idle_in_transaction_session_timeout', 'default_transaction_isolation', 'jit') order by 1`,
    [],
  )
  assert.deepEqual(Object.fromEntries(rows.map((row) => Object.values(row as object))), {
    TimeZone: 'UTC',
    default_transaction_isolation: 'read committed',
    idle_in_transaction_session_timeout: '60000',
    jit: 'off',
    lock_timeout: '20000',
    statement_timeout: '60000',
    synchronous_commit: 'on',
  })
})

test('the writer plans by index even on a table that was never analysed; other statements plan freely', async (t) => {
  const { database } = await setup(t)
  const sql = `select current_setting('enable_seqscan') as plan`
  assert.deepEqual(await database.writer.query(sql, []), [{ plan: 'off' }])
  assert.deepEqual(await database.query(sql, []), [{ plan: 'on' }])
})

test('a kept plan that a migration made stale is an error to retry, and the retry works', async (t) => {
  const { database, other } = await setup(t)
  const read = (): Promise<unknown[]> => database.writer.query('select * from meta where name <> $1', ['a'])
  assert.deepEqual(await read(), [])
  await other.query('alter table meta add column more int')
  const error = await read().catch((thrown: unknown) => thrown)
  assert.ok(error instanceof DatabaseError)
  assert.equal(error.kind, 'serialization')
  assert.deepEqual(await read(), [])
})

test('a transaction that escaped from its work cannot be used after its end', async (t) => {
  const { database } = await setup(t)
  const escaped = await database.transaction(async (tx) => ({ tx }))
  await assert.rejects(async () => escaped.tx.query('select 1', []), /after its end/)
})

test('more callers than connections wait for their turn', async (t) => {
  const { database } = await setup(t)
  const all = await Promise.all(Array.from({ length: 60 }, () => database.query('select pg_sleep(0.01)', [])))
  assert.equal(all.length, 60)
})

for (const host of ['127.0.0.1', 'localhost']) {
  test(`a server that is not there, on ${host}, is a Stop that names place and reason, not the password`, async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    server.close()
    await once(server, 'close')
    const databaseUrl = `postgres://somebody:sesame@${host}:${port}/store`
    const { dataFolder } = await freshLocation('pglite', t)
    await assert.rejects(openDatabase({ databaseUrl, dataFolder, log: silentLog }), (error) => {
      assert.ok(error instanceof Stop)
      assert.equal(error.exitCode, 3)
      assert.ok(error.message.includes(`${host}:${port}/store`))
      assert.match(error.message, /ECONNREFUSED/)
      assert.ok(!`${error.message}${error.remedy}`.includes('sesame'))
      return true
    })
  })
}

test('a database that cannot hold every text is refused', async (t) => {
  const { databaseUrl, dataFolder } = await freshLocation('postgres', t)
  const url = new URL(databaseUrl ?? '')
  const name = `${url.pathname.slice(1)}_latin`
  const { other } = await setup(t)
  await other.query(`create database ${name} encoding 'LATIN1' template template0`)
  url.pathname = `/${name}`
  const opened = openDatabase({ databaseUrl: url.href, dataFolder, log: silentLog })
  const error = await opened.catch((thrown: unknown) => thrown)
  await other.query(`drop database ${name} with (force)`)
  assert.ok(error instanceof Stop)
  assert.match(error.message, /LATIN1/)
})

for (const databaseUrl of ['localhost', 'mysql://localhost/x', '']) {
  test(`the address ${JSON.stringify(databaseUrl)} is a Stop, not a connection to somewhere`, async () => {
    const rejected = openDatabase({ databaseUrl, dataFolder: '/nowhere', log: silentLog })
    await assert.rejects(rejected, (error) => error instanceof Stop && error.exitCode === 3)
  })
}
