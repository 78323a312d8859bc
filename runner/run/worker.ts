// The worker: takes runs while it has room, holds them in memory, and advances each until it parks or ends.

import { advance, readNews } from './advance.ts'
import type { Engine } from './engine.ts'
import { type Held, hold } from './held.ts'
import { createSteps } from './steps.ts'
import { recordedError } from '../model/error.ts'
import type { Entry } from '../model/journal.ts'
import { readJournals } from '../store/journal.ts'
import { claimRuns, handBack, type HeldRun, newsOfHeld } from '../store/runs.ts'

export interface Worker {
  /** Keeps room for one run about to be born; false when full, or when older work waits. */
  reserve(): boolean
  /** Gives reserved room back. */
  release(): void
  /** Starts a run that was born claimed, in room that was reserved. */
  adopt(row: HeldRun): void
  /** Work may be available: look soon. */
  hint(): void
  /** Reads what others recorded about the runs held here. */
  news(): Promise<void>
  /** Tells how much older work waits, so that new runs do not overtake it. */
  waiting(ready: number): void
  /** Resolves when nothing is held any more; after `graceMs` what is left is abandoned to the journal. */
  drain(graceMs: number): Promise<void>
  readonly used: number
}

export function createWorker(engine: Engine): Worker {
  const holding = new Map<string, { readonly held: Held; readonly done: Promise<void> }>()
  const steps = createSteps(engine.concurrency)
  let reserved = 0
  let olderWaiting = 0
  const dropped = createDropped(engine)
  let looking: Promise<void> | null = null
  let again = false

  const room = (): number => engine.concurrency - holding.size - reserved

  function hint(): void {
    again = true
    looking ??= look().finally(() => (looking = null))
  }

  async function look(): Promise<void> {
    while (again && room() > 0 && !engine.stopped() && !engine.draining()) {
      again = false
      try {
        if ((await take(room())) > 0) again = true
      } catch (error) {
        engine.log.warn({ error }, 'taking work failed; it is tried again')
        return
      }
    }
  }

  async function take(max: number): Promise<number> {
    const jobs = await engine.queue.fetch(max)
    if (jobs.length === 0) return 0
    reserved += jobs.length
    try {
      const claim = { runs: jobs.map((job) => job.run), owner: engine.owner, nowMs: engine.clock.now() }
      const rows = await claimRuns(engine.database, claim)
      const journals = await readJournals(engine.database, rows.map((row) => row.id))
      for (const row of rows) begin(row, journals.get(row.id) ?? [])
      // The row is the truth: whoever finds it owned or finished just removes the job.
      await engine.queue.done(jobs)
    } finally {
      reserved -= jobs.length
    }
    return jobs.length
  }

  function begin(row: HeldRun, journal: readonly Entry[] | Error): void {
    const done = hold_(row, journal).catch((error: unknown) => {
      engine.log.error({ run: row.id, error }, 'a run could not be advanced; it is handed back')
    })
    void done.then(() => {
      holding.delete(row.id)
      hint()
    })
  }

  async function hold_(row: HeldRun, journal: readonly Entry[] | Error): Promise<void> {
    const loaded = await load(engine, row, journal)
    if (loaded === null) return
    const done = advance(engine, loaded, steps)
    holding.set(row.id, { held: loaded, done })
    await done
  }

  return {
    reserve: () => {
      if (room() <= 0 || olderWaiting > 0 || engine.stopped() || engine.draining()) return false
      reserved += 1
      return true
    },
    release: () => {
      reserved -= 1
    },
    adopt: (row) => {
      reserved -= 1
      begin(row, [])
    },
    hint,
    waiting: (ready) => {
      olderWaiting = ready
    },
    news: async () => {
      const owned = await newsOfHeld(engine.database, engine.owner)
      for (const news of owned) {
        const held = holding.get(news.id)?.held
        if (held === undefined || held.wakeSeq === news.wakeSeq) continue
        await readNews(engine, held)
        held.poke()
      }
      await dropped.look(owned.filter((run) => !holding.has(run.id)))
    },
    drain: (graceMs) => drain(engine, holding, graceMs),
    get used() {
      return holding.size + reserved
    },
  }
}

/**
 * Runs that are ours in the store but not in memory: given back when missing at two looks in a row, because a
 * single look may fall between a run's birth and its start.
 */
function createDropped(engine: Engine): { look(missing: readonly { id: string; epoch: number }[]): Promise<void> } {
  let before = new Set<string>()
  return {
    look: async (missing) => {
      const lost = missing.filter((run) => before.has(`${run.id} ${run.epoch}`))
      before = new Set(missing.map((run) => `${run.id} ${run.epoch}`))
      if (lost.length === 0) return
      engine.log.warn({ runs: lost.length }, 'runs that were dropped from memory are handed back')
      await engine.database.transaction(async (tx) => {
        const freed = await handBack(tx, lost)
        if (freed.length > 0) await engine.queue.send(tx, freed)
      })
    },
  }
}

/** Compiles what the run is pinned to. What cannot be read or compiled ends the run, typed, and nothing else. */
async function load(engine: Engine, row: HeldRun, journal: readonly Entry[] | Error): Promise<Held | null> {
  try {
    if (journal instanceof Error) throw journal
    const flow = await engine.flowVersion(row.version)
    const policy = await engine.policyVersion(row.policy)
    return hold({ row, flow, policy, journal }, engine.clock.monotonic())
  } catch (thrown) {
    const error = recordedError(thrown)
    engine.log.warn({ run: row.id, error }, 'a run cannot be continued and has failed')
    const then = { is: 'end', status: 'failed', error, outputs: {} } as const
    const { id: run, epoch, workingMs, priority } = row
    await engine.outcomes.push({ run, epoch, entries: [], then, workingMs, priority, atMs: engine.clock.now() })
    await engine.ended(run, true)
    return null
  }
}

async function drain(
  engine: Engine,
  holding: ReadonlyMap<string, { readonly held: Held; readonly done: Promise<void> }>,
  graceMs: number,
): Promise<void> {
  const all = [...holding.values()]
  for (const { held } of all) held.poke()
  const finished = Promise.allSettled(all.map((one) => one.done))
  const grace = new AbortController()
  await Promise.race([finished, engine.clock.sleep(graceMs, grace.signal)])
  grace.abort()
  // What is still in the act keeps its intent in the journal; whoever goes on sees it there.
  for (const { held } of holding.values()) {
    held.lost = true
    held.poke()
  }
  await Promise.race([finished, engine.clock.sleep(1_000)])
}
