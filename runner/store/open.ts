// Opens the store: PostgreSQL where there is a DATABASE_URL, else PGlite in the data folder.

import type { Database } from './database.ts'
import { DatabaseError } from './database.ts'
import { openPglite } from './pglite.ts'
import { postgresDatabase } from './postgres.ts'
import { Stop } from '../model/error.ts'
import { systemClock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

export interface StoreLocation {
  readonly databaseUrl: string | null
  readonly dataFolder: string
  readonly log: Log
}

// The oldest version that its makers still maintain.
const postgresVersionMin = 140_000

/** An open database that answered once. Throws `Stop` when it is in use, away or too old. Not yet migrated. */
export async function openDatabase(location: StoreLocation): Promise<Database> {
  if (location.databaseUrl === null) return openPglite(location.dataFolder, location.log)
  const database = openUrl(location.databaseUrl, location.log)
  try {
    const [server] = await database.query<ServerFacts>(factsSql, [])
    if (server !== undefined) checkServer(server)
    return database
  } catch (error) {
    await database.close()
    if (!(error instanceof DatabaseError)) throw error
    throw new Stop(
      3,
      `the database at ${shown(location.databaseUrl)} cannot be used: ${error.message}`,
      'check DATABASE_URL and that the server runs; without DATABASE_URL the embedded database is used',
    )
  }
}

function openUrl(databaseUrl: string, log: Log): Database {
  if (!URL.canParse(databaseUrl) || !/^postgres(ql)?:$/.test(new URL(databaseUrl).protocol)) {
    throw new Stop(
      3,
      'DATABASE_URL is not a postgres:// address',
      'give it as postgres://user:password@host:5432/name',
    )
  }
  return postgresDatabase(databaseUrl, { clock: systemClock, log })
}

interface ServerFacts {
  readonly version: number
  readonly encoding: string
}

const factsSql = `
select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`

function checkServer({ version, encoding }: ServerFacts): void {
  if (version < postgresVersionMin) {
    throw new Stop(3, `the server is PostgreSQL ${Math.floor(version / 10_000)}`, 'use version 14 or newer')
  }
  if (encoding !== 'UTF8') {
    throw new Stop(
      3,
      `the database has the encoding ${encoding}, which cannot hold every text`,
      `make it with: create database … encoding 'UTF8' template template0`,
    )
  }
}

/** Without user, password and options: this goes into logs. */
function shown(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  return `${url.host}${url.pathname}`
}
