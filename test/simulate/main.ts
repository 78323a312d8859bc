// `npm run simulate`: months of twenty flows in minutes, in bad weather. The last line is JSON; 1 when a promise broke.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { lines } from './calendar.ts'
import { type Report, simulate } from './month.ts'
import { startClaude } from '../fakes/claude/stub.ts'
import { migrate } from '../../runner/store/migrate.ts'
import { openDatabase } from '../../runner/store/open.ts'
import { silentLog } from '../../runner/world/log.ts'

const help = `Simulates months of Watchbill and judges by the calendar and a fake of the outside what became of them.

  --months=N     thirty days each (1)
  --days=N       instead of months
  --flows=N      of the ${lines.length} (${lines.length})
  --seed=N       repeats weather, deaths, people and remotes; each run prints its own
  --faults=none  fair weather, nobody dies, the clock is right
  --json         only the last line

Example:
  npm run simulate -- --months=1 --flows=20 --seed=7
`

const { values } = parseArgs({
  options: {
    months: { type: 'string', default: '1' },
    days: { type: 'string' },
    flows: { type: 'string', default: String(lines.length) },
    seed: { type: 'string' },
    faults: { type: 'string', default: 'all' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  strict: true,
})

const daysPerMonth = 30
/** Files in memory, where there are some: what a disk adds is time alone. */
const memory = '/dev/shm'
const seedMax = 1_000_000
/** Of the heap after the first week. */
const heapRatioMax = 1.1

if (values.help) process.stdout.write(help)
else await run()

async function run(): Promise<void> {
  const days = values.days === undefined ? Number(values.months) * daysPerMonth : Number(values.days)
  const seed = values.seed === undefined ? Math.floor(Math.random() * seedMax) : Number(values.seed)
  const faults = values.faults === 'none' ? 'none' : 'all'
  const dataFolder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'watchbill-simulate-'))
  const store = await openDatabase({ databaseUrl: null, dataFolder, log: silentLog })
  const claude = await startClaude()
  try {
    await migrate(store, 0)
    const startedMs = performance.now()
    const report = await simulate({ days, flows: Number(values.flows), seed, faults, store, claude })
    tell(report, { days, seed, tookMs: Math.round(performance.now() - startedMs) })
  } finally {
    await claude.close()
    await store.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

function tell(
  report: Report,
  told: { readonly days: number; readonly seed: number; readonly tookMs: number },
): void {
  const { heapBytes, faults, ...figures } = report
  const heapRatio = heapBytes.length < 2 ? null : (heapBytes.at(-1) ?? 0) / (heapBytes[0] ?? 1)
  const broken = [...faults]
  if (heapRatio !== null && heapRatio > heapRatioMax)
    broken.push(`the heap grew to ${heapRatio.toFixed(2)} of what it was after a week`)
  const runsPerSecond = Math.round((report.runs / told.tookMs) * 1_000)
  if (!values.json) for (const fault of broken) process.stdout.write(`${fault}\n`)
  const line = { ...told, ...figures, runsPerSecond, heapRatio, heapBytes, broken: broken.length }
  process.stdout.write(`${JSON.stringify(line)}\n`)
  process.exitCode = broken.length > 0 ? 1 : 0
}
