// The schema: as committed on both databases, made once whoever starts, and never half or backwards.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { freshDatabase, freshLocation, type Kind, kinds } from './bring.ts'
import { schemaText } from './schema.ts'
import { Stop } from '../../runner/model/error.ts'
import type { Database } from '../../runner/store/database.ts'
import { migrate, schemaVersion } from '../../runner/store/migrate.ts'
import { openDatabase } from '../../runner/store/open.ts'
import { silentLog } from '../../runner/world/log.ts'

const schemaFile = join(import.meta.dirname, 'schema.txt')

async function empty(kind: Kind, t: TestContext): Promise<Database> {
  const database = await freshDatabase(kind, t)
  await database.query('drop schema public cascade; create schema public')
  return database
}

for (const kind of kinds) {
  test(`${kind}: the schema is the committed one (UPDATE_SCHEMA=1 writes it)`, async (t) => {
    const text = await schemaText(await freshDatabase(kind, t))
    if (kind === 'pglite' && process.env['UPDATE_SCHEMA'] === '1') writeFileSync(schemaFile, text)
    assert.equal(text, readFileSync(schemaFile, 'utf8'))
  })

  test(`${kind}: an empty store gets every migration, and says which version it has`, async (t) => {
    const database = await empty(kind, t)
    assert.equal(await schemaVersion(database), 0)
    await migrate(database, 5)
    const applied = await database.query<{ version: number; applied_ms: number }>(
      'select * from migration',
      [],
    )
    assert.ok(applied.length > 0)
    assert.ok(applied.every((one) => one.applied_ms === 5))
    assert.equal(await schemaVersion(database), applied.length)
  })

  test(`${kind}: migrating again changes nothing`, async (t) => {
    const database = await freshDatabase(kind, t)
    const before = await database.query('select * from migration', [])
    await migrate(database, 9)
    assert.deepEqual(await database.query('select * from migration', []), before)
  })

  test(`${kind}: many who migrate at once leave one schema`, async (t) => {
    const database = await empty(kind, t)
    await Promise.all(Array.from({ length: 6 }, () => migrate(database, 0)))
    assert.equal(await schemaText(database), readFileSync(schemaFile, 'utf8'))
  })

  test(`${kind}: a file that was changed after it was applied is refused`, async (t) => {
    const database = await freshDatabase(kind, t)
    await database.query(`update migration set hash = 'other' where version = 1`, [])
    await assert.rejects(migrate(database, 0), (error) => error instanceof Stop && error.exitCode === 3)
  })

  test(`${kind}: a store that a newer program made is refused`, async (t) => {
    const database = await freshDatabase(kind, t)
    await database.query(
      `insert into migration (version, name, hash, applied_ms) select max(version) + 1, 'newer', 'hash', 0 from migration`,
      [],
    )
    await assert.rejects(migrate(database, 0), (error) => error instanceof Stop && error.exitCode === 3)
  })

  test(`${kind}: a migration that fails leaves the store as it was`, async (t) => {
    const database = await empty(kind, t)
    // The last table of the first file is in the way.
    await database.query('create table github_cursor (mine int)', [])
    await assert.rejects(migrate(database, 0))
    const tables = await database.query(`select tablename from pg_tables where schemaname = 'public'`, [])
    assert.deepEqual(tables, [{ tablename: 'github_cursor' }])
  })
}

test('postgres: programs on several machines that migrate at once leave one schema', async (t) => {
  const location = { ...(await freshLocation('postgres', t)), log: silentLog }
  const machines = await Promise.all([1, 2, 3].map(() => openDatabase(location)))
  t.after(() => Promise.all(machines.map((one) => one.close())))
  await machines[0]!.query('drop schema public cascade; create schema public')
  await Promise.all(machines.map((one) => migrate(one, 0)))
  assert.equal(await schemaText(machines[0]!), readFileSync(schemaFile, 'utf8'))
})
