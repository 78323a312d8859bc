// Statements and transactions on one connection out of a pool.

import { createHash } from 'node:crypto'
import type pg from 'pg'
import { DatabaseError, type Transaction } from './database.ts'
import { databaseError } from './sqlstate.ts'
import { beginsTransaction, checkParameters } from './values.ts'

export interface Statement {
  readonly sql: string
  /** None: it may be a script of several statements. */
  readonly parameters: readonly unknown[] | undefined
  /**
   * `kept`: planned once per connection and used again, which makes the write of a single outcome three times
   * faster. Only where the plan cannot become a bad one, and for texts that are static.
   */
  readonly plan: 'fresh' | 'kept'
}

/** A client for the time of `work`; one that may be broken does not go back to the pool. */
export async function withClient<Result>(
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
    broken = error instanceof DatabaseError && isOfTheConnection(error)
    throw error
  } finally {
    client.release(broken)
  }
}

export async function transact<Result>(
  client: pg.PoolClient,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  await run(client, plain('begin'))
  let open = true
  const query: Transaction['query'] = (sql, parameters) => {
    // The connection may already serve somebody else.
    if (!open) throw new Error('a transaction was used after its end')
    return send(client, { sql, parameters, plan: 'fresh' })
  }
  let result: Result
  try {
    result = await work({ inTransaction: true, query })
  } catch (error) {
    // What the work threw matters. A connection that cannot even roll back is thrown away.
    await run(client, plain('rollback')).catch(() => client.end())
    throw error
  } finally {
    open = false
  }
  await commit(client)
  return result
}

/** PostgreSQL answers the commit of a transaction that failed with a silent rollback. */
async function commit(client: pg.PoolClient): Promise<void> {
  try {
    if ((await client.query('commit')).command === 'COMMIT') return
  } catch (error) {
    throw databaseError(error)
  }
  const swallowed = new Error('an error inside the transaction was swallowed')
  throw new DatabaseError({ kind: 'other', code: '25P02' }, swallowed)
}

/** Outside a transaction. A script that failed inside its own is rolled back. */
export async function run<Row>(client: pg.PoolClient, statement: Statement): Promise<Row[]> {
  try {
    return await send<Row>(client, statement)
  } catch (error) {
    const left = statement.parameters === undefined && beginsTransaction(statement.sql)
    if (left) await client.query('rollback').catch(() => client.end())
    throw error
  }
}

function plain(sql: string): Statement {
  return { sql, parameters: undefined, plan: 'fresh' }
}

async function send<Row>(client: pg.PoolClient, statement: Statement): Promise<Row[]> {
  const { sql, parameters, plan } = statement
  if (parameters !== undefined) checkParameters(parameters)
  const name = plan === 'kept' && parameters !== undefined ? { name: nameOf(sql) } : {}
  // To pg `[]` is the same as nothing, the simple protocol: harmless for one statement.
  const values = parameters === undefined ? {} : { values: [...parameters] }
  try {
    const answer: unknown = await client.query({ text: sql, ...name, ...values })
    const results = (Array.isArray(answer) ? answer : [answer]) as pg.QueryResult[]
    return results.flatMap((result) => result.rows as Row[])
  } catch (error) {
    throw databaseError(error)
  }
}

/**
 * The next connection may do better. `read_only`: this one leads to the old primary after a failover. 0A000: after
 * a migration elsewhere its plans are of the old schema.
 */
function isOfTheConnection({ kind, code }: DatabaseError): boolean {
  return kind === 'connection' || kind === 'read_only' || code === '0A000'
}

const names = new Map<string, string>()

function nameOf(sql: string): string {
  const known = names.get(sql)
  if (known !== undefined) return known
  const name = createHash('sha256').update(sql).digest('hex').slice(0, 24)
  names.set(sql, name)
  return name
}
