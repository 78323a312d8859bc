// What happens when Claude cannot be asked: the step's `on_outage`, in its order; at its end, people.

import type { Away, Step } from './ladder.ts'
import { ruled } from './rule-rung.ts'
import type { Question } from '../model/decision.ts'
import { impossible } from '../model/impossible.ts'

export type Fallback =
  | Extract<Step, { is: 'answered' | 'failed' }>
  | { readonly is: 'parked'; readonly untilMs: number }
  | { readonly is: 'people' }

/** When nobody knows how long it takes, it is tried again after this. */
const recheckMs = 5 * 60_000
/** A wait shorter than this would only turn in circles. */
const parkMsMin = 1_000

export function fallBack(question: Question, away: Away, nowMs: number): Fallback {
  for (const way of question.onOutage) {
    switch (way) {
      case 'rules':
        if (question.ruledInOutage !== null)
          return ruled(question, question.ruledInOutage, 'matched while Claude could not be asked')
        break
      case 'park':
        // A budget of this very run is never full for less: waiting for it would be for ever.
        if (away.until !== 'never') return { is: 'parked', untilMs: parkUntil(away.until, nowMs) }
        break
      case 'people':
        return { is: 'people' }
      default:
        return impossible(way)
    }
  }
  return { is: 'people' }
}

function parkUntil(until: number | 'unknown', nowMs: number): number {
  return until === 'unknown' ? nowMs + recheckMs : Math.max(until, nowMs + parkMsMin)
}
