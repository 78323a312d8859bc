// Counters of this process for Prometheus. Names after its conventions, labels from closed or capped sets.

import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { TicketKind, Verdict } from '../model/approval.ts'
import type { Route } from '../model/decision.ts'
import type { TriggerKind } from '../model/event.ts'
import type { PicoUsd } from '../model/money.ts'
import type { RunStatus } from '../model/run.ts'

export interface Metrics {
  runEnded(run: { readonly flow: string; readonly status: RunStatus; readonly workingMs: number }): void
  /** `uses`: name of the action, or `decide`, `approve`, `wait`. */
  stepEnded(step: { readonly uses: string; readonly outcome: StepOutcome; readonly tookMs: number }): void
  decided(decision: { readonly flow: string; readonly route: Route; readonly costPicoUsd: PicoUsd }): void
  answered(ticket: { readonly kind: TicketKind; readonly verdict: Verdict['is'] }): void
  /** `lateMs`: from the nominal time to the durable run. */
  fired(firing: { readonly kind: TriggerKind; readonly lateMs: number }): void
  reconciled(result: 'changed' | 'unchanged' | 'failed'): void
  /** Everything as Prometheus reads it, with the gauges of this moment. */
  expose(gauges: Gauges): Promise<{ readonly contentType: string; readonly body: string }>
}

export type StepOutcome = 'succeeded' | 'failed' | 'denied' | 'skipped'

/** What is measured at the moment of the scrape. Null: unknown or without limit, and then left out. */
export interface Gauges {
  readonly version: string
  readonly startedMs: number
  readonly rssBytes: number
  readonly runs: Readonly<Record<'queued' | 'ready' | 'running' | 'parked', number>>
  readonly ticketsOpen: number
  readonly queueDepth: number
  readonly slots: { readonly used: number; readonly total: number }
  readonly flows: Readonly<Record<'active' | 'broken', number>>
  readonly month: { readonly settled: PicoUsd; readonly held: PicoUsd; readonly presumed: PicoUsd }
  readonly monthLimit: PicoUsd | null
  readonly headCheckedMs: number | null
  /** How long the most overdue schedule has been waiting to fire; 0 when none is. */
  readonly scheduleOverdueMs: number
  readonly claudeAvailable: boolean
  readonly stopped: boolean
}

/** Distinct values a label may take before further ones are counted as `other`. */
export const labelValuesMax = 500

export function createMetrics(): Metrics {
  const registry = new Registry()
  const count = counters(registry)
  const gauge = gaugesOf(registry)
  const flow = capped()
  const uses = capped()
  return {
    runEnded: (run) => {
      count.runs.inc({ flow: flow(run.flow), status: run.status })
      count.working.observe({ status: run.status }, run.workingMs / 1000)
    },
    stepEnded: (step) => {
      count.steps.inc({ uses: uses(step.uses), outcome: step.outcome })
      count.stepSeconds.observe({ uses: uses(step.uses) }, step.tookMs / 1000)
    },
    decided: (decision) => {
      count.decisions.inc({ flow: flow(decision.flow), route: decision.route })
      count.spend.inc({ flow: flow(decision.flow) }, dollars(decision.costPicoUsd))
    },
    answered: (ticket) => count.answers.inc(ticket),
    fired: ({ kind, lateMs }) => count.lateness.observe({ kind }, Math.max(0, lateMs) / 1000),
    reconciled: (result) => count.reconciles.inc({ result }),
    expose: async (gauges) => {
      gauge(gauges)
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}

const dollars = (amount: PicoUsd): number => Number(amount) / 1e12

/** Lets the first values through and folds the rest, so that no data can grow the memory of the scraper. */
function capped(): (value: string) => string {
  const seen = new Set<string>()
  return (value) => {
    if (seen.has(value)) return value
    if (seen.size >= labelValuesMax) return 'other'
    seen.add(value)
    return value
  }
}

const secondsBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800]

function counters(registry: Registry) {
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `watchbill_${name}`, help, labelNames, registers })
  const histogram = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Histogram({ name: `watchbill_${name}`, help, labelNames, buckets: secondsBuckets, registers })
  return {
    runs: counter('runs_ended_total', 'Runs that ended, by flow and how.', ['flow', 'status']),
    working: histogram('run_working_seconds', 'Working time of ended runs, without waiting.', ['status']),
    steps: counter('steps_ended_total', 'Steps that ended, by what they use and how.', ['uses', 'outcome']),
    stepSeconds: histogram('step_seconds', 'Duration of the last attempt of a step.', ['uses']),
    decisions: counter('decisions_total', 'Decisions, by flow and the way they were made.', [
      'flow',
      'route',
    ]),
    spend: counter('spend_usd_total', 'US dollars settled for decisions, by flow.', ['flow']),
    answers: counter('approvals_answered_total', 'Questions to people that ended.', ['kind', 'verdict']),
    lateness: histogram('firing_lateness_seconds', 'From nominal time to durable run.', ['kind']),
    reconciles: counter('reconciles_total', 'Looks at the followed branch.', ['result']),
  }
}

function gaugesOf(registry: Registry): (now: Gauges) => void {
  const registers = [registry]
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `watchbill_${name}`, help, labelNames, registers })
  const build = gauge('build_info', 'Always 1; the version is its label.', ['version'])
  const started = gauge('start_time_seconds', 'When this runner started, as a Unix time.')
  const memory = gauge('resident_memory_bytes', 'Resident memory of this runner.')
  const runs = gauge('runs', 'Runs that have not ended, by status.', ['status'])
  const tickets = gauge('approvals_open', 'Questions that wait for people.')
  const queue = gauge('queue_depth', 'Runs that are ready and wait for a runner.')
  const slots = gauge('slots', 'Steps this runner performs at once, at most.')
  const used = gauge('slots_used', 'Steps this runner performs now.')
  const flows = gauge('flows', 'Flows of the followed branch, by state of their file.', ['state'])
  const month = gauge('month_spend_usd', 'Money of this UTC month, by state of the ledger.', ['state'])
  const limit = gauge('month_limit_usd', 'What the policy allows for a month; absent without a limit.')
  const head = gauge('head_checked_time_seconds', 'When the branch was last read, as a Unix time.')
  const overdue = gauge('schedule_overdue_seconds', 'How long the most overdue schedule has not fired.')
  const claude = gauge('claude_available', '1 when Claude can be asked.')
  const stopped = gauge('stopped', '1 after the emergency stop.')
  return (now) => {
    build.set({ version: now.version }, 1)
    started.set(now.startedMs / 1000)
    memory.set(now.rssBytes)
    for (const status of ['queued', 'ready', 'running', 'parked'] as const)
      runs.set({ status }, now.runs[status])
    tickets.set(now.ticketsOpen)
    queue.set(now.queueDepth)
    slots.set(now.slots.total)
    used.set(now.slots.used)
    for (const state of ['active', 'broken'] as const) flows.set({ state }, now.flows[state])
    for (const state of ['settled', 'held', 'presumed'] as const)
      month.set({ state }, dollars(now.month[state]))
    if (now.monthLimit === null) limit.remove()
    else limit.set(dollars(now.monthLimit))
    if (now.headCheckedMs === null) head.remove()
    else head.set(now.headCheckedMs / 1000)
    overdue.set(now.scheduleOverdueMs / 1000)
    claude.set(now.claudeAvailable ? 1 : 0)
    stopped.set(now.stopped ? 1 : 0)
  }
}
