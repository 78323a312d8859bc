// Durable steps per second of 3-step no-op runs, admission included, beside three references of the same run: raw
// commits, a hand-written transition with twenty in a statement, and pg-boss with one transaction per step.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boss } from './part-boss.ts'
import { benchEngine, threeSteps } from './part-engine.ts'
import { freshUrl, numberOf, type Store, storesOf } from './part-process.ts'
import { sql20 } from './part-sql20.ts'
import { aFiring } from '../test/run/a-firing.ts'
import type { Database } from '../runner/store/database.ts'
import { migrate } from '../runner/store/migrate.ts'
import { openDatabase } from '../runner/store/open.ts'
import { systemClock } from '../runner/world/clock.ts'
import { silentLog } from '../runner/world/log.ts'

const inFlight = 256
const warmUpRuns = 500
const referenceMs = 2_000

interface Figures {
  readonly store: Store
  readonly runs: number
  readonly steps_per_s: number
  readonly reference_sql20_per_s: number
  readonly reference_boss_per_s: number
  readonly raw_commits_per_s: number
  readonly ratio_to_sql20: number
  readonly ratio_to_boss: number
}

export async function bench(args: readonly string[]): Promise<Figures> {
  const runs = numberOf(args, 'runs', 5_000)
  const figures: Figures[] = []
  for (const store of storesOf(args)) figures.push(await measure(store, runs))
  for (const one of figures) console.log(JSON.stringify(one))
  return figures.reduce((worse, one) => (one.ratio_to_sql20 < worse.ratio_to_sql20 ? one : worse))
}

async function measure(store: Store, runs: number): Promise<Figures> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'watchbill-bench-'))
  const url = await freshUrl(store)
  const database = await openDatabase({ databaseUrl: url, dataFolder, log: silentLog })
  await migrate(database, systemClock.now())
  const raw = await rawCommits(database)
  const hand = await sql20(database, referenceMs)
  const bossSteps = await boss(database, referenceMs)
  const engine = await benchEngine(database, 2 * inFlight)
  await play(engine, warmUpRuns)
  const begun = systemClock.monotonic()
  await play(engine, runs)
  const seconds = (systemClock.monotonic() - begun) / 1_000
  await engine.stop()
  await database.close()
  rmSync(dataFolder, { recursive: true, force: true })
  const steps = (runs * threeSteps.steps.length) / seconds
  return {
    store,
    runs,
    steps_per_s: Math.round(steps),
    reference_sql20_per_s: Math.round(hand),
    reference_boss_per_s: Math.round(bossSteps),
    raw_commits_per_s: Math.round(raw),
    ratio_to_sql20: Number((steps / hand).toFixed(2)),
    ratio_to_boss: Number((steps / bossSteps).toFixed(1)),
  }
}

async function play(engine: Awaited<ReturnType<typeof benchEngine>>, runs: number): Promise<void> {
  let left = runs
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) {
        const admitted = await engine.admit(aFiring(threeSteps.name))
        if ('refused' in admitted) throw new Error(admitted.refused)
        await engine.ended(admitted.run)
      }
    }),
  )
}

/** One row and one durable commit a statement, from eight clients where the store has them. */
async function rawCommits(database: Database): Promise<number> {
  await database.query(
    'create table raw_bench (id bigint generated always as identity primary key, body text)',
  )
  const forMs = referenceMs
  let commits = 0
  const begun = systemClock.monotonic()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (systemClock.monotonic() - begun < forMs) {
        await database.query('insert into raw_bench (body) values ($1)', ['x'.repeat(100)])
        commits += 1
      }
    }),
  )
  return commits / ((systemClock.monotonic() - begun) / 1_000)
}
