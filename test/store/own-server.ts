// A PostgreSQL server for one test alone, which may stop it, start it again and fill it up.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import pg from 'pg'
import { later } from './later.ts'
import { serverAccount, serverBinaries } from './server-binaries.ts'

export interface OwnServer {
  readonly url: string
  /** Ends every session at once, as a crash does; what was committed is there after the next start. */
  stop(): Promise<void>
  start(): Promise<void>
}

const account = serverAccount()

export async function ownServer(t: TestContext, settings: Record<string, string> = {}): Promise<OwnServer> {
  const binaries = serverBinaries(account)
  const folder = mkdtempSync(join(tmpdir(), 'watchbill-own-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  if (account !== null) for (const path of [folder, data]) chownSync(path, account.uid, account.gid)
  const init = ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  execFileSync(join(binaries, 'initdb'), init, { ...account, cwd: data, stdio: 'ignore' })
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port), fsync: 'off' }
  const flags = Object.entries({ ...all, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let running: ChildProcess | null = null
  const start = async (): Promise<void> => {
    const program = join(binaries, 'postgres')
    running = spawn(program, ['-D', data, ...flags], { ...account, cwd: data, stdio: 'ignore' })
    await answers(url)
  }
  const stop = async (): Promise<void> => {
    const one = running
    running = null
    if (one === null || one.exitCode !== null) return
    const gone = once(one, 'exit')
    one.kill('SIGQUIT')
    await gone
  }
  later(t, async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  })
  await start()
  return { url, stop, start }
}

async function answers(url: string): Promise<void> {
  for (const endMs = performance.now() + 30_000; ;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (performance.now() > endMs) throw error
      await sleep(20)
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
