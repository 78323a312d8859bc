// Runs that are ours in the store but not in memory any more, because recording failed: they are handed back.

import type { Engine } from './engine.ts'
import { handBackRuns } from './hand-back.ts'

export interface Dropped {
  look(missing: readonly { readonly id: string; readonly epoch: number }[]): Promise<void>
}

/** Handed back when missing at two looks in a row: a single look may fall between a run's birth and its start. */
export function createDropped(engine: Engine): Dropped {
  let before = new Set<string>()
  return {
    look: async (missing) => {
      const lost = missing.filter((run) => before.has(`${run.id} ${run.epoch}`))
      before = new Set(missing.map((run) => `${run.id} ${run.epoch}`))
      if (lost.length === 0) return
      engine.log.warn({ runs: lost.length }, 'runs that were dropped from memory are handed back')
      await handBackRuns(engine, lost)
    },
  }
}
