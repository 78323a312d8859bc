// Whether Claude may be asked now: a state machine without a clock of its own, one per model and one per account.
//
// closed → open after 5 failures of the last 10, or 3 time-outs or 529 within 60 s
// open → probing: one request, 15 s after opening; if it fails, open again for twice as long, up to 300 s
// probing → closed when it succeeds
// What only people or the calendar can end (spend limit, billing, credentials) opens it until a given time; then
// one probe, which costs nothing while it is still refused.

import { impossible } from '../model/impossible.ts'

export type Breaker =
  | {
      readonly is: 'closed'
      /** Of the last requests, oldest first: whether each succeeded. */
      readonly recent: readonly boolean[]
      /** When time-outs and 529 happened, within the storm's window. */
      readonly stormMs: readonly number[]
      /** The API asked us to wait; then everybody may go on. */
      readonly notBeforeMs: number
    }
  | { readonly is: 'open'; readonly untilMs: number; readonly pauseMs: number; readonly why: string }
  | { readonly is: 'probing'; readonly sinceMs: number; readonly pauseMs: number; readonly why: string }

export type BreakerEvent =
  | { readonly is: 'succeeded' }
  /** `storm`: a time-out or 529. */
  | { readonly is: 'failed'; readonly how: 'storm' | 'plain'; readonly why: string }
  | { readonly is: 'throttled'; readonly untilMs: number }
  | { readonly is: 'blocked'; readonly untilMs: number; readonly why: string }
  /** A probe was let in but never left, or told nothing about the API. */
  | { readonly is: 'nothing' }

export type Admission =
  | { readonly is: 'go' }
  | { readonly is: 'probe' }
  | { readonly is: 'throttled'; readonly untilMs: number }
  | { readonly is: 'shut'; readonly untilMs: number; readonly why: string }

const recentMax = 10
const failuresMax = 5
const stormMax = 3
const stormWindowMs = 60_000
const firstPauseMs = 15_000
const lastPauseMs = 300_000
/** A probe that has not told anything for so long is taken for lost: longer than any request may take. */
const probeLostMs = 150_000

export const newBreaker: Extract<Breaker, { is: 'closed' }> = {
  is: 'closed',
  recent: [],
  stormMs: [],
  notBeforeMs: 0,
}

/** Whether a request may leave now. `probe`: only if this one is entered with `probing`. */
export function admission(breaker: Breaker, nowMs: number): Admission {
  switch (breaker.is) {
    case 'closed':
      return nowMs < breaker.notBeforeMs ? { is: 'throttled', untilMs: breaker.notBeforeMs } : { is: 'go' }
    case 'open':
      return nowMs < breaker.untilMs
        ? { is: 'shut', untilMs: breaker.untilMs, why: breaker.why }
        : { is: 'probe' }
    case 'probing':
      return nowMs - breaker.sinceMs < probeLostMs
        ? { is: 'shut', untilMs: nowMs + firstPauseMs, why: breaker.why }
        : { is: 'probe' }
    default:
      return impossible(breaker)
  }
}

/** The breaker while its one probe is on the way. */
export function probing(breaker: Breaker, nowMs: number): Breaker {
  if (breaker.is === 'closed') return breaker
  return { is: 'probing', sinceMs: nowMs, pauseMs: breaker.pauseMs, why: breaker.why }
}

/** What follows from what a request told. */
export function after(breaker: Breaker, event: BreakerEvent, nowMs: number): Breaker {
  switch (event.is) {
    case 'succeeded':
      if (breaker.is === 'probing') return newBreaker
      return breaker.is === 'closed' ? { ...breaker, recent: latest(breaker.recent, true) } : breaker
    case 'failed':
      return afterFailure(breaker, event, nowMs)
    case 'throttled':
      return afterThrottle(breaker, event.untilMs)
    case 'blocked':
      return { is: 'open', untilMs: event.untilMs, pauseMs: firstPauseMs, why: event.why }
    case 'nothing':
      return breaker.is === 'probing'
        ? { is: 'open', untilMs: nowMs, pauseMs: breaker.pauseMs, why: breaker.why }
        : breaker
    default:
      return impossible(event)
  }
}

function afterFailure(
  breaker: Breaker,
  event: Extract<BreakerEvent, { is: 'failed' }>,
  nowMs: number,
): Breaker {
  switch (breaker.is) {
    case 'closed': {
      const recent = latest(breaker.recent, false)
      const within = breaker.stormMs.filter((atMs) => nowMs - atMs < stormWindowMs)
      const stormMs = event.how === 'storm' ? [...within, nowMs] : within
      const failures = recent.filter((succeeded) => !succeeded).length
      return failures >= failuresMax || stormMs.length >= stormMax
        ? { is: 'open', untilMs: nowMs + firstPauseMs, pauseMs: firstPauseMs, why: event.why }
        : { ...breaker, recent, stormMs }
    }
    case 'open':
      return breaker
    case 'probing': {
      const pauseMs = Math.min(breaker.pauseMs * 2, lastPauseMs)
      return { is: 'open', untilMs: nowMs + pauseMs, pauseMs, why: event.why }
    }
    default:
      return impossible(breaker)
  }
}

/** The API is there: for a probe that is good news, for the others a time to wait for. */
function afterThrottle(breaker: Breaker, untilMs: number): Breaker {
  switch (breaker.is) {
    case 'closed':
      return { ...breaker, notBeforeMs: Math.max(untilMs, breaker.notBeforeMs) }
    case 'probing':
      return { ...newBreaker, notBeforeMs: untilMs }
    case 'open':
      return breaker
    default:
      return impossible(breaker)
  }
}

function latest(recent: readonly boolean[], succeeded: boolean): readonly boolean[] {
  return [...recent, succeeded].slice(-recentMax)
}
