// The compiled flow: what the engine sees. Made by `flow/`, never written by hand; expressions are closures.

import type { FailureKind } from './error.ts'
import type { FlowName, StepPath } from './id.ts'
import type { Json, JsonObject, JsonSchema } from './json.ts'
import type { Place } from './problem.ts'
import type { Risk } from './risk.ts'
import type { Trust } from './trust.ts'

export interface Flow {
  readonly name: FlowName
  readonly description: string
  readonly owner: string | null
  /** Path inside the followed folder. */
  readonly file: string
  /** Hash of the closure: every file this flow can read, by path and content. */
  readonly version: string
  readonly suspended: boolean
  readonly triggers: readonly Trigger[]
  /** JSON Schema per input, with defaults. */
  readonly inputs: Readonly<Record<string, JsonSchema>>
  readonly limits: Limits
  readonly steps: readonly Step[]
  readonly onFailure: { readonly steps: readonly Step[] }
  readonly outputs: Readonly<Record<string, Value>>
}

export interface Limits {
  readonly concurrency: {
    /** Null: one key for the whole flow. Gives text. */
    readonly key: Expression | null
    readonly max: number
    readonly whenFull: WhenFull
    readonly whileWaiting: WhileWaiting
  } | null
  /** At most `max` runs of one key start in any span of `perMs`. */
  readonly rate: {
    readonly key: Expression | null
    readonly max: number
    readonly perMs: number
    readonly whenFull: WhenFull
  } | null
  /** Working time; waiting for people or timers does not count. */
  readonly timeoutMs: number
  readonly budget: { readonly perRunUsd: number | null; readonly perDayUsd: number | null }
}

export type WhenFull = 'queue' | 'drop' | 'replace'

/** Whether a run that waits for people, a time or an event still counts: `hold` it does. */
export type WhileWaiting = 'hold' | 'release'

// --- triggers

export type Trigger = ScheduleTrigger | WebhookTrigger | GitTrigger

interface TriggerBase {
  readonly id: string
  readonly place: Place
}

export interface ScheduleTrigger extends TriggerBase {
  readonly kind: 'schedule'
  readonly rhythm: { readonly cron: string } | { readonly everyMs: number }
  readonly timezone: string
  readonly missed: {
    readonly run: 'none' | 'latest' | 'all'
    readonly withinMs: number | null
    readonly max: number
  }
  readonly overlap: 'skip' | 'queue' | 'replace' | 'allow'
  readonly whileWaiting: WhileWaiting
}

export interface WebhookTrigger extends TriggerBase {
  readonly kind: 'webhook'
  /** Name of a secret of the policy; null: the runner's own hook key. */
  readonly secret: string | null
  /** How the caller proves itself. `hmac`: `X-Watchbill-Signature: t=<unix seconds>,v1=<hex>` over `t.body`. */
  readonly auth: 'bearer' | 'hmac'
  /** Gives the slot's own part from the event; null: signed time and body hash. */
  readonly slot: Expression | null
  /** Schema of the body; requests that do not fit are refused. */
  readonly body: JsonSchema | null
}

export interface GitTrigger extends TriggerBase {
  readonly kind: 'git'
  /** Globs against paths of the repository; empty: any. */
  readonly paths: readonly string[]
}

/** The step of a path, inside groups too; null when the flow has none. */
export function stepAt(flow: Flow, path: string): Step | null {
  let steps: readonly Step[] = flow.steps.concat(flow.onFailure.steps)
  for (;;) {
    const step = steps.find((one) => path === one.path || path.startsWith(`${one.path}.`))
    if (step === undefined) return null
    if (step.path === path) return step
    steps = step.work.is === 'group' ? step.work.steps : []
  }
}

// --- expressions and values

/** Names an expression can read. Values of steps are there only for steps that ran to a result. */
export interface Scope {
  readonly event: JsonObject
  readonly inputs: JsonObject
  readonly steps: JsonObject
  readonly run: JsonObject
  readonly flow: string
  readonly policy: JsonObject
  readonly failure?: JsonObject
  readonly choice?: string
  readonly parameters?: JsonObject
  /** The element of `each`, under the name that the step gave it. */
  readonly [name: string]: Json | undefined
}

export interface Expression {
  readonly source: string
  readonly place: Place
  /** Dotted constant paths it reads, longest known prefix: `event.webhook.body.user`, `steps.triage.choice`. */
  readonly reads: readonly string[]
  /** The join of the labels of those paths. */
  readonly trust: Trust
  /** Throws `Failure('invalid')` naming place and source. Integers come back as plain numbers, times as RFC 3339. */
  evaluate(scope: Scope): Json
}

