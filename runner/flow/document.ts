// A flow and a policy as written: what the schemas in `schema/` let through, before anything is compiled.

import type { FailureKind } from '../model/error.ts'
import type { WhenFull, WhileWaiting } from '../model/flow.ts'
import type { Json, JsonObject, JsonSchema } from '../model/json.ts'
import type { Risk } from '../model/risk.ts'

export interface FlowDocument {
  readonly name: string
  readonly description?: string
  readonly owner?: string
  readonly on?: Readonly<Record<string, TriggerDocument>>
  readonly inputs?: Readonly<Record<string, JsonSchema>>
  readonly limits?: LimitsDocument
  readonly steps: readonly StepDocument[]
  readonly on_failure?: { readonly steps: readonly StepDocument[] }
  readonly outputs?: Readonly<Record<string, Json>>
  readonly suspend?: boolean
}

export interface TriggerDocument {
  readonly schedule?: ScheduleDocument
  readonly webhook?: WebhookDocument | null
  readonly git?: { readonly paths?: readonly string[] } | null
}

export interface ScheduleDocument {
  readonly cron?: string
  readonly every?: string
  readonly timezone?: string
  readonly missed?: {
    readonly run: 'none' | 'latest' | 'all'
    readonly within?: string
    readonly max?: number
  }
  readonly overlap?: 'skip' | 'queue' | 'replace' | 'allow'
  readonly while_waiting?: WhileWaiting
}

export interface WebhookDocument {
  readonly secret?: string
  readonly auth?: 'bearer' | 'hmac'
  readonly id?: string
  readonly body?: JsonSchema
}

export interface LimitsDocument {
  readonly concurrency?: {
    readonly key?: string
    readonly max: number
    readonly when_full?: WhenFull
    readonly while_waiting?: WhileWaiting
  }
  readonly rate?: {
    readonly key?: string
    readonly max: number
    readonly per: string
    readonly when_full?: WhenFull
  }
  readonly timeout?: string
  readonly budget?: { readonly per_run_usd?: number; readonly per_day_usd?: number }
}

export interface StepDocument {
  readonly id: string
  readonly name?: string
  readonly when?: string
  readonly needs?: readonly string[]
  readonly each?: string | readonly Json[]
  readonly as?: string
  readonly max_parallel?: number
  readonly repeat?: RepeatDocument
  readonly retry?: RetryDocument
  readonly timeout?: string
  readonly on_error?: 'fail' | 'continue'
  readonly uses?: string
  readonly with?: JsonObject
  readonly risk?: readonly RiskDocument[]
  readonly decide?: DecideDocument
  readonly approve?: ApproveDocument
  readonly wait?: WaitDocument
  readonly call?: string
  readonly steps?: readonly StepDocument[]
  readonly end?: 'succeeded' | 'failed'
  readonly reason?: string
}

export interface RepeatDocument {
  readonly until: string
  readonly every: string
  readonly within: string
}

export interface WaitDocument {
  readonly for?: string
  readonly until?: string
  readonly event?: Pick<TriggerDocument, 'webhook' | 'git'>
  readonly match?: string
}

export interface RetryDocument {
  readonly times: number
  readonly backoff?: { readonly from?: string; readonly to?: string }
  readonly on?: readonly FailureKind[]
}

export interface RiskDocument {
  readonly when?: string
  readonly at_least: Risk
}

export interface DecideDocument {
  readonly prompt: string
  readonly given?: JsonObject
  readonly choose?: Readonly<Record<string, ChoiceDocument>>
  readonly ask?: AskDocument
  readonly rules?: readonly {
    readonly when: string
    readonly choose: string
    readonly only?: 'always' | 'outage'
  }[]
  readonly risk?: readonly RiskDocument[]
  readonly on_outage?: readonly ('rules' | 'park' | 'people')[]
}

export interface ChoiceDocument {
  readonly means: string
  readonly uses?: string
  readonly with?: JsonObject
  readonly ask?: AskDocument
}

/** Each a shape, or `{ from: ${ list } }`. */
export type AskDocument = Readonly<Record<string, JsonObject>>

export interface ApproveDocument {
  readonly show: Json
  readonly approvers?: readonly string[]
  readonly need?: number
  readonly expires?: string
}

export interface PolicyDocument {
  readonly approvals?: {
    readonly repository?: string
    readonly approvers?: readonly string[]
    readonly need?: number
    readonly self?: boolean
    readonly expires?: string
    readonly per_day?: number
  }
  readonly risk?: readonly (RiskDocument & {
    readonly uses: string
    readonly need?: number
    readonly approvers?: readonly string[]
  })[]
  readonly allow?: readonly AllowDocument[]
  readonly budget?: { readonly month_usd?: number; readonly day_calls?: number }
  readonly models?: { readonly small?: string; readonly large?: string }
  readonly secrets?: Readonly<Record<string, { readonly hosts: readonly string[] }>>
  readonly connections?: Readonly<Record<string, ConnectionDocument>>
  readonly egress?: { readonly hosts?: readonly string[]; readonly private?: readonly string[] }
  readonly files?: { readonly read?: readonly string[]; readonly write?: readonly string[] }
  readonly teams?: Readonly<Record<string, readonly string[]>>
  readonly lists?: Readonly<Record<string, readonly (string | number)[]>>
  readonly retention?: { readonly runs?: string; readonly decisions?: string; readonly payloads?: string }
  readonly suspend?: boolean
}

export interface AllowDocument {
  readonly flow: string
  readonly uses: string
  readonly when?: string
  readonly commands?: readonly (readonly string[])[]
  readonly lower_to: Risk
}

export interface ConnectionDocument {
  readonly kind: 'http'
  readonly base: string
  readonly auth?: { readonly bearer: { readonly secret: string } }
  readonly limits?: {
    readonly concurrency?: number
    readonly rate?: { readonly max: number; readonly per: string }
  }
}
