// What `next` is told of the moment, and the words in which it answers.

import type { Verdict } from './approval.ts'
import type { RecordedError } from './error.ts'
import type { Scope, Step } from './flow.ts'
import type { At } from './journal.ts'
import type { Json } from './json.ts'

/** A set, or the keys of a map. */
export interface Keys {
  readonly size: number
  has(key: string): boolean
  keys(): Iterable<string>
}

/** What is known at this moment besides the journal. */
export interface Now {
  readonly nowMs: number
  /** Keys of the invocations that this process is performing. */
  readonly busy: Keys
  readonly verdicts: ReadonlyMap<string, Verdict>
  /** Events that came for a listening invocation, by its key. */
  readonly heard: ReadonlyMap<string, Json>
  /** Called runs that have ended. */
  readonly ended: Keys
  /** What the expressions of an invocation can read. */
  readonly scope: (at: At) => Scope
}

export interface Waiting {
  readonly for: 'people' | 'time' | 'retry' | 'claude' | 'resume' | 'event' | 'call' | 'limit'
  readonly step: string
  readonly element: number | null
  readonly ticket?: string
  readonly untilMs?: number
  /** The run that was called. */
  readonly run?: string
}

export interface Ready {
  readonly step: Step
  readonly at: At
  /** A group that has failed: whether it is tried again is decided where randomness is. */
  readonly failed?: RecordedError
}
