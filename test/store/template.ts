// Migrated databases to clone, so that a test begins with a whole schema in a fraction of a second.

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../runner/store/migrate.ts'
import { openPglite } from '../../runner/store/pglite.ts'
import { postgresDatabase } from '../../runner/store/postgres.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'
import { databaseUrl, exclusively, type Server } from './server.ts'

const root = join(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache/watchbill-test')

/** The name of the template database on the server, made by whichever process comes first. */
export async function postgresTemplate(one: Server): Promise<string> {
  const name = `template_${schemaKey()}`
  const admin = new pg.Client({ connectionString: one.url })
  await admin.connect()
  try {
    // The lock goes with the connection.
    await admin.query('select pg_advisory_lock(1)')
    const found = await admin.query('select 1 from pg_database where datname = $1 and not datallowconn', [
      name,
    ])
    if (found.rowCount === 1) return name
    await admin.query(`drop database if exists ${name} with (force)`)
    await admin.query(`create database ${name}`)
    const database = postgresDatabase(databaseUrl(one, name), { clock: systemClock, log: silentLog })
    await migrate(database, 0)
    await database.close()
    // Only now is it whole; and a database that is connected to cannot be cloned.
    await admin.query(`alter database ${name} allow_connections false`)
    return name
  } finally {
    await admin.end()
  }
}

/** A folder with a migrated, cleanly closed PGlite database, to be copied. */
export function pgliteTemplate(): Promise<string> {
  return (made ??= makePgliteTemplate())
}

let made: Promise<string> | null = null

async function makePgliteTemplate(): Promise<string> {
  mkdirSync(cache, { recursive: true })
  const folder = join(cache, `pglite-${schemaKey()}`)
  if (inUse(folder)) return folder
  return exclusively(cache, async () => {
    if (inUse(folder)) return folder
    for (const name of readdirSync(cache)) {
      if (/^(pglite|new)-/.test(name) && isOld(join(cache, name))) {
        rmSync(join(cache, name), { recursive: true, force: true })
      }
    }
    const fresh = join(cache, `new-${randomBytes(6).toString('hex')}`)
    const database = await openPglite(fresh, silentLog)
    await migrate(database, 0)
    await database.close()
    renameSync(fresh, folder)
    return folder
  })
}

/** Says with its time that it is used, whenever it was made; false when there is none. */
function inUse(folder: string): boolean {
  try {
    utimesSync(folder, new Date(), new Date())
    return true
  } catch {
    return false
  }
}

/** Not only of another schema: nobody has used it for a day, so nobody is copying it. */
function isOld(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && Date.now() - found.mtimeMs > 24 * 3_600_000
}

/** Changes with everything the template is made of. */
function schemaKey(): string {
  const hash = createHash('sha256')
  const migrations = join(root, 'runner/store/migrations')
  for (const name of readdirSync(migrations).sort())
    hash.update(name).update(readFileSync(join(migrations, name)))
  for (const file of [
    'runner/store/migrate.ts',
    'runner/store/durable-folder.ts',
    'runner/store/create-pglite.ts',
    'package.json',
  ]) {
    hash.update(readFileSync(join(root, file)))
  }
  return hash.digest('hex').slice(0, 16)
}
