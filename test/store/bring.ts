// Databases for tests: real, migrated, isolated, and gone after the test. Never skipped.

import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import pg from 'pg'
import type { Database } from '../../runner/store/database.ts'
import { openDatabase } from '../../runner/store/open.ts'
import { silentLog } from '../../runner/world/log.ts'
import { cleanUp, later } from './later.ts'
import { databaseUrl, server } from './server.ts'
import { pgliteTemplate, postgresTemplate } from './template.ts'

export const kinds = ['pglite', 'postgres'] as const
export type Kind = (typeof kinds)[number]

export interface Location {
  readonly databaseUrl: string | null
  readonly dataFolder: string
}

/** A migrated, empty database of its own for this test, closed after it. */
export async function freshDatabase(kind: Kind, t: TestContext): Promise<Database> {
  const database = await openDatabase({ ...(await freshLocation(kind, t)), log: silentLog })
  later(t, () => database.close())
  return database
}

/** A migrated, empty database that nobody has opened, for tests that start real processes. */
export async function freshLocation(kind: Kind, t: TestContext): Promise<Location> {
  await cleanUp()
  const dataFolder = mkdtempSync(join(tmpdir(), 'watchbill-data-'))
  later(t, () => rm(dataFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
  if (kind === 'postgres') return { databaseUrl: await freshUrl(t), dataFolder }
  cpSync(join(await pgliteTemplate(), 'pgdata'), join(dataFolder, 'pgdata'), { recursive: true })
  return { databaseUrl: null, dataFolder }
}

async function freshUrl(t: TestContext): Promise<string> {
  const one = await server()
  const template = await postgresTemplate(one)
  const name = `t_${randomBytes(8).toString('hex')}`
  await maintain(one.url, `create database ${name} template ${template}`)
  later(t, () => maintain(one.url, `drop database if exists ${name} with (force)`))
  return databaseUrl(one, name)
}

async function maintain(url: string, sql: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(sql)
  await admin.end()
}
