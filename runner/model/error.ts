// The world's failures: thrown, typed, and telling the caller whether to retry, wait or stop.

import type { Json } from './json.ts'

/** Kinds a step's error can have; the first three are retried unless the flow says otherwise. */
export const failureKinds = [
  'timeout',
  'unavailable',
  'rate_limited',
  'refused',
  'invalid',
  'denied',
  'budget',
  'cancelled',
  'unknown_outcome',
] as const
export type FailureKind = (typeof failureKinds)[number]

export interface FailureDetails {
  /** What a person should do about it. */
  readonly remedy?: string
  /** The other side said when to come back, in milliseconds from now. */
  readonly retryAfterMs?: number
  /** `none`: the effect certainly did not happen. Without it, a time-out or a lost connection leaves that open. */
  readonly effect?: 'none'
  /** Facts for the record; never a secret. */
  readonly data?: Json
  readonly cause?: unknown
}

/** A failure of the world (network, remote, limit, person's no). Its message is for people. */
export class Failure extends Error {
  readonly kind: FailureKind
  readonly remedy: string | undefined
  readonly retryAfterMs: number | undefined
  readonly effect: 'none' | undefined
  readonly data: Json | undefined

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'Failure'
    this.kind = kind
    this.remedy = details.remedy
    this.retryAfterMs = details.retryAfterMs
    this.effect = details.effect
    this.data = details.data
  }
}

/** A failure as it is journalled. */
export interface RecordedError {
  readonly kind: FailureKind
  readonly message: string
  readonly remedy?: string
}

const messageCharactersMax = 2_000

/** Anything thrown, as a typed error fit for the record: actions may throw what they like. */
export function recordedError(thrown: unknown): RecordedError {
  try {
    return recorded(thrown)
  } catch {
    // Looking at it threw: a getter, a proxy.
    return { kind: 'invalid', message: 'threw something that cannot be looked at' }
  }
}

function recorded(thrown: unknown): RecordedError {
  const message = (thrown instanceof Error ? textOf(thrown.message) : null) ?? `threw ${typeof thrown}`
  if (!(thrown instanceof Failure)) return { kind: 'invalid', message }
  return thrown.remedy === undefined
    ? { kind: thrown.kind, message }
    : { kind: thrown.kind, message, remedy: thrown.remedy }
}

function textOf(message: unknown): string | null {
  if (typeof message !== 'string') return null
  // The store takes neither NUL nor half a surrogate pair, which the cut may leave.
  return message.slice(0, messageCharactersMax).replaceAll('\0', '\u2400').toWellFormed()
}

/** What stops a command: exit 1 the request is wrong, 2 usage, 3 the world is not ready, 4 a limit or policy refused. */
export class Stop extends Error {
  readonly exitCode: 1 | 2 | 3 | 4
  readonly remedy: string

  constructor(exitCode: 1 | 2 | 3 | 4, message: string, remedy: string) {
    super(message)
    this.name = 'Stop'
    this.exitCode = exitCode
    this.remedy = remedy
  }
}
