// The worker: takes ready runs from the queue while it has room, and keeps room for runs that are being born here.

import type { Dispatch } from './dispatch.ts'
import type { Engine } from './engine.ts'
import { createHolding, type Holding } from './holding.ts'
import { createTaking } from './taking.ts'
import type { HeldRun } from '../store/runs.ts'
import { countReady } from '../store/window.ts'

export interface Worker extends Pick<Holding, 'news' | 'drain'>, Pick<Dispatch, 'letIn' | 'ready'> {
  /** Keeps room for one run about to be born; false when full, or when older work waits. */
  reserve(): boolean
  /** Gives reserved room back. */
  release(): void
  /** Starts a run that was born claimed, in room that was reserved. */
  adopt(row: HeldRun): void
  /** Hints may be in the queue: look soon. */
  hint(): void
  /** Looks by itself, for calls and hints that were lost. */
  look(): Promise<void>
  readonly used: number
  /** Ready runs that wait for any runner, as of the last sweep; counted to ten thousand. */
  readonly older: number
}

const olderMax = 10_000

export function createWorker(engine: Engine): Worker {
  const holding = createHolding(engine)
  let reserved = 0
  let older = 0
  const room = (): number => engine.concurrency - holding.size - reserved
  const taking = createTaking({ engine, holding, room })
  const { dispatch } = taking
  return {
    reserve: () => {
      if (room() <= 0) taking.fallBehind()
      if (room() <= 0 || taking.overtakes(room()) || engine.stopped() || engine.draining()) return false
      reserved += 1
      return true
    },
    release: () => {
      reserved -= 1
      taking.freed()
    },
    adopt: (row) => {
      reserved -= 1
      holding.begin(row, taking.freed)
    },
    hint: taking.hint,
    ready: () => dispatch.ready(),
    letIn: () => dispatch.letIn(),
    look: async () => {
      older = await countReady(engine.database, olderMax)
      if (older === 0) return taking.catchUp()
      if (room() <= 0) taking.fallBehind()
      taking.hint()
      await dispatch.look()
    },
    news: () => holding.news(),
    drain: async (graceMs) => {
      dispatch.stop()
      await holding.drain(graceMs)
    },
    get used() {
      return holding.size + reserved
    },
    get older() {
      return older
    },
  }
}