/** A YAML value in which `${ }` stands. */
export type Value =
  | { readonly is: 'literal'; readonly value: Json }
  | { readonly is: 'expression'; readonly expression: Expression }
  | { readonly is: 'text'; readonly parts: readonly (string | Expression)[] }
  | { readonly is: 'list'; readonly items: readonly Value[] }
  | { readonly is: 'map'; readonly entries: readonly (readonly [string, Value])[] }

// --- steps

export interface Step {
  readonly path: StepPath
  readonly id: string
  readonly name: string
  readonly place: Place
  readonly when: Expression | null
  /** Ids of the steps that must have ended; without `needs` in the file, every step written before. */
  readonly needs: readonly string[]
  readonly each: { readonly list: Expression; readonly as: string; readonly maxParallel: number } | null
  readonly repeat: Repeat | null
  readonly retry: Retry | null
  /** For one attempt; of a group for all its steps together. */
  readonly timeoutMs: number | null
  readonly onError: 'fail' | 'continue'
  readonly work: Work
}

export interface Retry {
  /** Attempts after the first. */
  readonly times: number
  readonly fromMs: number
  readonly toMs: number
  readonly on: readonly FailureKind[]
}

/** The step runs again until the expression, which sees its result, holds. */
export interface Repeat {
  readonly until: Expression
  readonly everyMs: number
  /** From the first round on; afterwards the step has failed with `timeout`. */
  readonly withinMs: number
}

export type Work = UsesWork | DecideWork | ApproveWork | WaitWork | CallWork | GroupWork | EndWork

export interface UsesWork {
  readonly is: 'uses'
  readonly uses: string
  readonly with: Readonly<Record<string, Value>>
  /** Least risk that the flow itself asks for. */
  readonly risk: readonly RiskRule[]
}

export interface RiskRule {
  readonly when: Expression | null
  readonly atLeast: Risk
}

export interface DecideWork {
  readonly is: 'decide'
  readonly prompt: { readonly path: string; readonly text: string }
  readonly given: Readonly<Record<string, Value>>
  /** Written by the author; `unsure` is added when asking. Empty: Claude only writes. */
  readonly choices: readonly Choice[]
  /** Shape of what Claude writes when there are no choices. */
  readonly ask: Readonly<Record<string, Ask>>
  readonly rules: readonly DecisionRule[]
  readonly risk: readonly RiskRule[]
  /** What to do, in this order, when Claude cannot be asked. */
  readonly onOutage: readonly ('rules' | 'park' | 'people')[]
}

/** A choice without a token: `only: outage` holds only while Claude cannot be asked. */
export interface DecisionRule {
  readonly when: Expression
  readonly choose: string
  readonly only: 'always' | 'outage'
}

export interface Choice {
  readonly name: string
  readonly means: string
  readonly uses: string | null
  readonly with: Readonly<Record<string, Value>>
  readonly ask: Readonly<Record<string, Ask>>
}

/** A parameter that Claude fills in: by a schema, or by index from a trusted list. */
export type Ask = { readonly schema: JsonSchema } | { readonly from: Expression }

export interface ApproveWork {
  readonly is: 'approve'
  readonly show: Value
  readonly approvers: readonly string[] | null
  readonly need: number | null
  readonly expiresMs: number | null
}

export interface WaitWork {
  readonly is: 'wait'
  readonly wait: { readonly forMs: number } | { readonly until: Expression } | EventWait
}

export interface EventWait {
  /** Its `id` is the path of the step: a webhook arrives at `/hooks/<flow>/<step>`. */
  readonly event: WebhookTrigger | GitTrigger
  /** Sees `event`, the one that came; null: the first one is it. */
  readonly match: Expression | null
  /** Afterwards the step has ended with the status `timed_out`. */
  readonly forMs: number
}

/** Runs another flow, as it stands on the branch at that moment, and takes its outputs. */
export interface CallWork {
  readonly is: 'call'
  readonly flow: FlowName
  readonly with: Readonly<Record<string, Value>>
}

/** Steps as one: their ids are read as `steps.<group>.steps.<id>` from outside, and as `steps.<id>` inside. */
export interface GroupWork {
  readonly is: 'group'
  readonly steps: readonly Step[]
}

/** Ends the run here. */
export interface EndWork {
  readonly is: 'end'
  readonly status: 'succeeded' | 'failed'
  readonly reason: Value | null
}
