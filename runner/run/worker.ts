// The worker: takes ready runs from the queue while it has room, and keeps room for runs that are being born here.

import type { Engine } from './engine.ts'
import { createHolding, type Holding } from './holding.ts'
import { claimRuns, type HeldRun } from '../store/runs.ts'

export interface Worker extends Pick<Holding, 'news' | 'drain'> {
  /** Keeps room for one run about to be born; false when full, or when older work waits. */
  reserve(): boolean
  /** Gives reserved room back. */
  release(): void
  /** Starts a run that was born claimed, in room that was reserved. */
  adopt(row: HeldRun): void
  /** Work may be available: look soon. */
  hint(): void
  /** Tells how much older work waits, so that new runs do not overtake it. */
  waiting(ready: number): void
  readonly used: number
  /** Ready runs that wait for any runner, as of the last sweep. */
  readonly older: number
}

export function createWorker(engine: Engine): Worker {
  const holding = createHolding(engine)
  let reserved = 0
  let olderWaiting = 0
  let looking: Promise<void> | null = null
  let again = false
  const room = (): number => engine.concurrency - holding.size - reserved
  const idle = (): boolean => engine.stopped() || engine.draining()

  function hint(): void {
    again = true
    looking ??= look().finally(() => {
      looking = null
    })
  }

  async function look(): Promise<void> {
    while (again && room() > 0 && !idle()) {
      again = false
      try {
        if ((await take(engine, holding, { max: room(), freed: hint })) > 0) again = true
      } catch (error) {
        engine.log.warn({ error }, 'taking work failed; it is tried again')
        return
      }
    }
  }

  return {
    reserve: () => {
      if (room() <= 0 || olderWaiting > 0 || idle()) return false
      reserved += 1
      return true
    },
    release: () => {
      reserved -= 1
    },
    adopt: (row) => {
      reserved -= 1
      holding.begin(row, hint)
    },
    hint,
    waiting: (ready) => {
      olderWaiting = ready
    },
    news: () => holding.news(),
    drain: (graceMs) => holding.drain(graceMs),
    get used() {
      return holding.size + reserved
    },
    get older() {
      return olderWaiting
    },
  }
}

/** Claims at most `max` runs that have a job. The row is the truth: what is owned or finished loses just its job. */
async function take(
  engine: Engine,
  holding: Holding,
  wanted: { readonly max: number; readonly freed: () => void },
): Promise<number> {
  const jobs = await engine.queue.fetch(wanted.max)
  if (jobs.length === 0) return 0
  const claim = { runs: jobs.map((job) => job.run), owner: engine.owner, nowMs: engine.clock.now() }
  const rows = await claimRuns(engine.database, claim)
  for (const row of rows) holding.begin(row, wanted.freed)
  await engine.queue.done(jobs)
  return jobs.length
}
