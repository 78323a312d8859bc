// The store's schema: numbered plain SQL files, applied forward only, once each, whoever else is at it.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database, Statements, Transaction } from './database.ts'
import { Stop } from '../model/error.ts'

interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly hash: string
  /** Programs of the version before may go on while and after it is applied. */
  readonly compatible: boolean
}

type Applied = Omit<Migration, 'sql'>

export interface Schema {
  /** Migrations that this program has. */
  readonly known: number
  /** Names of those that a newer program applied. */
  readonly beyond: readonly string[]
  /** The first of them that this program cannot live with. */
  readonly foreign: string | null
}

const released = join(import.meta.dirname, 'migrations')

/**
 * Brings the schema to this program's version; safe while other processes do the same. All missing files are
 * applied in one transaction or none. Throws `Stop` when an applied file was changed since, or when a newer program
 * applied what this one cannot live with.
 */
export async function migrate(database: Database, nowMs: number, folder: string = released): Promise<Schema> {
  const known = await migrationsIn(folder)
  const applied = await appliedIn(database)
  // Nearly always nothing is missing: then no lock is needed.
  if (missing(known, applied).length === 0) return schemaOf(known.length, applied)
  await database.transaction(async (tx) => {
    // Waits for others; held until the commit. On PGlite there are no others.
    await tx.query('select pg_advisory_xact_lock($1::bigint)', [migrationLock])
    await tx.query(tableSql)
    await tx.query(compatibleSql)
    for (const migration of missing(known, await appliedIn(tx))) await apply(tx, migration, nowMs)
  })
  return schemaOf(known.length, [])
}

/** The number of the last file that was applied; 0 when there is none. */
export async function schemaVersion(database: Database): Promise<number> {
  return (await appliedIn(database)).at(-1)?.version ?? 0
}

/** How the schema stands now for a program that knew so many migrations when it started. */
export async function schemaNow(statements: Statements, known: number): Promise<Schema> {
  return schemaOf(known, await appliedIn(statements))
}

function schemaOf(known: number, applied: readonly Applied[]): Schema {
  const beyond = applied.filter(({ version }) => version > known)
  return {
    known,
    beyond: beyond.map(({ name }) => name),
    foreign: beyond.find(({ compatible }) => !compatible)?.name ?? null,
  }
}

// Any number that nobody else uses for an advisory lock in this database: the ASCII codes of "migrate".
const migrationLock = '30797951970378853'

const tableSql = `
create table if not exists migration (
  version int primary key,
  name text not null,
  hash text not null,
  applied_ms bigint not null
)`
// The first stores were made without it.
const compatibleSql =
  'alter table migration add column if not exists compatible boolean not null default false'

async function migrationsIn(path: string): Promise<Migration[]> {
  const names = (await readdir(path)).filter(isMigration).sort()
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1])
      if (version !== index + 1) throw new Error(`migration ${name} is not number ${index + 1}`)
      // A checkout with CRLF is the same file.
      const sql = (await readFile(join(path, name), 'utf8')).replaceAll('\r\n', '\n')
      const hash = createHash('sha256').update(sql).digest('hex')
      return { version, name, sql, hash, compatible: sql.startsWith('-- compatible: yes\n') }
    }),
  )
}

function isMigration(name: string): boolean {
  return name.endsWith('.sql')
}

async function appliedIn(statements: Statements): Promise<Applied[]> {
  const [table] = await statements.query<{ found: boolean }>(
    `select to_regclass('migration') is not null as found`,
    [],
  )
  if (table?.found !== true) return []
  return statements.query<Applied>(
    `select version, name, hash, coalesce((to_jsonb(m)->>'compatible')::boolean, false) as compatible
     from migration m order by version`,
    [],
  )
}

function missing(known: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const { foreign } = schemaOf(known.length, applied)
  if (foreign !== null) {
    throw new Stop(
      3,
      `the store has schema ${applied.length} (${foreign}), this program knows ${known.length}`,
      'start the newer version of Watchbill that made it; schemas only go forward',
    )
  }
  for (const [index, one] of applied.slice(0, known.length).entries()) {
    const file = known[index]
    if (file?.version === one.version && file.hash === one.hash) continue
    throw new Stop(
      3,
      `migration ${one.name} was applied to this store in another form than this program has`,
      'restore the file as it was released; changes of the schema go into a new file',
    )
  }
  return known.slice(applied.length)
}

async function apply(tx: Transaction, migration: Migration, nowMs: number): Promise<void> {
  await tx.query(migration.sql)
  await tx.query(
    'insert into migration (version, name, hash, applied_ms, compatible) values ($1, $2, $3, $4, $5)',
    [migration.version, migration.name, migration.hash, nowMs, migration.compatible],
  )
}
