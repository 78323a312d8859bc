// Gathers what is told of one run, and joins the journal with the steps of its flow.

import { entriesMax } from './journal.ts'
import type { Mark } from './mark.ts'
import { logLinesMax, type RunDetail } from './page-run.ts'
import type { StatusParts } from './parts.ts'
import { withSteps } from './lanes-of-flow.ts'
import { timelineOf } from './timeline.ts'
import { listDecisionsOf } from '../store/view-decisions.ts'
import { listJournal, outlineRun, readRun, tailLog } from '../store/view-run.ts'
import { listTicketsOf } from '../store/view-tickets.ts'

/** Entries the picture looks at; a run with more is drawn by its beginning. */
const outlineMax = 2_000
const decisionsMax = 100
const ticketsMax = 20

export interface RunAsked {
  readonly id: string
  /** Journal entries after this sequence number. */
  readonly afterSeq: number
  readonly nowMs: number
}

/** Null when there is no such run. */
export async function loadRun(
  parts: StatusParts,
  { id, afterSeq, nowMs }: RunAsked,
): Promise<RunDetail | null> {
  const { database, flows } = parts
  const run = await readRun(database, id)
  if (run === null) return null
  const [compiled, outline, journal, log, decisions, tickets] = await Promise.all([
    flows.compiled(run.version),
    outlineRun(database, { run: id, limit: outlineMax }),
    listJournal(database, { run: id, afterSeq, limit: entriesMax }),
    tailLog(database, { run: id, limit: logLinesMax }),
    listDecisionsOf(database, { run: id, limit: decisionsMax }),
    listTicketsOf(database, { run: id, limit: ticketsMax }),
  ])
  const timed = {
    status: run.status,
    startedMs: run.startedMs ?? run.createdMs,
    untilMs: run.endedMs ?? nowMs,
  }
  const lanes = withSteps(timelineOf(outline, timed), compiled, timed)
  const marks = new Map<string, Mark>()
  for (const lane of lanes) if (lane.element === null) marks.set(lane.step, lane.mark)
  return { run, lanes, timed, compiled, marks, journal, log, decisions, tickets }
}
