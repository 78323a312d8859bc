// A whole runner in a process of its own, as a user starts it, with one flow of three steps behind a webhook.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseUrl, server } from '../test/store/server.ts'

export const root = join(import.meta.dirname, '..')

export const stores = ['pglite', 'postgres'] as const
export type Store = (typeof stores)[number]

export interface BenchProcess {
  readonly pid: number
  /** Address of the webhook of the flow `three`. */
  readonly hook: string
  readonly hookKey: string
  readonly page: string
  readonly seconds: number
  stop(): Promise<void>
}

const policy = `apiVersion: watchbill/v1
kind: Policy
name: policy
approvals: { approvers: ["@ana"], self: true }
`

/** Nothing but steps: what is measured is the engine, not an action. */
const three = `apiVersion: watchbill/v1
kind: Flow
name: three
description: Three steps that do nothing.
on:
  hook:
    webhook: {}
steps:
  - { id: a, wait: { for: 0s } }
  - { id: b, wait: { for: 0s } }
  - { id: c, wait: { for: 0s } }
`

export interface BenchFolder {
  readonly checkout: string
  readonly data: string
  remove(): void
}

export function benchFolder(): BenchFolder {
  const folder = mkdtempSync(join(tmpdir(), 'watchbill-bench-'))
  const checkout = join(folder, 'checkout')
  mkdirSync(join(checkout, 'flows'), { recursive: true })
  writeFileSync(join(checkout, 'flows', 'policy.yaml'), policy)
  writeFileSync(join(checkout, 'flows', 'three.yaml'), three)
  const git = (...args: string[]): void => {
    execFileSync(
      'git',
      ['-C', checkout, '-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', ...args],
      {
        stdio: 'ignore',
      },
    )
  }
  git('init', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--message', 'begin')
  return {
    checkout,
    data: join(folder, 'data'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Starts it and waits until the flow may start. */
export async function startProcess(
  folder: BenchFolder,
  url: string | null,
  more: Readonly<Record<string, string>> = {},
): Promise<BenchProcess> {
  const begun = performance.now()
  const env = {
    PATH: process.env['PATH'],
    HOME: folder.data,
    WATCHBILL_DATA: folder.data,
    WATCHBILL_PORT: '0',
    WATCHBILL_HOOK_PORT: '0',
    ...(url === null ? {} : { DATABASE_URL: url }),
    ...more,
  }
  const main = join(root, 'runner/cli/main.ts')
  const child = spawn(process.execPath, [main, 'start'], { cwd: folder.checkout, env })
  const output = await says(child, 'watchbill is running')
  const seconds = (performance.now() - begun) / 1_000
  const page = `http://127.0.0.1:${/"page":"http:\/\/[^"]*:(\d+)"/.exec(output)?.[1]}`
  const hook = `http://127.0.0.1:${/"hooks":(\d+)/.exec(output)?.[1]}/hooks/three/hook`
  while (!(await fetch(`${page}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 20))
  return {
    pid: child.pid ?? 0,
    hook,
    hookKey: readFileSync(join(folder.data, 'hook.key'), 'utf8').trim(),
    page,
    seconds,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

export function says(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const look = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-100_000)
      if (output.includes(text)) resolve(output)
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', () => reject(new Error(`it ended before it said ${text}:\n${output}`)))
  })
}

/** Resident memory of a process, in MB of 1,024 × 1,024 bytes. */
export function residentMb(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1_024
}

/** A database that nobody used; null for the embedded store. */
export async function freshUrl(store: Store): Promise<string | null> {
  if (store === 'pglite') return null
  const one = await server('defaults')
  const { default: pg } = await import('pg')
  const name = `bench_${process.pid}`
  const admin = new pg.Client({ connectionString: one.url })
  await admin.connect()
  await admin.query(`drop database if exists ${name} with (force)`)
  await admin.query(`create database ${name}`)
  await admin.end()
  return databaseUrl(one, name)
}

/** The value of `--name=…`. */
export function numberOf(args: readonly string[], name: string, otherwise: number): number {
  return Number(args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise)
}

/** `--store=pglite|postgres`; both without it. */
export function storesOf(args: readonly string[]): readonly Store[] {
  const named = args.find((arg) => arg.startsWith('--store='))?.slice(8)
  return stores.filter((store) => named === undefined || store === named)
}

/** @param share 0.5: the median */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
