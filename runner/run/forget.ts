// Retention: what is older than the policy says is deleted in small batches, so that nothing waits for it.

import type { Engine } from './engine.ts'
import { forgetDecisions, forgetReservations, forgetSlots } from '../store/forget-records.ts'
import { forgetRuns } from '../store/forget-runs.ts'
import { forgetPolicies, forgetRevisions, forgetVersions, lastChangeMs } from '../store/forget-versions.ts'
import { deleteHeard } from '../store/heard.ts'
import { forgetStarts } from '../store/rates.ts'
import { lockRevisions } from '../store/revisions.ts'

const dayMs = 86_400_000
/** Events for steps that wait: longer than a run is usually on its way to its wait. */
export const heardMs = 8 * dayMs
/** Longer than any run is kept, so that a firing that is repeated late is still known. */
export const slotMs = 400 * dayMs
/** Longer than any rate looks back. */
const rateMs = 366 * dayMs
/** After a change of the branch every runner has noticed it by then, and starts nothing of an older version. */
const noticedMs = 3_600_000
const batchMax = 64
/** Of each second; the embedded store does nothing else meanwhile. */
const turnMs = 100
const passEveryMs = 600_000
const versionsEveryMs = dayMs

export interface Forget {
  /** Deletes a batch, and more while there is time; cheap while there is nothing to do. */
  once(): Promise<void>
}

/** Deletes a batch; `more`: there may be another. */
type Part = () => Promise<'more' | 'done'>

export function createForget(engine: Engine): Forget {
  const parts = partsOf(engine)
  let dueMs = engine.clock.now() + passEveryMs
  let left: Part[] = []

  async function turn(): Promise<void> {
    // One that fails is left to the next pass, so that it keeps no other from its turn.
    const part = left.shift()
    if (part !== undefined && (await part()) === 'more') left.unshift(part)
  }

  return {
    once: async () => {
      const nowMs = engine.clock.now()
      if (left.length === 0) {
        if (nowMs < dueMs) return
        dueMs = nowMs + passEveryMs
        left = [...parts]
      }
      const sinceMs = engine.clock.monotonic()
      do await turn()
      while (left.length > 0 && engine.clock.monotonic() - sinceMs < turnMs)
    },
  }
}

function partsOf(engine: Engine): readonly Part[] {
  const { database } = engine
  const beforeMs = (ms: number): number => engine.clock.now() - ms
  const retention = (): { runsMs: number; decisionsMs: number } => engine.head().policy.retention
  const batch = async (deleted: Promise<number>): Promise<'more' | 'done'> =>
    (await deleted) === batchMax ? 'more' : 'done'
  return [
    async () => {
      const endedMs = beforeMs(retention().runsMs)
      const runs = await database.transaction((tx) => forgetRuns(tx, endedMs, batchMax))
      return runs > 0 ? 'more' : 'done'
    },
    () => batch(forgetDecisions(database, beforeMs(retention().decisionsMs), batchMax)),
    () => batch(forgetReservations(database, beforeMs(retention().decisionsMs), batchMax)),
    () => batch(deleteHeard(database, beforeMs(heardMs), batchMax)),
    () => batch(forgetStarts(database, beforeMs(rateMs), batchMax)),
    () => batch(forgetSlots(database, beforeMs(Math.max(slotMs, retention().runsMs)), batchMax)),
    daily(engine),
  ]
}

/** Looks at every run, so once a day. */
function daily(engine: Engine): Part {
  let nextMs = 0
  return async () => {
    const nowMs = engine.clock.now()
    if (nowMs < nextMs) return 'done'
    await engine.database.transaction(async (tx) => {
      await lockRevisions(tx)
      const changedMs = await lastChangeMs(tx)
      if (changedMs === null || changedMs > nowMs - noticedMs) return
      const beforeMs = nowMs - noticedMs
      await forgetVersions(tx, beforeMs)
      await forgetPolicies(tx, beforeMs)
      await forgetRevisions(tx, batchMax)
      nextMs = nowMs + versionsEveryMs
    })
    return 'done'
  }
}
