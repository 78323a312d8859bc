// The state of a run, folded from its journal (fold.ts). `next` (next.ts) decides what follows.

import type { Verdict } from './approval.ts'
import type { RecordedError } from './error.ts'
import type { At, Fact, Frozen } from './journal.ts'
import type { Json } from './json.ts'
import type { Ending, List } from './list.ts'
import type { Risk } from './risk.ts'

/** `queued`: a limit is full. `ready`: wants a runner. `running`: held. `parked`: waits for a fact or a time. */
export const runStatuses = [
  'queued',
  'ready',
  'running',
  'parked',
  'succeeded',
  'failed',
  'cancelled',
] as const
export type RunStatus = (typeof runStatuses)[number]

export type FactOf<Kind extends Fact['is']> = Extract<Fact, { is: Kind }>

/** Where one invocation of a step stands; each state carries only what it has. */
export type Phase =
  | { readonly is: 'pending' }
  /** `retry`: an attempt failed. `repeat`: the result was not yet what was wanted. */
  | { readonly is: 'again'; readonly atMs: number; readonly why: 'retry' | 'repeat' }
  /** A group whose steps may run. */
  | { readonly is: 'open'; readonly sinceMs: number }
  /** Chosen; the action of the choice comes next. */
  | { readonly is: 'decided' }
  | {
      readonly is: 'asked'
      readonly ticket: string
      readonly action: Frozen | null
      readonly notBeforeMs: number | null
    }
  | {
      readonly is: 'answered'
      readonly ticket: string
      readonly action: Frozen | null
      readonly verdict: Verdict
    }
  /** The effect may have left. */
  | { readonly is: 'intended'; readonly intent: FactOf<'intended'> }
  | { readonly is: 'waiting'; readonly untilMs: number; readonly why: string }
  | { readonly is: 'listening'; readonly sinceMs: number; readonly untilMs: number }
  /** Another run works for this step. */
  | { readonly is: 'called'; readonly run: string }
  | Ended

export interface Ended {
  readonly is: 'ended'
  readonly status: Ending
  readonly output: Json
  readonly error: RecordedError | null
  readonly risk: Risk | null
}

export interface Invocation {
  phase: Phase
  decision: FactOf<'decided'> | null
  /** The last intent: an effect with this key may exist although the phase has moved on. */
  intent: FactOf<'intended'> | null
  /** Attempts that failed. */
  attempts: number
  /** Questions put to people: each has a ticket of its own. */
  asked: number
  /** `repeat`: when its first round began; null before, and for every other step. */
  beganMs: number | null
  /** `repeat`: its result is what was wanted. */
  settled: boolean
  /** Raised whenever it runs anew: by `repeat`, by a retry of its group, by a retry of the run. */
  readonly round: number
  /** Retries of the run by people that it has seen. */
  readonly generation: number
}

/** Folded facts; changed only by `fold`. */
export interface RunState {
  readonly invocations: Map<string, Invocation>
  readonly lists: Map<string, List>
  /** Paths of the steps inside a group that have invocations, by the path of the group. */
  readonly inside: Map<string, Set<string>>
  failing: { readonly step: string; readonly error: RecordedError } | null
  ending: { readonly status: 'succeeded' | 'failed'; readonly step: string; readonly reason: string } | null
  cancelBy: string | null
  /** Sequence number of the last entry. */
  seq: number
}

export function newRunState(): RunState {
  return {
    invocations: new Map(),
    lists: new Map(),
    inside: new Map(),
    failing: null,
    ending: null,
    cancelBy: null,
    seq: 0,
  }
}

/** `triage`, or `triage#3` for an element of `each`. */
export function keyOf(at: At): string {
  return at.element === null ? at.step : `${at.step}#${at.element}`
}

export const untouched: Readonly<Invocation> = {
  phase: { is: 'pending' },
  decision: null,
  intent: null,
  attempts: 0,
  asked: 0,
  beganMs: null,
  settled: false,
  round: 0,
  generation: 0,
}

/** The invocation as it stands; an untouched one when nothing is known. */
export function invocationAt(state: RunState, at: At): Readonly<Invocation> {
  return state.invocations.get(keyOf(at)) ?? untouched
}

/** Ended for good: with `repeat` a success may still be followed by another round. */
export function isFinal({ phase, beganMs, settled }: Readonly<Invocation>): boolean {
  return phase.is === 'ended' && (beganMs === null || settled || phase.status !== 'succeeded')
}
