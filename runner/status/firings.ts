// When schedules fire in the next day. Computing a time takes a tenth of a millisecond, so times are kept and each
// look computes only for so long; a schedule that fires each minute is complete after a few looks.

import type { StatusParts } from './parts.ts'
import type { Upcoming } from '../store/view-schedule.ts'

export interface Firings {
  /** Epoch milliseconds, in order. */
  readonly times: readonly number[]
  /** False while there are more than could be computed so far. */
  readonly complete: boolean
}

export type FiringsOf = (schedules: readonly Upcoming[], span: Span) => Firings

interface Span {
  readonly nowMs: number
  readonly untilMs: number
}

interface Known {
  times: number[]
  /** Everything up to here is known. */
  untilMs: number
}

/** A look computes no longer than this. */
const lookMs = 25
const chunk = 32

export function makeFirings({ flows, clock }: Pick<StatusParts, 'flows' | 'clock'>): FiringsOf {
  let kept = new Map<string, Known>()
  return (schedules, span) => {
    const stopMs = clock.monotonic() + lookMs
    const next = new Map<string, Known>()
    let complete = true
    for (const schedule of schedules) {
      const key = JSON.stringify([schedule.flow, schedule.trigger])
      const known = stillRight(kept.get(key), schedule, span) ?? { times: [], untilMs: span.nowMs }
      next.set(key, known)
      while (known.untilMs < span.untilMs && clock.monotonic() < stopMs) {
        const range = { fromMs: known.untilMs, untilMs: span.untilMs, max: chunk }
        const found = flows.nextTimes(schedule.flow, schedule.trigger, range)
        known.times.push(...found)
        known.untilMs = found.length < chunk ? span.untilMs : (found.at(-1) ?? span.untilMs)
      }
      complete &&= known.untilMs >= span.untilMs
    }
    kept = next
    return { times: [...next.values()].flatMap((known) => known.times).sort((a, b) => a - b), complete }
  }
}

/** What is kept of a schedule, without the past; null when the store says that it fires at another time now. */
function stillRight(known: Known | undefined, schedule: Upcoming, { nowMs }: Span): Known | null {
  if (known === undefined) return null
  const times = known.times.filter((ms) => ms > nowMs)
  const [first] = times
  return first !== undefined && first !== schedule.nextMs
    ? null
    : { times, untilMs: Math.max(known.untilMs, nowMs) }
}
