// Tickets: what people are asked, and the only ways a ticket can change.

import type { Json, JsonObject } from './json.ts'
import type { Trust } from './trust.ts'

/**
 * `action`: may this very action run. `question`: an explicit `approve` step. `unsure`: which choice.
 * `unknown`: an effect whose outcome nobody knows; people say what happened.
 */
export type TicketKind = 'action' | 'question' | 'unsure' | 'unknown'

export const ticketStates = [
  'proposed',
  'opening',
  'pending',
  'approved',
  'claimed',
  'rejected',
  'expired',
  'cancelled',
  'superseded',
] as const
/** What follows a claim (executing, succeeded, failed, unknown) is the step's own state in the journal. */
export type TicketState = (typeof ticketStates)[number]

/** From each state, the states that may follow. What is missing here cannot happen. */
export const ticketMoves: Readonly<Record<TicketState, readonly TicketState[]>> = {
  proposed: ['opening', 'expired', 'cancelled', 'superseded'],
  opening: ['pending', 'expired', 'cancelled', 'superseded'],
  pending: ['approved', 'rejected', 'expired', 'cancelled', 'superseded'],
  approved: ['claimed', 'rejected', 'expired', 'cancelled', 'superseded'],
  claimed: [],
  rejected: [],
  expired: [],
  cancelled: [],
  superseded: [],
}

/** The final, fully rendered action. Its RFC 8785 form is what is hashed and what is handed to the action. */
export interface Binding extends JsonObject {
  readonly flow: string
  readonly flow_version: string
  readonly run: string
  readonly step: string
  readonly element: number | null
  readonly round: number
  readonly generation: number
  readonly action: string
  readonly action_version: number
  readonly input: JsonObject
  readonly connections: readonly string[]
  readonly secrets: readonly string[]
  readonly undo: string
  readonly rule: string
  readonly need: number
}

/** What the engine asks `approval/` to put before people. */
export interface Proposal {
  readonly kind: TicketKind
  readonly flow: string
  readonly run: string
  readonly step: string
  readonly element: number | null
  readonly binding: Binding | QuestionBinding
  /** One sentence: what will happen, or what is asked. */
  readonly title: string
  /** Every parameter in full, with where it came from. */
  readonly shown: readonly {
    readonly name: string
    readonly value: Json
    readonly trust: Trust
    readonly from: string
  }[]
  /** Which rules made it ask, in words. */
  readonly why: readonly string[]
  readonly undo: string
  readonly need: number
  readonly approvers: readonly string[]
  readonly self: boolean
  readonly expiresMs: number
  /** Names that may be chosen, with what each means; only for `unsure` and `unknown`. */
  readonly choices: readonly { readonly name: string; readonly means: string }[]
  /** Claude's words, shown last and folded; null when no model was asked. */
  readonly reasoning: string | null
  /** Who or what started the run; cannot approve it unless `self`. */
  readonly startedBy: string
}

/** The bindings of the kinds that ask for something else than one action. */
export interface QuestionBinding extends JsonObject {
  readonly flow: string
  readonly flow_version: string
  readonly run: string
  readonly step: string
  readonly element: number | null
  readonly round: number
  readonly kind: string
  readonly shown: Json
  readonly need: number
}

/** What people answered. `silence` is what expiry means. */
export type Verdict =
  | { readonly is: 'yes'; readonly by: readonly string[] }
  | { readonly is: 'no'; readonly by: string; readonly reason: string }
  | { readonly is: 'silence' }
  | { readonly is: 'choice'; readonly choice: string; readonly by: string }
  | { readonly is: 'done'; readonly by: string }
  | { readonly is: 'cancelled' }
