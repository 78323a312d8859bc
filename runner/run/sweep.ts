// The safety net, each second: what a lost message, a dead runner or a passed time would leave lying is picked up.

import type { Engine } from './engine.ts'
import type { Worker } from './worker.ts'
import { deadRunners } from './dead.ts'
import { createForget } from './forget.ts'
import { freeUses } from '../store/connection-uses.ts'
import { renew, unregister } from '../store/runners.ts'
import { dueRuns, takeOver } from '../store/runs.ts'
import { wakeRuns } from '../store/wake.ts'

export const sweepEveryMs = 1_000
/** A runner that did not renew for this long is taken for dead. */
export const leaseMs = 10_000
const batchMax = 256

export interface Sweep {
  /** One pass; a failure of one part does not keep the others from running. */
  once(): Promise<void>
}

/** @param enlistAgain makes this runner known to the others once more */
export function createSweep(
  engine: Engine,
  worker: Worker,
  enlistAgain: () => Promise<void> = async () => {},
): Sweep {
  const forget = createForget(engine)
  const parts: readonly (readonly [string, () => Promise<void>])[] = [
    ['lease', () => keepLease(engine, enlistAgain)],
    ['news', () => worker.news()],
    ['timers', () => wakeDue(engine)],
    ['takeover', () => takeOverDead(engine)],
    ['limits', () => worker.letIn()],
    ['connections', () => freeUses(engine.database, engine.owner)],
    ['hints', () => worker.look()],
    ['tickets', () => engine.tickets.expire()],
    ['retention', () => forget.once()],
  ]
  return {
    once: async () => {
      for (const [part, run] of parts) {
        try {
          await run()
        } catch (error) {
          engine.log.warn({ part, error }, 'a part of the sweep failed; it runs again in a second')
        }
      }
    },
  }
}

/** The others may have taken this runner for dead: it makes itself known again, what it held is fenced. */
async function keepLease(engine: Engine, enlistAgain: () => Promise<void>): Promise<void> {
  if (await renew(engine.database, engine.owner, engine.clock.now() + leaseMs)) return
  engine.log.warn({ owner: engine.owner }, 'others took this runner for dead; it makes itself known again')
  await enlistAgain()
}

async function wakeDue(engine: Engine): Promise<void> {
  await engine.database.transaction(async (tx) => {
    const due = await dueRuns(tx, engine.clock.now(), batchMax)
    if (due.length > 0) await wakeRuns(tx, engine.queue, due)
  })
}

/** Runs of dead owners become ready with a new epoch. */
async function takeOverDead(engine: Engine): Promise<void> {
  const dead = await deadRunners(engine)
  const taken = await engine.database.transaction(async (tx) => {
    const freed = await takeOver(tx, dead)
    if (freed.length > 0) await engine.queue.call(tx, 'ready')
    return freed
  })
  if (taken.length > 0)
    engine.log.info({ runs: taken.length, dead }, 'runs of a runner that is gone were taken over')
  if (dead.length === 0) return
  await engine.decider.recover(dead)
  await unregister(engine.database, dead)
}
