// The parent of the tests' PostgreSQL server: creates it, starts it, and stops and removes it when it is idle.
// Arguments: the server's folder, the folder of the binaries, how careful it is. The password comes by WATCHBILL_TEST_PASSWORD.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { exclusively, type ServerState } from './server.ts'
import { serverAccount } from './server-binaries.ts'

const [folder, binaries, care] = process.argv.slice(2)
const password = process.env['WATCHBILL_TEST_PASSWORD']
if (folder === undefined || binaries === undefined || password === undefined)
  throw new Error('see the header')

const idleMs = 90_000
const lookMs = 5_000

/** Throw-away data of tests: nothing is synced, everything else is as shipped. */
const careless = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum_naptime: '10s',
  max_wal_size: '256MB',
}

const account = serverAccount()
const data = join(folder, 'data')
const port = await freePort()
create()
const process_ = start()
const state: ServerState = { keeper: process.pid, port, password }
const client = await connect()
writeFileSync(join(folder, 'state.new'), JSON.stringify(state), { mode: 0o600 })
renameSync(join(folder, 'state.new'), join(folder, 'state.json'))
process_.once('exit', () => process.exit(1))
process.on('SIGTERM', () => process_.kill('SIGQUIT'))

for (let idleSince = performance.now(); ;) {
  await sleep(lookMs)
  if (await others()) idleSince = performance.now()
  if (performance.now() - idleSince < idleMs) continue
  const stopped = await exclusively(folder, async () => {
    // Somebody may have come between the look and the lock.
    if (await others()) return false
    rmSync(join(folder, 'state.json'))
    process_.removeAllListeners('exit')
    process_.kill('SIGQUIT')
    await once(process_, 'exit')
    return true
  })
  if (!stopped) continue
  // The lock's file stays: another process may be waiting on it.
  rmSync(data, { recursive: true, force: true })
  process.exit(0)
}

function create(): void {
  mkdirSync(data, { mode: 0o700 })
  const secret = join(data, '..', 'password')
  writeFileSync(secret, password ?? '', { mode: 0o600 })
  if (account !== null) for (const path of [data, secret]) chownSync(path, account.uid, account.gid)
  const options = [
    '-U',
    'postgres',
    '--auth=password',
    `--pwfile=${secret}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ]
  execFileSync(join(binaries ?? '', 'initdb'), ['-D', data, ...options], {
    ...account,
    cwd: data,
    stdio: 'inherit',
  })
  rmSync(secret)
}

function start(): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    max_connections: '400',
    ...(care === 'quick' ? careless : {}),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return spawn(join(binaries ?? '', 'postgres'), ['-D', data, ...flags], {
    ...account,
    cwd: data,
    stdio: 'inherit',
  })
}

async function connect(): Promise<pg.Client> {
  for (;;) {
    const one = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' })
    one.on('error', () => {})
    try {
      await one.connect()
      return one
    } catch (error) {
      if (process_.exitCode !== null) throw error
      await sleep(50)
    }
  }
}

async function others(): Promise<boolean> {
  const answer = await client.query<{ others: number }>(
    `select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  )
  return (answer.rows[0]?.others ?? 0) > 0
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
