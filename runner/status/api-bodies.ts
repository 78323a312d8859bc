// What the API says of a run, a flow and the whole: the views as they are, with maps made plain.

import type { FlowDetail } from './page-flow.ts'
import type { Overview } from './page-overview.ts'
import type { RunDetail } from './page-run.ts'
import type { RunnerView } from '../model/runner-view.ts'

export function runBody({ run, lanes, journal, log, decisions, tickets }: RunDetail): object {
  return { ...run, lanes, journal, log, decisions, approvals: tickets }
}

export function flowBody({ flow, nextTimes, text, commits, choices }: FlowDetail): object {
  return { ...flow, nextTimes: Object.fromEntries(nextTimes), text, commits, choices }
}

export function statusBody(runner: RunnerView, overview: Overview): object {
  const { today, month, tickets, running, failed, next, overdue, broken } = overview
  return { runner, today, month, approvals: tickets.items, running, failed, next, overdue, broken }
}
