// What the engine is given; built once in `start.ts`.

import type { Assessment, AssessInput } from '../approval/risk.ts'
import type { Tickets } from '../approval/tickets.ts'
import type { Decider } from '../decision/decide.ts'
import type { Action, ActionContext } from '../model/action.ts'
import type { Flow } from '../model/flow.ts'
import type { Head } from '../model/head.ts'
import type { Policy } from '../model/policy.ts'
import type { Firing } from '../model/firing.ts'
import type { Database } from '../store/database.ts'
import type { Outcome, Written } from '../store/journal.ts'
import type { Lane } from '../store/lane.ts'
import type { Queue } from '../store/queue.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import type { Metrics } from '../world/metrics.ts'
import type { Random } from '../world/random.ts'

/** What became of a firing. */
export type Admitted = { readonly run: string; readonly duplicate: boolean } | { readonly refused: string }

export interface Engine {
  /** Id of this runner; owner of the runs it holds. */
  readonly owner: string
  readonly database: Database
  readonly queue: Queue
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Every outcome of every run goes through here. */
  readonly outcomes: Lane<Outcome, Written>
  readonly actions: ReadonlyMap<string, Action>
  readonly decider: Decider
  readonly metrics: Metrics
  readonly tickets: Tickets
  readonly assess: (input: AssessInput) => Assessment
  /** Takes secrets out of a text before it is stored or shown. */
  readonly redact: (text: string) => string
  /** What the branch says now. */
  head(): Head
  /** The compiled flow of a stored version, these inputs labelled untrusted; throws `Failure` when it vanished. */
  flowVersion(hash: string, untrusted?: readonly string[]): Promise<Flow>
  /** The policy of a stored version; the head's when it vanished. */
  policyVersion(hash: string): Promise<Policy>
  /** The emergency stop or the policy's `suspend`: nothing new starts. */
  stopped(): boolean
  /** This process is about to end: what it holds is finished or handed back. */
  draining(): boolean
  context(effect: EffectContext): ActionContext
  /** Starts a run of another flow, for a `call`. */
  admit(firing: Firing): Promise<Admitted>
  /** A run ended: its limits are free, its open tickets are withdrawn. */
  ended(run: string, tickets: 'open tickets' | 'no open tickets'): Promise<void>
  /** Something about this run changed; for the page. */
  changed(run: string): void
  /** Runs held, and steps performed, at once. */
  readonly concurrency: number
}

export interface EffectContext {
  readonly run: string
  readonly flow: string
  readonly step: string
  readonly key: string
  readonly signal: AbortSignal
}
