// PostgreSQL as our Database: a pool for everything, a small one for the writer, single connections that last.

import pg from 'pg'
import type { Database, Statements } from './database.ts'
import { inside } from './inside.ts'
import { run, transact, withClient } from './postgres-client.ts'
import { postgresListener } from './postgres-listener.ts'
import { postgresLocks } from './postgres-locks.ts'
import { clientOptions, writerSettings } from './postgres-session.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

const connectionsMax = 10
// One lane for outcomes, one for admissions, and the queue's fetching.
const writerConnectionsMax = 3
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
  const query: Statements['query'] = async (sql, parameters) => {
    transactions.refuse('a statement')
    return withClient(pool, (client) => run(client, { sql, parameters, plan: 'fresh' }))
  }
  const write: Statements['query'] = async (sql, parameters) => {
    transactions.refuse('a statement')
    return withClient(writer, (client) => run(client, { sql, parameters, plan: 'kept' }))
  }
  let closing: Promise<void> | null = null
  const close = async (): Promise<void> => {
    await Promise.all([listener.close(), locks.close()])
    await Promise.all([pool.end(), writer.end()])
  }
  return {
    kind: 'postgres',
    query,
    writer: { query: write },
    transaction: async (work) => {
      transactions.refuse('a second transaction')
      return withClient(pool, (client) => transact(client, (tx) => transactions.run(() => work(tx))))
    },
    listen: async (channel, onMessage, onGap) => {
      transactions.refuse('listening')
      return listener.listen(channel, { onMessage, onGap })
    },
    holdLock: (key) => locks.hold(key),
    heldLocks: async () => {
      const rows = await query<{ key: string }>(heldSql, [])
      return locks.settling() ? null : new Set(rows.map((row) => BigInt(row.key)))
    },
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
