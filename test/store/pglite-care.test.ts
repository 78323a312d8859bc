// Left alone for months, the embedded database neither fills the disk nor slows down.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { PGlite } from '@electric-sql/pglite'
import { freshLocation } from './bring.ts'
import { openDurable } from '../../runner/store/durable-folder.ts'
import { careForPglite, shortenLog, vacuumWorst } from '../../runner/store/pglite-care.ts'
import { pgliteParsers } from '../../runner/store/pglite-database.ts'
import type { Clock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'

const megabyte = 1_048_576

async function setup(t: TestContext): Promise<{ pg: PGlite; readonly walFiles: () => number }> {
  const folder = join((await freshLocation('pglite', t)).dataFolder, 'pgdata')
  const pg = await openDurable(folder, pgliteParsers)
  t.after(() => pg.close())
  return {
    pg,
    walFiles: () => readdirSync(join(folder, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name)).length,
  }
}

async function churn(pg: PGlite, rounds: number): Promise<void> {
  await pg.exec(`create table if not exists churn (k int primary key, v text);
                 insert into churn select g, '' from generate_series(1, 2000) g on conflict do nothing`)
  for (let n = 0; n < rounds; n++) await pg.query('update churn set v = repeat($1, 500)', [String(n % 10)])
  // Counters are else written once a second.
  await pg.exec('select pg_stat_force_next_flush()')
}

test('however much is written, the log does not grow beyond its bound', async (t) => {
  const { pg, walFiles } = await setup(t)
  // 160 MB in all, more than twice what is kept.
  for (let n = 0; n < 8; n++) {
    await pg.exec(`select pg_logical_emit_message(true, 'test', repeat('x', ${20 * megabyte}))`)
    assert.equal(await shortenLog(pg, 16 * megabyte), true)
  }
  assert.ok(walFiles() <= 16, `${walFiles()} files of 4 MB`)
})

test('a log that has not grown is left alone', async (t) => {
  const { pg } = await setup(t)
  await churn(pg, 1)
  assert.equal(await shortenLog(pg, 16 * megabyte), false)
})

test('an idle database is not written to for its own sake', async (t) => {
  const { pg } = await setup(t)
  await shortenLog(pg, 1)
  assert.equal(await shortenLog(pg, 1), false)
})

test('the room of dead rows is given back, so that a table that changes does not grow', async (t) => {
  const { pg } = await setup(t)
  const pages = async (): Promise<number> => {
    const { rows } = await pg.query<{ bytes: number }>(`select pg_relation_size('churn') as bytes`)
    return rows[0]!.bytes
  }
  await churn(pg, 10)
  for (let n = 0; n < 5; n++) {
    await churn(pg, 5)
    while ((await vacuumWorst(pg)) !== null);
  }
  const settled = await pages()
  for (let n = 0; n < 5; n++) {
    await churn(pg, 5)
    while ((await vacuumWorst(pg)) !== null);
  }
  assert.ok((await pages()) <= settled * 1.2, `${await pages()} after ${settled} bytes`)
})

test('the worst table comes first, and when all is well there is nothing to do', async (t) => {
  const { pg } = await setup(t)
  while ((await vacuumWorst(pg)) !== null);
  await churn(pg, 2)
  assert.equal(await vacuumWorst(pg), 'public.churn')
  while ((await vacuumWorst(pg)) !== null);
  assert.equal(await vacuumWorst(pg), null)
})

test('it looks by itself, one piece of work at a time, until it is stopped', async (t) => {
  const { pg } = await setup(t)
  while ((await vacuumWorst(pg)) !== null);
  await churn(pg, 2)
  const timers: (() => void)[] = []
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: () => Promise.resolve(),
    after: (_ms, call) => {
      timers.push(call)
      return () => timers.splice(0)
    },
  }
  const stop = careForPglite(pg, { clock, log: silentLog })
  timers.shift()?.()
  while (timers.length === 0) await pg.query('select 1')
  const { rows } = await pg.query<{ n: number }>(
    `select vacuum_count + 0 as n from pg_stat_user_tables where relname = 'churn'`,
  )
  assert.deepEqual(rows, [{ n: 1 }])
  stop()
  assert.equal(timers.length, 0)
})
