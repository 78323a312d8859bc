// Bad weather of the store is outlasted: what failed in passing is tried again, with growing pauses and an end.

import { isPassing } from './database.ts'
import type { Clock } from '../world/clock.ts'

export interface Patience {
  /** Attempts after the first, before the failure is thrown. */
  readonly retries: number
  readonly clock: Clock
}

const pauseMsMin = 50
const pauseMsMax = 5_000

/** `work` must be safe to repeat: after a lost connection nobody knows whether it was committed. */
export async function outlast<Result>(patience: Patience, work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error) || attempt >= patience.retries) throw error
      await patience.clock.sleep(Math.min(pauseMsMax, pauseMsMin * 2 ** attempt))
    }
  }
}
