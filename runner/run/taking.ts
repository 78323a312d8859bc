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

export function createTaking({ engine, holding, room }: TakingParts): Taking {
  let behind = false
  /** Hints that were just sent: room for them is not given to new runs. */
  let expected = 0
  let looking: Promise<void> | null = null
  let again = false
  const may = (): boolean => again && room() > 0 && !engine.stopped() && !engine.draining()
  const dispatch = createDispatch(engine, (hints) => {
    expected = Math.min(expected + hints, engine.concurrency)
    hint()
  })

  function hint(): void {
    again = true
    looking ??= look().finally(() => {
      looking = null
      if (may()) hint()
    })
  }

  const freed = (): void => {
    if (again || behind) hint()
  }

  async function look(): Promise<void> {
    while (may()) {
      again = false
      const max = room()
      try {
        const jobs = await take(engine, holding, { max, freed })
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
