// After a decision that changed a run's priority: whether somebody more urgent waits for the place that it has.

import type { Engine } from './engine.ts'
import type { Held } from './held.ts'
import { outranked } from '../store/window.ts'

export interface Ranks {
  /** Null: nothing was decided since it was asked last. */
  outranked(held: Held): Promise<boolean> | null
}

/** @param full whether every place of this process is taken; with a free one nobody has to give way */
export function createRanks(engine: Engine, full: () => boolean): Ranks {
  const known = new WeakMap<Held, number>()
  return {
    outranked: (held) => {
      const { priority } = held
      if (priority === (known.get(held) ?? held.row.priority)) return null
      if (full()) return ask(held, priority)
      known.set(held, priority)
      return null
    },
  }

  async function ask(held: Held, priority: number): Promise<boolean> {
    const answer = await outranked(engine.database, { createdMs: held.row.createdMs, priority })
    // Who gives way does so when nothing of it is in progress, and is asked again until then.
    if (!answer) known.set(held, priority)
    return answer
  }
}
