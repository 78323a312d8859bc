// Taking work from the queue while there is room: one look at a time, and one more for whatever came meanwhile.

import { createDispatch, type Dispatch } from './dispatch.ts'
import type { Engine } from './engine.ts'
import type { Holding } from './holding.ts'
import { claimRuns } from '../store/runs.ts'

export interface Taking {
  readonly dispatch: Dispatch
  /** Hints may be in the queue: look soon. */
  readonly hint: () => void
  /** Room again: worth a look only when something was left. */
  readonly freed: () => void
  /** Somebody may wait although there is no room. */
  fallBehind(): void
  /** Nobody waits, as far as the store says. */
  catchUp(): void
  /** Whether a run born now would overtake somebody who waits, or take the room of a hint that was just sent. */
  overtakes(room: number): boolean
}

export interface TakingParts {
  readonly engine: Engine
  readonly holding: Holding
  readonly room: () => number
}

const gatherMs = 3

export function createTaking({ engine, holding, room }: TakingParts): Taking {
  let behind = false
  /** Hints that were just sent: room for them is not given to new runs. */
  let expected = 0
  let looking: Promise<void> | null = null
  let again = false
  const may = (): boolean => again && room() > 0 && !engine.stopped() && !engine.draining()
  const dispatch = createDispatch({
    engine,
    // Not both at once, so that they do not take more than there is room for.
    room: () => (looking !== null || behind || engine.stopped() || engine.draining() ? 0 : room()),
    claim: async (runs) => {
      expected = runs.length
      await claim({ engine, holding, freed }, runs)
    },
    sent: (hints) => {
      expected = Math.min(hints, engine.concurrency)
      if (hints > 0 || behind) hint()
    },
  })

  function hint(): void {
    again = true
    looking ??= look().finally(() => {
      looking = null
      if (may()) hint()
    })
  }

  function freed(): void {
    if (again || behind) hint()
  }

  async function look(): Promise<void> {
    while (may()) {
      again = false
      if (behind && holding.size > 0) await gather(engine, room())
      const max = room()
      try {
        const jobs = await take({ engine, holding, freed }, max)
        expected = 0
        dispatch.taken(jobs)
        behind = jobs === max || dispatch.more
        if (jobs > 0) again = true
      } catch (error) {
        engine.log.warn({ error }, 'taking work failed; it is tried again')
        return
      }
    }
    if (room() <= 0) expected = 0
  }

  return {
    dispatch,
    hint,
    freed,
    fallBehind: () => {
      behind = true
    },
    catchUp: () => {
      if (!dispatch.more) behind = false
    },
    overtakes: (free) => behind || free <= expected,
  }
}

/** A look for one free slot costs as much as one for many: with few of them, for a moment more are waited for. */
async function gather({ clock, concurrency }: Engine, room: number): Promise<void> {
  if (room < concurrency / 4) await clock.sleep(gatherMs)
}

interface Claiming {
  readonly engine: Engine
  readonly holding: Holding
  readonly freed: () => void
}

/** Takes at most `max` runs that have a job. The row is the truth: what is owned or finished loses just its job. */
async function take(claiming: Claiming, max: number): Promise<number> {
  const { queue } = claiming.engine
  const jobs = await queue.fetch(max)
  if (jobs.length === 0) return 0
  await claim(
    claiming,
    jobs.map((job) => job.run),
  )
  await queue.done(jobs)
  return jobs.length
}

async function claim({ engine, holding, freed }: Claiming, runs: readonly string[]): Promise<void> {
  const rows = await claimRuns(engine.database, { runs, owner: engine.owner, nowMs: engine.clock.now() })
  for (const row of rows) holding.begin(row, freed)
}
