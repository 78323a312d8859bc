// The state of a run, folded from its journal. `next` (next.ts) decides what follows.

import type { Verdict } from './approval.ts'
import type { RecordedError } from './error.ts'
import { impossible } from './impossible.ts'
import type { At, Fact, Frozen } from './journal.ts'
import type { Json } from './json.ts'
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

type FactOf<Kind extends Fact['is']> = Extract<Fact, { is: Kind }>

/** Where one invocation of a step stands; each state carries only what it has. */
export type Phase =
  | { readonly is: 'pending' }
  | { readonly is: 'retrying'; readonly atMs: number }
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
  | Ended

export interface Ended {
  readonly is: 'ended'
  readonly status: 'succeeded' | 'failed' | 'denied' | 'skipped'
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
}

/** Folded facts; changed only by `fold`. */
export interface RunState {
  readonly invocations: Map<string, Invocation>
  readonly lists: Map<string, readonly Json[]>
  failing: { readonly step: string; readonly error: RecordedError } | null
  cancelBy: string | null
  /** Sequence number of the last entry. */
  seq: number
}

export function newRunState(): RunState {
  return { invocations: new Map(), lists: new Map(), failing: null, cancelBy: null, seq: 0 }
}

/** `triage`, or `triage#3` for an element of `each`. */
export function keyOf(at: At): string {
  return at.element === null ? at.step : `${at.step}#${at.element}`
}

const untouched: Invocation = { phase: { is: 'pending' }, decision: null, intent: null, attempts: 0 }

/** The invocation as it stands; an untouched one when nothing is known. */
export function invocationAt(state: RunState, at: At): Readonly<Invocation> {
  return state.invocations.get(keyOf(at)) ?? untouched
}

/** Takes one fact into the state. The order of facts of different invocations does not matter. */
export function fold(state: RunState, fact: Fact): void {
  switch (fact.is) {
    case 'cancel_requested':
      state.cancelBy ??= fact.by
      return
    case 'failing':
      state.failing ??= { step: fact.step, error: fact.error }
      return
    case 'listed':
      state.lists.set(fact.at.step, fact.items)
      return
    default:
      foldInvocation(touch(state, fact.at), fact)
  }
}

function touch(state: RunState, at: At): Invocation {
  const key = keyOf(at)
  const known = state.invocations.get(key)
  if (known !== undefined) return known
  const fresh = { ...untouched }
  state.invocations.set(key, fresh)
  return fresh
}

type InvocationFact = Exclude<Fact, { is: 'cancel_requested' | 'failing' | 'listed' }>

function foldInvocation(invocation: Invocation, fact: InvocationFact): void {
  switch (fact.is) {
    case 'decided':
      invocation.decision = fact
      invocation.phase = { is: 'decided' }
      return
    case 'asked':
      invocation.phase = {
        is: 'asked',
        ticket: fact.ticket,
        action: fact.action,
        notBeforeMs: fact.notBeforeMs,
      }
      return
    case 'answered': {
      const action = invocation.phase.is === 'asked' ? invocation.phase.action : null
      invocation.phase = { is: 'answered', ticket: fact.ticket, action, verdict: fact.verdict }
      return
    }
    case 'intended':
      invocation.intent = fact
      invocation.phase = { is: 'intended', intent: fact }
      return
    case 'waiting':
      invocation.phase = { is: 'waiting', untilMs: fact.untilMs, why: fact.why }
      return
    case 'failed':
      invocation.attempts = fact.attempt
      invocation.phase =
        fact.retryAtMs === null
          ? ended('failed', { error: fact.error })
          : { is: 'retrying', atMs: fact.retryAtMs }
      return
    case 'succeeded':
      invocation.phase = ended('succeeded', { output: fact.output, risk: fact.risk })
      return
    case 'waited':
      invocation.phase = ended('succeeded', {})
      return
    case 'skipped':
      invocation.phase = ended('skipped', {})
      return
    case 'denied':
      invocation.phase = ended('denied', { output: { answer: fact.answer }, error: denial(fact) })
      return
    default:
      impossible(fact)
  }
}

function ended(status: Ended['status'], rest: Partial<Omit<Ended, 'is' | 'status'>>): Ended {
  return { is: 'ended', status, output: null, error: null, risk: null, ...rest }
}

function denial(fact: FactOf<'denied'>): RecordedError {
  const message =
    fact.answer === 'no' ? `people said no: ${fact.reason}` : 'nobody answered in time; silence is a no'
  return { kind: 'denied', message }
}
