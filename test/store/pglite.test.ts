// The embedded database: one owner, created whole, and nothing acknowledged is lost.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { freshLocation } from './bring.ts'
import { json } from '../../runner/store/database.ts'
import { openDatabase } from '../../runner/store/open.ts'
import { Stop } from '../../runner/model/error.ts'
import { silentLog } from '../../runner/world/log.ts'

interface Owner {
  readonly process: ChildProcess
  readonly lines: Interface
  next(): Promise<string>
}

function owner(dataFolder: string, t: TestContext, what = ''): Owner {
  const program = join(import.meta.dirname, 'owner-process.ts')
  const child = spawn(process.execPath, [program, dataFolder, what], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const lines = createInterface(child.stdout)
  return { process: child, lines, next: async () => String((await once(lines, 'line'))[0]) }
}

async function kill(one: Owner): Promise<void> {
  const gone = once(one.process, 'exit')
  one.process.kill('SIGKILL')
  await gone
}

function open(dataFolder: string): ReturnType<typeof openDatabase> {
  return openDatabase({ databaseUrl: null, dataFolder, log: silentLog })
}

test('a second process is refused at once, told the folder and who holds it', async (t) => {
  const { dataFolder } = await freshLocation('pglite', t)
  const first = owner(dataFolder, t)
  assert.equal(await first.next(), 'open')
  const refused = JSON.parse(await owner(dataFolder, t).next()) as { exitCode: number; message: string }
  assert.equal(refused.exitCode, 3)
  assert.ok(refused.message.includes(dataFolder))
  assert.ok(refused.message.includes(`pid ${first.process.pid}`))
})

test('a second opening in the same process is refused too', async (t) => {
  const { dataFolder } = await freshLocation('pglite', t)
  const database = await open(dataFolder)
  t.after(() => database.close())
  await assert.rejects(open(dataFolder), Stop)
  assert.deepEqual(await database.query('select 1 as one', []), [{ one: 1 }])
})

test('after close the folder is free', async (t) => {
  const { dataFolder } = await freshLocation('pglite', t)
  await (await open(dataFolder)).close()
  await (await open(dataFolder)).close()
})

test('after kill -9 of the owner the folder is free at once and nothing acknowledged is lost', async (t) => {
  const { dataFolder } = await freshLocation('pglite', t)
  const first = owner(dataFolder, t, 'write')
  let acknowledged = -1
  first.lines.on('line', (line) => {
    if (line !== 'open') acknowledged = Number(line)
    if (acknowledged === 300) first.process.kill('SIGKILL')
  })
  await once(first.process, 'close')
  assert.ok(acknowledged >= 300)
  const database = await open(dataFolder)
  t.after(() => database.close())
  const rows = await database.query<{ name: string }>('select name from meta', [])
  const names = new Set(rows.map((row) => row.name))
  for (let n = 0; n <= acknowledged; n++)
    assert.ok(names.has(`a${n}`) && names.has(`b${n}`), `transaction ${n}`)
  // Transactions are whole, also the one that was cut off.
  assert.equal(rows.length % 2, 0)
})

test('every commit reaches the disk: one fsync for a transaction, none for a read', async (t) => {
  const { dataFolder } = await freshLocation('pglite', t)
  const database = await open(dataFolder)
  t.after(() => database.close())
  const count = t.mock.method(fs, 'fsyncSync').mock
  syncBuiltinESMExports()
  t.after(() => {
    count.restore()
    syncBuiltinESMExports()
  })
  for (let n = 0; n < 10; n++) await database.query('insert into meta values ($1, $2)', [`k${n}`, json(n)])
  assert.equal(count.callCount(), 10)
  await database.query('select * from meta', [])
  assert.equal(count.callCount(), 10)
})

test('a creation that was cut off is removed, and the database made anew', async (t) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'watchbill-data-'))
  t.after(() => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
  const half = join(dataFolder, 'pgdata.new-1')
  mkdirSync(half)
  writeFileSync(join(half, 'PG_VERSION'), '18\n')
  const database = await open(dataFolder)
  await database.close()
  assert.deepEqual(readdirSync(dataFolder).sort(), ['owner.lock', 'owner.pid', 'pgdata'])
})

test('a creation that is killed leaves no database that looks whole', async (t) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'watchbill-data-'))
  t.after(() => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
  const first = owner(dataFolder, t)
  while (readdirSync(dataFolder).every((name) => !name.startsWith('pgdata.new-'))) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  await kill(first)
  assert.equal(existsSync(join(dataFolder, 'pgdata')), false)
})

test('a folder that cannot be written is a Stop with exit 3', async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'watchbill-data-')), 'file')
  t.after(() => rmSync(file, { force: true }))
  writeFileSync(file, '')
  await assert.rejects(open(join(file, 'data')), (error) => error instanceof Stop && error.exitCode === 3)
})
