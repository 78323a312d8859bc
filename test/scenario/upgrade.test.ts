// A newer version migrates the store while a runner works on it.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aCheckout } from './a-checkout.ts'
import { command, environmentOf, eventually, type RunnerProcess, startProcess } from './a-process.ts'
import { onCommit, policy } from './texts.ts'
import { freshLocation, type Location } from '../store/bring.ts'
import { later } from '../store/later.ts'
import { laterMigrations } from '../store/later-migrations.ts'
import type { Database } from '../../runner/store/database.ts'
import { migrate } from '../../runner/store/migrate.ts'
import { openDatabase } from '../../runner/store/open.ts'
import { silentLog } from '../../runner/world/log.ts'

interface Setup {
  readonly runner: RunnerProcess
  readonly database: Database
  readonly location: Location
  readonly folder: string
  commit(): void
}

async function setup(t: TestContext): Promise<Setup> {
  const checkout = aCheckout(t, { 'flows/policy.yaml': policy, 'flows/on-commit.yaml': onCommit })
  const location = await freshLocation('postgres', t)
  const database = await openDatabase({ ...location, log: silentLog })
  later(t, () => database.close())
  const runner = await startProcess(t, environmentOf(location), checkout.folder)
  const commit = (): void => void checkout.commit({ 'notes.md': `${Math.random()}` }, 'a note')
  return { runner, database, location, folder: checkout.folder, commit }
}

test('a running program drains itself when the store became one that it cannot work with, and no older one starts', async (t) => {
  const { runner, database, location, folder } = await setup(t)
  await migrate(database, 0, laterMigrations(t, '-- compatible: no'))
  assert.equal(await runner.ended, 3)
  assert.match(runner.output(), /watchbill: the database was upgraded by a newer version/)
  assert.deepEqual(await database.query('select id from runner'), [])
  const again = await command(environmentOf(location), folder, 'start')
  assert.equal(again.code, 3)
  assert.match(again.stderr, /start the newer version/)
})

test('a running program goes on when the migration says that it may', async (t) => {
  const { runner, database, commit } = await setup(t)
  await migrate(database, 0, laterMigrations(t, '-- compatible: yes'))
  await eventually(
    async () => (/upgraded by a newer version/.test(runner.output()) ? true : null),
    runner.output,
  )
  commit()
  await eventually(async () => {
    const rows = await database.query<{ status: string }>('select status from run')
    return rows.some((row) => row.status === 'succeeded') ? true : null
  }, runner.output)
  assert.equal(await runner.stop(), 0)
})

test('a runner that the others took for dead makes itself known again', async (t) => {
  const { runner, database, commit } = await setup(t)
  await database.query('delete from runner')
  const [row] = await eventually(async () => {
    const rows = await database.query<{ pid: number }>('select pid from runner')
    return rows.length > 0 ? rows : null
  }, runner.output)
  assert.equal(row?.pid, runner.pid)
  commit()
  await eventually(async () => {
    const rows = await database.query<{ status: string }>('select status from run')
    return rows.some((one) => one.status === 'succeeded') ? true : null
  }, runner.output)
})
