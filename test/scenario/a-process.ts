// A real runner in a process of its own, started as a user starts it.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Location } from '../store/bring.ts'

const main = join(import.meta.dirname, '..', '..', 'runner', 'cli', 'main.ts')

export interface RunnerProcess {
  readonly page: string
  readonly hooks: string
  readonly pid: number
  /** Ends it at once, as a crash does; resolves when it is gone. */
  crash(): Promise<void>
  /** Ends it as an operator does; resolves with its exit code. */
  stop(): Promise<number | null>
  /** Its exit code, when it ends by itself. */
  readonly ended: Promise<number | null>
  /** What it wrote so far. */
  output(): string
  get<Answer>(path: string): Promise<Answer>
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export type Settings = Readonly<Record<string, string>>

export function environmentOf(location: Location, more: Settings = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: location.dataFolder,
    WATCHBILL_DATA: location.dataFolder,
    WATCHBILL_PORT: '0',
    WATCHBILL_HOOK_PORT: '0',
    WATCHBILL_POLL_SECONDS: '1',
    ...(location.databaseUrl === null ? {} : { DATABASE_URL: location.databaseUrl }),
    ...more,
  }
}

const startsWithinMs = 60_000

export async function startProcess(
  t: TestContext,
  environment: Record<string, string>,
  cwd: string,
): Promise<RunnerProcess> {
  const child = spawn(process.execPath, [main, 'start'], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  t.after(() => {
    child.kill('SIGKILL')
    return ended
  })
  const ports = await portsOf(child, () => output)
  const page = `http://127.0.0.1:${ports.page}`
  return {
    page,
    hooks: `http://127.0.0.1:${ports.hooks}`,
    pid: child.pid ?? 0,
    crash: async () => {
      child.kill('SIGKILL')
      await ended
    },
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
    ended,
    output: () => output,
    get: async <Answer>(path: string) => (await (await fetch(page + path)).json()) as Answer,
  }
}

/** The runner says its addresses in its log when it is up. */
function portsOf(child: ChildProcess, output: () => string): Promise<{ page: string; hooks: string }> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}:\n${output()}`))
    const timer = setTimeout(() => fail('the runner did not start in time'), startsWithinMs)
    const look = (): void => {
      const page = /"page":"http:\/\/[^"]*:(\d+)"/.exec(output())?.[1]
      const hooks = /"hooks":(\d+)/.exec(output())?.[1]
      if (page === undefined || hooks === undefined) return
      clearTimeout(timer)
      resolve({ page, hooks })
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', () => {
      clearTimeout(timer)
      fail('the runner ended')
    })
  })
}

/** One command of the command line, run to its end. */
export function command(environment: Record<string, string>, cwd: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

const waitsMs = 60_000

/** Looks until the condition gives something; fails with what was seen last. */
export async function eventually<Value>(
  look: () => Promise<Value | null>,
  seen: () => string,
): Promise<Value> {
  const until = Date.now() + waitsMs
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (Date.now() > until) throw new Error(`it did not come about; last seen: ${seen()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
