// Gathers what is told of one flow.

import type { FlowDetail } from './page-flow.ts'
import { choicesAmong } from './page-flow.ts'
import type { StatusParts } from './parts.ts'
import { listCommitsOf } from '../store/view-commits.ts'
import { countChoices } from '../store/view-decisions.ts'
import { readFlow, readFlowText } from '../store/view-flows.ts'
import { listRuns } from '../store/view-runs.ts'

const squares = 60
const endedAmong = 200
const timesEach = 5
const yearMs = 366 * 86_400_000

/** Null when there is no such flow. */
export async function loadFlow(parts: StatusParts, name: string, nowMs: number): Promise<FlowDetail | null> {
  const { database, flows } = parts
  const flow = await readFlow(database, { name, recent: squares })
  if (flow === null) return null
  const ended = {
    flow: name,
    statuses: ['succeeded', 'failed'],
    sinceMs: 0,
    cursor: null,
    limit: endedAmong,
  } as const
  const [compiled, text, commits, choices, runs] = await Promise.all([
    flow.version === null ? null : flows.compiled(flow.version),
    flow.version === null ? null : readFlowText(database, flow.version),
    listCommitsOf(database, { file: flow.file, among: 200, limit: 8 }),
    countChoices(database, { flow: name, limit: choicesAmong }),
    listRuns(database, ended),
  ])
  const range = { fromMs: nowMs, untilMs: nowMs + yearMs, max: timesEach }
  const nextTimes = new Map(
    flow.triggers.map((trigger) => [trigger.trigger, flows.nextTimes(name, trigger.trigger, range)]),
  )
  return { flow, compiled, nextTimes, text, commits, choices, ended: runs.items }
}
