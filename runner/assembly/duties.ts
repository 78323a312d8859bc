// Work that one of several runners does for all: a lease each, renewed by the sweep. Only to save work: what a duty
// does is guarded by its own keys, so two holders at once do no harm.

import type { Database } from '../store/database.ts'
import { holdDuty } from '../store/runners.ts'
import type { Clock } from '../world/clock.ts'

const names = ['schedule', 'tickets'] as const
export type Duty = (typeof names)[number]

export interface Duties {
  /** Whether this runner does it now, as of the last renewal. */
  holds(duty: Duty): boolean
  /** Takes or renews what it can. */
  renew(): Promise<void>
}

/** Longer than a few sweeps, so that a slow one loses nothing; short enough that a dead holder is replaced soon. */
const dutyMs = 5_000

export function createDuties(parts: {
  readonly database: Database
  readonly clock: Clock
  readonly owner: string
}): Duties {
  const { database, clock, owner } = parts
  const held = new Set<Duty>()
  return {
    holds: (duty) => held.has(duty),
    renew: async () => {
      for (const name of names) {
        const nowMs = clock.now()
        const mine = await holdDuty(database, { name, owner, nowMs, untilMs: nowMs + dutyMs })
        if (mine) held.add(name)
        else held.delete(name)
      }
    },
  }
}
