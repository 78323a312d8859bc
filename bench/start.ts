// How long a first and a later start take and what an idle runner holds in memory, as whole processes, beside PGlite
// alone, created and opened in the same run.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const settleMs = 4_000
const flags = ['--liftoff-only', '--disable-warning=ExperimentalWarning']

interface Figures {
  readonly first_start_s: number
  readonly pglite_create_s: number
  readonly first_ratio: number
  readonly later_start_s: number
  readonly pglite_open_s: number
  readonly later_over_s: number
  readonly idle_rss_mb: number
}

export async function bench(args: readonly string[]): Promise<Figures> {
  const rounds = Number(args.find((arg) => arg.startsWith('--rounds='))?.slice(9) ?? 3)
  const firsts: number[] = []
  const laters: number[] = []
  const creates: number[] = []
  const opens: number[] = []
  const memory: number[] = []
  for (let round = 0; round < rounds; round++) {
    const data = mkdtempSync(join(tmpdir(), 'watchbill-bench-'))
    creates.push(await pglite(join(data, 'alone')))
    opens.push(await pglite(join(data, 'alone')))
    firsts.push((await startOnce(join(data, 'runner'))).seconds)
    const later = await startOnce(join(data, 'runner'))
    laters.push(later.seconds)
    memory.push(later.rssMb)
    rmSync(data, { recursive: true, force: true })
  }
  const [first, create, later, open] = [median(firsts), median(creates), median(laters), median(opens)]
  return {
    first_start_s: round2(first),
    pglite_create_s: round2(create),
    first_ratio: round2(first / create),
    later_start_s: round2(later),
    pglite_open_s: round2(open),
    later_over_s: round2(later - open),
    idle_rss_mb: Math.round(median(memory)),
  }
}

/** From the start of the process to the page's address, then a pause, then the end. */
async function startOnce(data: string): Promise<{ seconds: number; rssMb: number }> {
  const env = { ...process.env, WATCHBILL_DATA: data, WATCHBILL_PORT: '0', WATCHBILL_HOOK_PORT: '0' }
  const begun = performance.now()
  const child = spawn(process.execPath, [...flags, join(root, 'runner/cli/main.ts'), 'start'], {
    cwd: root,
    env,
  })
  await says(child, 'watchbill is running')
  const seconds = (performance.now() - begun) / 1_000
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const rssMb = residentMb(child.pid ?? 0)
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('exit', resolve))
  return { seconds, rssMb }
}

/** PGlite as it comes, in a process of its own: created or opened, one query. */
async function pglite(folder: string): Promise<number> {
  const script = `import { PGlite } from '@electric-sql/pglite'
const db = await PGlite.create(${JSON.stringify(folder)})
await db.query('select 1')
console.log('ready')
process.exit(0)`
  const begun = performance.now()
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root })
  await says(child, 'ready')
  return (performance.now() - begun) / 1_000
}

function says(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    const look = (chunk: Buffer): void => {
      output += chunk.toString()
      if (output.includes(text)) resolve()
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', () => reject(new Error(`it ended before it said ${text}:\n${output}`)))
  })
}

function residentMb(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1_024
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}
