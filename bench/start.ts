// How long a first and a later start take and what an idle runner holds in memory, as whole processes, beside PGlite
// alone, created and opened in the same run.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numberOf, quantile, residentMb, root, round, says } from './part-process.ts'

const settleMs = 4_000

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
  const rounds = numberOf(args, 'rounds', 3)
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
  const [first, create, later, open] = [
    quantile(firsts, 0.5),
    quantile(creates, 0.5),
    quantile(laters, 0.5),
    quantile(opens, 0.5),
  ]
  return {
    first_start_s: round(first, 2),
    pglite_create_s: round(create, 2),
    first_ratio: round(first / create, 2),
    later_start_s: round(later, 2),
    pglite_open_s: round(open, 2),
    later_over_s: round(later - open, 2),
    idle_rss_mb: Math.round(quantile(memory, 0.5)),
  }
}

/** From the start of the process to the page's address, then a pause, then the end. */
async function startOnce(data: string): Promise<{ seconds: number; rssMb: number }> {
  const env = { ...process.env, WATCHBILL_DATA: data, WATCHBILL_PORT: '0', WATCHBILL_HOOK_PORT: '0' }
  const begun = performance.now()
  const child = spawn(process.execPath, [join(root, 'runner/cli/main.ts'), 'start'], {
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
