// Questions to Claude and what came of them.

import type { RecordedError } from './error.ts'
import type { Json, JsonObject } from './json.ts'
import type { PicoUsd } from './money.ts'
import type { Risk } from './risk.ts'
import type { Trust } from './trust.ts'

export const priorities = ['low', 'normal', 'high', 'urgent'] as const
export type Priority = (typeof priorities)[number]

/** What the engine asks `decision/` to settle: everything is rendered, nothing is read later. */
export interface Question {
  readonly flow: string
  readonly version: string
  readonly run: string
  readonly step: string
  readonly element: number | null
  readonly round: number
  readonly prompt: { readonly path: string; readonly text: string }
  readonly given: readonly { readonly name: string; readonly value: Json; readonly trust: Trust }[]
  readonly choices: readonly AskedChoice[]
  /** For steps without choices: what Claude writes. */
  readonly ask: Readonly<Record<string, AskedParameter>>
  /** The choice of the first rule that matched, before anything is asked; null: none did. */
  readonly ruled: { readonly choice: string; readonly rule: number } | null
  /** The same for the rules that hold only while Claude is away. */
  readonly ruledInOutage: { readonly choice: string; readonly rule: number } | null
  readonly onOutage: readonly ('rules' | 'park' | 'people')[]
  readonly models: { readonly small: string; readonly large: string }
  readonly caps: readonly Cap[]
}

/** A limit of the ledger that this question counts against. Windows are UTC; `amount` in pico-USD or calls. */
export interface Cap {
  /** `usd:month:2026-11`, `calls:day:2026-11-22`, `usd:run:<id>`, `usd:flow:<name>:2026-11-22`. */
  readonly window: string
  readonly unit: 'pico_usd' | 'calls'
  readonly max: bigint
}

export interface AskedChoice {
  readonly name: string
  readonly means: string
  readonly ask: Readonly<Record<string, AskedParameter>>
}

/** `options`: trusted values, answered by index. */
export type AskedParameter = { readonly schema: JsonObject } | { readonly options: readonly Json[] }

/** A valid answer, canonical: choice as the author wrote it, options already looked up. */
export interface Answer {
  readonly choice: string
  readonly parameters: JsonObject
  readonly reason: string
  readonly priority: Priority
  readonly risk: Risk
  /** Label of each parameter: picked from a trusted list, or written by the model. */
  readonly provenance: Readonly<Record<string, Trust>>
}

export type Route = 'rule' | 'small' | 'large' | 'fallback' | 'people'

/** How a question ended. */
export type Decided =
  | {
      readonly is: 'answered'
      readonly decision: string
      readonly route: Route
      readonly answer: Answer
      readonly costPicoUsd: PicoUsd
    }
  /** People must choose: `unsure`, unusable answers, or an outage that the step hands to people. */
  | { readonly is: 'people'; readonly decision: string; readonly why: string; readonly costPicoUsd: PicoUsd }
  /** Claude cannot be asked now; ask again at `untilMs`. */
  | { readonly is: 'parked'; readonly why: string; readonly untilMs: number }
  | { readonly is: 'failed'; readonly error: RecordedError; readonly costPicoUsd: PicoUsd }
