// PostgreSQL as our Database: a pool for everything, a small one for the writer, single connections that last.

import pg from 'pg'
import type { Database, Statements, Transaction } from './database.ts'
import { inside } from './inside.ts'
import { postgresListener } from './postgres-listener.ts'
import { postgresLocks } from './postgres-locks.ts'
import { clientOptions, writerSettings } from './postgres-session.ts'
import { databaseError } from './sqlstate.ts'
import { DatabaseError } from './database.ts'
import { beginsTransaction, checkParameters } from './values.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

const connectionsMax = 10
// One lane for outcomes, one for admissions.
const writerConnectionsMax = 2
const idleConnectionMs = 30_000

/** Connects to nothing yet: the first statement does. */
export function postgresDatabase(
  databaseUrl: string,
  world: { readonly clock: Clock; readonly log: Log },
): Database {
  const pool = openPool(clientOptions(databaseUrl, 'watchbill'), connectionsMax, world.log)
  const writer = openPool(
    clientOptions(databaseUrl, 'watchbill writer', writerSettings),
    writerConnectionsMax,
    world.log,
  )
  const listener = postgresListener(clientOptions(databaseUrl, 'watchbill listener'), world)
  const locks = postgresLocks(clientOptions(databaseUrl, 'watchbill lock'), world)
  const transactions = inside()
  const through = (one: pg.Pool): Statements['query'] => {
    return async (sql, parameters) => {
      transactions.refuse('a statement')
      return withClient(one, (client) => runScript(client, sql, parameters))
    }
  }
  const query = through(pool)
  let closing: Promise<void> | null = null
  const close = async (): Promise<void> => {
    await Promise.all([listener.close(), locks.close()])
    await Promise.all([pool.end(), writer.end()])
  }
  return {
    kind: 'postgres',
    query,
    writer: { query: through(writer) },
    transaction: async (work) => {
      transactions.refuse('a second transaction')
      return withClient(pool, (client) => transact(client, (tx) => transactions.run(() => work(tx))))
    },
    listen: async (channel, onMessage, onGap) => {
      transactions.refuse('listening')
      return listener.listen(channel, { onMessage, onGap })
    },
    holdLock: (key) => locks.hold(key),
    heldLocks: async () => new Set((await query<{ key: string }>(heldSql, [])).map((row) => BigInt(row.key))),
    close: () => (closing ??= close()),
  }
}

// A key of 64 bits is kept as two halves (objsubid 1); unsigned halves, signed key.
const heldSql = `
select ((classid::bigint << 32) | objid::bigint)::text as key from pg_locks
where locktype = 'advisory' and objsubid = 1 and granted
  and database = (select oid from pg_database where datname = current_database())`

function openPool(options: pg.ClientConfig, max: number, log: Log): pg.Pool {
  const pool = new pg.Pool({ ...options, max, idleTimeoutMillis: idleConnectionMs, allowExitOnIdle: false })
  // An error outside a statement, even right after connecting, ends the process when nobody hears it. The next
  // statement on that connection rejects.
  pool.on('connect', (client) => client.on('error', () => {}))
  // An idle connection that breaks is replaced by the pool; unheard, the event would end the process.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'an idle database connection was lost'))
  return pool
}

/** A client for the time of `work`; one that may be broken does not go back to the pool. */
async function withClient<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  let client: pg.PoolClient
  try {
    client = await pool.connect()
  } catch (error) {
    throw databaseError(error)
  }
  let broken = false
  try {
    return await work(client)
  } catch (error) {
    broken = error instanceof DatabaseError && error.kind === 'connection'
    throw error
  } finally {
    client.release(broken)
  }
}

async function transact<Result>(
  client: pg.PoolClient,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  await run(client, 'begin', undefined)
  let result: Result
  try {
    result = await work({ inTransaction: true, query: (sql, parameters) => run(client, sql, parameters) })
  } catch (error) {
    // What the work threw matters; a connection on which even the rollback fails is thrown away by its own error.
    await run(client, 'rollback', undefined).catch(() => client.end())
    throw error
  }
  const committed = await send(client, 'commit', undefined)
  // PostgreSQL answers the commit of a failed transaction with a silent rollback.
  if (lastOf(committed).command === 'ROLLBACK') {
    throw new DatabaseError(
      { kind: 'other', code: '25P02' },
      new Error('an error in the transaction was swallowed'),
    )
  }
  return result
}

async function runScript<Row>(
  client: pg.PoolClient,
  sql: string,
  parameters: readonly unknown[] | undefined,
): Promise<Row[]> {
  try {
    return await run<Row>(client, sql, parameters)
  } catch (error) {
    if (parameters === undefined && beginsTransaction(sql)) await client.query('rollback').catch(() => {})
    throw error
  }
}

async function run<Row>(
  client: pg.PoolClient,
  sql: string,
  parameters: readonly unknown[] | undefined,
): Promise<Row[]> {
  const answer: unknown = await send(client, sql, parameters)
  const results = Array.isArray(answer) ? (answer as pg.QueryResult[]) : [answer as pg.QueryResult]
  return results.flatMap((result) => result.rows as Row[])
}

async function send(
  client: pg.PoolClient,
  sql: string,
  parameters: readonly unknown[] | undefined,
): Promise<pg.QueryResult | pg.QueryResult[]> {
  if (parameters !== undefined) checkParameters(parameters)
  try {
    // `[]` and nothing are the same to pg (the simple protocol), which is harmless for one statement.
    return await client.query(sql, parameters === undefined ? undefined : [...parameters])
  } catch (error) {
    throw databaseError(error)
  }
}

function lastOf(answer: pg.QueryResult | pg.QueryResult[]): pg.QueryResult {
  const last = Array.isArray(answer) ? answer.at(-1) : answer
  if (last === undefined) throw new Error('a statement without a result')
  return last
}
