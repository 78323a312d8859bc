// How every connection to PostgreSQL is opened: limits, time-outs, session settings and types, all explicit.

import pg from 'pg'
import { oid, readInt8, readJson, readNumeric } from './values.ts'

const connectMs = 10_000
const statementMs = 60_000
// Later than the server's own limit, so that it only acts when the network is gone.
const answerMs = statementMs + 15_000
const lockMs = 20_000
const idleInTransactionMs = 60_000

const sessionSettings: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  statement_timeout: String(statementMs),
  lock_timeout: String(lockMs),
  idle_in_transaction_session_timeout: String(idleInTransactionMs),
  default_transaction_isolation: 'read committed',
  synchronous_commit: 'on',
  // Short statements: compiling them costs more than it saves.
  jit: 'off',
  // So that the server drops the locks of a machine that vanished, within half a minute.
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
}

/**
 * Plans prepared on empty tables stay sequential (4 → 18 ms a batch at 105,000 runs), and hash or merge joins
 * read whole tables for a batch of 256: the writer's connections only know index and nested loop.
 */
export const writerSettings: Readonly<Record<string, string>> = {
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
}

export function clientOptions(
  databaseUrl: string,
  applicationName: string,
  settings: Readonly<Record<string, string>> = {},
): pg.ClientConfig {
  return {
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: startupOptions({ ...sessionSettings, ...settings }),
    types: { getTypeParser },
  }
}

function startupOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
    .join(' ')
}

type Read = (text: string) => unknown

const readers: ReadonlyMap<number, Read> = new Map<number, Read>([
  [oid.int8, readInt8],
  [oid.numeric, readNumeric],
  [oid.json, readJson],
  [oid.jsonb, readJson],
  [oid.int8Array, arrayOf(readInt8)],
  [oid.numericArray, arrayOf(readNumeric)],
])

const getTypeParser: typeof pg.types.getTypeParser = (
  ...[id, format]: Parameters<typeof pg.types.getTypeParser>
) => readers.get(id) ?? pg.types.getTypeParser(id, format)

/** Of one dimension, of elements that are never quoted. */
function arrayOf(read: Read): Read {
  return (text) => {
    const items = text === '{}' ? [] : text.slice(1, -1).split(',')
    return items.map((item) => (item === 'NULL' ? null : read(item)))
  }
}
