// Spending by day, read day by day and remembered: days that are over hardly change, so a month is not summed anew
// at every look.

import type { StatusParts } from './parts.ts'
import { type FlowSpend, listSpend, type MonthSpend } from '../store/view-spend.ts'

const dayMs = 86_400_000
/** A day is over for good when this long ago: calls are settled or presumed by then. */
const settledAfterMs = 2 * 3_600_000
/** What was presumed may still be corrected: looked at again after this. */
const keptMs = 3_600_000

export interface FlowDaySpend extends FlowSpend {
  /** Of the month, from 0. */
  readonly day: number
}

export type SpendDays = (month: MonthSpend, nowMs: number) => Promise<readonly FlowDaySpend[]>

export function makeSpendDays({ database }: Pick<StatusParts, 'database'>): SpendDays {
  const kept = new Map<number, { readonly readMs: number; readonly rows: readonly FlowSpend[] }>()
  return async (month, nowMs) => {
    for (const [startMs, day] of kept)
      if (startMs < month.startMs || nowMs - day.readMs > keptMs) kept.delete(startMs)
    const days: FlowDaySpend[] = []
    for (
      let day = 0, startMs = month.startMs;
      startMs < Math.min(month.endMs, nowMs);
      day++, startMs += dayMs
    ) {
      const known = kept.get(startMs)?.rows
      const rows =
        known ?? (await listSpend(database, { startMs, endMs: Math.min(startMs + dayMs, month.endMs) }))
      if (known === undefined && startMs + dayMs + settledAfterMs < nowMs)
        kept.set(startMs, { readMs: nowMs, rows })
      for (const row of rows) days.push({ flow: row.flow, spent: row.spent, calls: row.calls, day })
    }
    return days
  }
}
