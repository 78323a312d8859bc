// One PostgreSQL server for all test processes of this checkout: started by the first, reused by the others,
// stopped by its keeper when nobody was connected for a while.

import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { serverAccount, serverBinaries } from './server-binaries.ts'

/** `quick`: commits wait for no disk, for tests. `defaults`: as PostgreSQL comes, for figures. */
export type Care = 'quick' | 'defaults'

export interface Server {
  /** Of the maintenance database; another database by `databaseUrl`. */
  readonly url: string
}

/** What the keeper writes when the server answers. */
export interface ServerState {
  readonly keeper: number
  readonly port: number
  readonly password: string
}

const startMs = 60_000

/**
 * The running server, started if need be. This process stays connected, which keeps the server alive; the
 * connection does not keep this process alive.
 */
export function server(care: Care = 'quick'): Promise<Server> {
  const known = running.get(care)
  if (known !== undefined) return known
  const brought = bring(care)
  running.set(care, brought)
  return brought
}

const running = new Map<Care, Promise<Server>>()

export function databaseUrl(one: Server, name: string): string {
  const url = new URL(one.url)
  url.pathname = `/${name}`
  return url.href
}

/** Runs `work` while no other process starts or stops the server in the folder. */
export async function exclusively<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = new DatabaseSync(join(folder, 'start.lock'), { timeout: startMs })
  try {
    lock.exec('begin exclusive')
    return await work()
  } finally {
    lock.close()
  }
}

async function bring(care: Care): Promise<Server> {
  const account = serverAccount()
  const binaries = serverBinaries(account)
  const key = createHash('sha256')
    .update(`${import.meta.dirname}\0${binaries}\0${care}`)
    .digest('hex')
    .slice(0, 12)
  const folder = join(tmpdir(), `watchbill-test-${process.getuid?.() ?? 0}-${key}`)
  mkdirSync(folder, { recursive: true, mode: account === null ? 0o700 : 0o711 })
  return exclusively(folder, async () => {
    const state = (await living(folder)) ?? (await start(folder, binaries, care))
    const url = urlOf(state)
    await stayConnected(url)
    return { url }
  })
}

function urlOf(state: ServerState): string {
  return `postgres://postgres:${state.password}@127.0.0.1:${state.port}/postgres`
}

async function living(folder: string): Promise<ServerState | null> {
  const state = readState(folder)
  if (state === null || !alive(state.keeper)) return null
  const client = new pg.Client({ connectionString: urlOf(state), connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    await client.end()
    return state
  } catch {
    return null
  }
}

async function start(folder: string, binaries: string, care: Care): Promise<ServerState> {
  await stopLeftover(folder)
  for (const name of ['data', 'state.json']) rmSync(join(folder, name), { recursive: true, force: true })
  const log = openSync(join(folder, 'keeper.log'), 'w')
  const keeper = spawn(
    process.execPath,
    [join(import.meta.dirname, 'server-keeper.ts'), folder, binaries, care],
    {
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        WATCHBILL_TEST_PASSWORD: randomBytes(16).toString('hex'),
        NODE_TEST_CONTEXT: undefined,
      },
    },
  )
  const ended = new AbortController()
  keeper.on('exit', () => ended.abort())
  keeper.unref()
  const until = performance.now() + startMs
  while (performance.now() < until && !ended.signal.aborted) {
    const state = readState(folder)
    if (state !== null) return state
    await sleep(20)
  }
  throw new Error(
    `PostgreSQL did not start:\n${readFileSync(join(folder, 'keeper.log'), 'utf8').slice(-2_000)}`,
  )
}

/** A server whose keeper was killed: nobody would ever stop it. The pid file is in a folder only we use. */
async function stopLeftover(folder: string): Promise<void> {
  const file = join(folder, 'data', 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  if (!alive(pid) || !commandOf(pid).includes(join(folder, 'data'))) return
  process.kill(pid, 'SIGQUIT')
  while (alive(pid)) await sleep(20)
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function readState(folder: string): ServerState | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as ServerState
  } catch {
    return null
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function stayConnected(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'test process' })
  client.on('error', () => {})
  await client.connect()
  ;(client as unknown as { unref(): void }).unref()
}
