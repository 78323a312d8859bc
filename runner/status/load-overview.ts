// Gathers what the overview tells: a handful of bounded queries side by side.

import type { FiringsOf } from './firings.ts'
import type { Overview } from './page-overview.ts'
import type { StatusParts } from './parts.ts'
import { listBrokenFlows } from '../store/view-flows.ts'
import { listRuns } from '../store/view-runs.ts'
import { listUpcoming } from '../store/view-schedule.ts'
import { readMonth } from '../store/view-spend.ts'
import { listOpenTickets } from '../store/view-tickets.ts'
import { countToday, listFailed, listRunning } from '../store/view-today.ts'

const dayMs = 86_400_000
const rowsMax = 8
const nextMax = 5
/** A schedule this late has missed its time; less is the jitter of a busy machine. */
export const overdueMs = 60_000
const overdueFromMs = 0
/** Schedules that are asked for their firings. */
const schedulesMax = 200

export async function loadOverview(
  { database }: Pick<StatusParts, 'database'>,
  firingsOf: FiringsOf,
  nowMs: number,
): Promise<Overview> {
  const sinceMs = nowMs - dayMs
  const untilMs = nowMs + dayMs
  const [today, any, month, tickets, running, failed, upcoming, overdue, broken] = await Promise.all([
    countToday(database, sinceMs),
    listRuns(database, { flow: null, statuses: [], sinceMs: 0, cursor: null, limit: 1 }),
    readMonth(database, nowMs),
    listOpenTickets(database, { cursor: null, limit: rowsMax }),
    listRunning(database, rowsMax),
    listFailed(database, { sinceMs, limit: rowsMax }),
    listUpcoming(database, { fromMs: nowMs, untilMs, limit: schedulesMax }),
    listUpcoming(database, { fromMs: overdueFromMs, untilMs: nowMs - overdueMs, limit: rowsMax }),
    listBrokenFlows(database, rowsMax),
  ])
  const firings = firingsOf(upcoming, { nowMs, untilMs })
  const next = upcoming.slice(0, nextMax)
  return {
    today,
    everRan: any.items.length > 0,
    month,
    tickets,
    running,
    failed,
    next,
    firings,
    overdue,
    broken,
  }
}
