// Everything that can come of one request to Claude, sorted by what it means for the answer and for the money.

export type Outcome = Replied | Unbilled | Unknown

/** HTTP 200 with a message: it is billed by its usage, whatever it says. */
export interface Replied {
  readonly is: 'replied'
  /**
   * `answered`: it ended by itself. `refused`: the model would not. `truncated`: `max_tokens` or the context
   * ended it. `odd`: it stopped for a reason that cannot happen with such a request.
   */
  readonly stop: 'answered' | 'refused' | 'truncated' | 'odd'
  /** As the API names it: `end_turn`, `refusal` … */
  readonly stopReason: string
  readonly text: string
  readonly usage: unknown
  /** The model that says it answered. */
  readonly model: string | null
  readonly requestId: string | null
}

/** It is known that nothing was processed: nothing is billed. */
export interface Unbilled {
  readonly is: 'unbilled'
  readonly cause: UnbilledCause
  /** For people: a status and the API's own short words, never a whole body. */
  readonly why: string
  /** When to come back, in milliseconds from now, at most `retryAfterMsMax`; null: it was not said. */
  readonly retryAfterMs: number | null
}

/**
 * `overloaded`: 529. `rate_limited`: 429. `spend_limit`: the month's spending limit of the account. `billing`: 402.
 * `credentials`: 401. `no_model`: 404, or 403: this key may not use the model. `rejected`: any other 4xx, the
 * request itself is wrong. `redirected`: 3xx. `unreachable`: no connection came about.
 */
export type UnbilledCause =
  | 'overloaded'
  | 'rate_limited'
  | 'spend_limit'
  | 'billing'
  | 'credentials'
  | 'no_model'
  | 'rejected'
  | 'redirected'
  | 'unreachable'

/** It may have been processed and billed; nobody here can know. */
export interface Unknown {
  readonly is: 'unknown'
  readonly cause: 'timeout' | 'server_error' | 'lost' | 'unreadable' | 'cancelled'
  readonly why: string
}

/** A server that asks for more is waited for so long; the wait is told. */
export const retryAfterMsMax = 15 * 60_000
