// The journal of a run: facts in order, written only by the run's holder, never changed.

import type { Verdict } from './approval.ts'
import type { Priority } from './decision.ts'
import type { RecordedError } from './error.ts'
import type { Json, JsonObject } from './json.ts'
import type { Risk } from './risk.ts'
import type { Trust } from './trust.ts'

/** Which invocation a fact is about: a step, or one element of its `each`. */
export interface At {
  readonly step: string
  /** Index in the frozen list; null when the step has no `each`, or for the list itself. */
  readonly element: number | null
}

/** An action ready to run: everything rendered. Frozen here, handed to the action as it stands. */
export interface Frozen {
  readonly uses: string
  readonly version: number
  readonly input: JsonObject
  readonly sources: Readonly<Record<string, { readonly trust: Trust; readonly from: string }>>
}

export type Fact = { readonly v: 1 } & (
  | { readonly is: 'skipped'; readonly at: At; readonly why: 'when' | 'cancelled' }
  /** `each`: the list, evaluated once. */
  | { readonly is: 'listed'; readonly at: At; readonly items: readonly Json[] }
  | {
      readonly is: 'decided'
      readonly at: At
      readonly decision: string
      readonly route: string
      readonly choice: string
      readonly parameters: JsonObject
      readonly provenance: Readonly<Record<string, Trust>>
      readonly reason: string
      readonly priority: Priority
      readonly risk: Risk
      readonly costPicoUsd: string
    }
  /** A ticket stands before people; for actions with the frozen action that it is about. */
  | {
      readonly is: 'asked'
      readonly at: At
      readonly ticket: string
      readonly action: Frozen | null
      /** The answer is known but cannot be verified now: look at it again then. */
      readonly notBeforeMs: number | null
    }
  | { readonly is: 'answered'; readonly at: At; readonly ticket: string; readonly verdict: Verdict }
  /** The effect may leave from here on. `key` is the same for every attempt. */
  | {
      readonly is: 'intended'
      readonly at: At
      readonly attempt: number
      readonly key: string
      readonly action: Frozen
      readonly requestHash: string
      readonly risk: Risk
      readonly ticket: string | null
    }
  | {
      readonly is: 'succeeded'
      readonly at: At
      readonly attempt: number
      readonly output: Json
      readonly uses: string | null
      readonly risk: Risk
      readonly tookMs: number
    }
  | {
      readonly is: 'failed'
      readonly at: At
      readonly attempt: number
      readonly error: RecordedError
      readonly uses: string | null
      readonly tookMs: number
      /** When it is tried again; null: never. */
      readonly retryAtMs: number | null
    }
  /** People said no, or nothing: the step did not run. */
  | { readonly is: 'denied'; readonly at: At; readonly answer: 'no' | 'silence'; readonly reason: string }
  | { readonly is: 'waiting'; readonly at: At; readonly untilMs: number; readonly why: string }
  | { readonly is: 'waited'; readonly at: At }
  /** Waits for an event; `sinceMs`: events from then on count. */
  | { readonly is: 'listening'; readonly at: At; readonly sinceMs: number; readonly untilMs: number }
  /** The event that was waited for; null: none came in time. */
  | { readonly is: 'heard'; readonly at: At; readonly event: Json }
  /** Another flow runs for this step. */
  | { readonly is: 'called'; readonly at: At; readonly run: string }
  /** A step with `repeat` begins its first round. */
  | { readonly is: 'began'; readonly at: At; readonly sinceMs: number }
  /** An attempt of a group: its steps may start. */
  | { readonly is: 'opened'; readonly at: At; readonly sinceMs: number }
  /** Its result was not yet what `repeat` wants: a new round, with new keys, from `atMs`. */
  | { readonly is: 'repeated'; readonly at: At; readonly round: number; readonly atMs: number }
  /** Its result is what `repeat` wants. */
  | { readonly is: 'settled'; readonly at: At }
  /** An `end` step: nothing else starts. */
  | {
      readonly is: 'ending'
      readonly at: At
      readonly status: 'succeeded' | 'failed'
      readonly reason: string
    }
  /** A person starts the ended run again at these steps: they and what needs them run anew, with new keys. */
  | {
      readonly is: 'retried'
      readonly steps: readonly string[]
      readonly by: string
      readonly generation: number
    }
  | { readonly is: 'cancel_requested'; readonly by: string }
  /** From here on only `on_failure` runs. */
  | { readonly is: 'failing'; readonly step: string; readonly error: RecordedError }
)

export interface Entry {
  readonly seq: number
  readonly atMs: number
  readonly epoch: number
  readonly fact: Fact
}
