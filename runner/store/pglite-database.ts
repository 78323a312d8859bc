// An open PGlite as our Database: one session, one transaction at a time.

import type { PGlite, Results, Transaction as PgliteTransaction } from '@electric-sql/pglite'
import type { Database, Statements, Transaction } from './database.ts'
import { inside } from './inside.ts'
import { databaseError } from './sqlstate.ts'
import { beginsTransaction, checkParameters, oid, readInt8, readJson, readNumeric } from './values.ts'

/** How PGlite has to read values, to be given when it is opened. */
export const pgliteParsers = {
  [oid.int8]: readInt8,
  [oid.numeric]: readNumeric,
  [oid.json]: readJson,
  [oid.jsonb]: readJson,
}

/** Both are called once. */
export interface Ends {
  closing(): void
  closed(): void
}

/**
 * `pg` opened with `pgliteParsers`. PGlite itself runs one transaction at a time and lets no other statement
 * in between.
 */
export function pgliteDatabase(pg: PGlite, ends: Ends): Database {
  const transactions = inside()
  const locks = new Set<bigint>()
  const query: Statements['query'] = (sql, parameters) => {
    transactions.refuse('a statement')
    return run(pg, sql, parameters)
  }
  let closing: Promise<void> | null = null
  const close = async (): Promise<void> => {
    ends.closing()
    try {
      await pg.close()
    } finally {
      ends.closed()
    }
  }
  const self: Database = {
    kind: 'pglite',
    query,
    writer: { query },
    transaction: async (work) => {
      transactions.refuse('a second transaction')
      return transact(pg, (tx) => transactions.run(() => work(tx)))
    },
    listen: async (channel, onMessage) => {
      transactions.refuse('listening')
      const unlisten = await pg.listen(channel, onMessage)
      return () => (pg.closed ? Promise.resolve() : unlisten())
    },
    holdLock: async (key) => {
      if (locks.has(key)) return null
      locks.add(key)
      return {
        release: async () => {
          locks.delete(key)
        },
      }
    },
    heldLocks: async () => new Set(locks),
    close: () => (closing ??= close()),
  }
  return self
}

async function transact<Result>(pg: PGlite, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  // PGlite rolls back when the work throws; what the work threw must come out as it was.
  let thrown: { readonly by: unknown } | null = null
  try {
    return await pg.transaction(async (tx) => {
      try {
        return await work({ inTransaction: true, query: (sql, parameters) => run(tx, sql, parameters) })
      } catch (error) {
        thrown = { by: error }
        throw error
      }
    })
  } catch (error) {
    throw thrown === null ? databaseError(error) : error
  }
}

type Runner = Pick<PGlite | PgliteTransaction, 'query' | 'exec'>

async function run<Row>(on: Runner, sql: string, parameters: readonly unknown[] | undefined): Promise<Row[]> {
  try {
    if (parameters === undefined) return (await runScript(on, sql)).flatMap((result) => result.rows as Row[])
    checkParameters(parameters)
    return (await on.query<Row>(sql, [...parameters])).rows
  } catch (error) {
    throw databaseError(error)
  }
}

async function runScript(on: Runner, sql: string): Promise<Results[]> {
  if (!beginsTransaction(sql)) return on.exec(sql)
  // PGlite serves calls in order, so nothing can come between a script that failed in its transaction and the
  // rollback; after one that committed it does nothing.
  const [script] = await Promise.allSettled([on.exec(sql), on.exec('rollback')])
  if (script.status === 'rejected') throw script.reason
  return script.value
}
