// The figures of the moment for a scrape: a few bounded queries and what the runner knows.

import type { StatusParts } from './parts.ts'
import { countFlows } from '../store/view-flows.ts'
import { listUpcoming } from '../store/view-schedule.ts'
import { readMonth } from '../store/view-spend.ts'
import { countOpenTickets } from '../store/view-tickets.ts'
import { countLive, countMax } from '../store/view-today.ts'
import type { Gauges } from '../world/metrics.ts'

export async function readGauges({ database, clock, runner }: StatusParts): Promise<Gauges> {
  const nowMs = clock.now()
  const [runs, ticketsOpen, flows, month, overdue] = await Promise.all([
    countLive(database),
    countOpenTickets(database, countMax),
    countFlows(database),
    readMonth(database, nowMs),
    listUpcoming(database, { fromMs: 0, untilMs: nowMs, limit: 1 }),
  ])
  const view = runner()
  return {
    version: view.version,
    startedMs: view.startedMs,
    rssBytes: view.rssBytes,
    runs,
    ticketsOpen,
    queueDepth: view.queueDepth,
    slots: view.slots,
    flows,
    month,
    monthLimit: view.budget.monthPicoUsd,
    headCheckedMs: view.head.checkedMs,
    scheduleOverdueMs: nowMs - (overdue[0]?.nextMs ?? nowMs),
    claudeAvailable: view.claude.available,
    stopped: view.stopped,
  }
}
