// The ladder: the ways to an answer, cheapest first. Each rung answers, passes the question on, or says that
// Claude is away. Whoever adds a rung (cache, batch) puts it into the list in decide.ts at its place.

import type { Claude } from './claude.ts'
import type { Gate } from './gate.ts'
import type { AnswerSchema } from './schema.ts'
import type { Try } from './try.ts'
import type { Answer, Question, Route } from '../model/decision.ts'
import { Failure, recordedError, type RecordedError } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'
import type { Database } from '../store/database.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import type { Random } from '../world/random.ts'

/** What every decision of this runner shares. */
export interface Desk {
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly owner: string
  /** Null: there is no API key. */
  readonly claude: Claude | null
  readonly gate: Gate
  readonly redact: (text: string) => string
}

/** One question on its way up the ladder. */
export interface Sitting {
  /** Id of the decision that will be recorded. */
  readonly decision: string
  readonly question: Question
  readonly schema: AnswerSchema
  readonly signal: AbortSignal
  /** Every request that was made, in order; added to by `attempt`. */
  readonly tries: Try[]
}

export interface Rung {
  readonly route: Route
  take(desk: Desk, sitting: Sitting): Promise<Step>
}

/** When Claude can be asked again. `never`: not for this run. */
type Until = number | 'unknown' | 'never'

export interface Away {
  readonly is: 'away'
  readonly why: string
  readonly until: Until
}

export type Step =
  | { readonly is: 'answered'; readonly answer: Answer }
  /** Null: this rung is not for this question. */
  | { readonly is: 'next'; readonly why: string | null }
  | Away
  | { readonly is: 'failed'; readonly error: RecordedError }

export type Climbed =
  | {
      readonly is: 'answered'
      readonly route: Route
      readonly answer: Answer
      readonly passed: readonly string[]
    }
  /** Nobody below could answer. */
  | { readonly is: 'people'; readonly passed: readonly string[] }
  | { readonly is: 'away'; readonly away: Away }
  | { readonly is: 'failed'; readonly route: Route; readonly error: RecordedError }

/** Asks rung after rung until one settles the question. */
export async function climb(rungs: readonly Rung[], desk: Desk, sitting: Sitting): Promise<Climbed> {
  const passed: string[] = []
  for (const rung of rungs) {
    const step = await taken(rung, desk, sitting)
    switch (step.is) {
      case 'answered':
        return { is: 'answered', route: rung.route, answer: step.answer, passed }
      case 'next':
        if (step.why !== null) passed.push(`${rung.route}: ${step.why}`)
        break
      case 'away':
        // Someone below has answered, only not well enough: that is for people, not an outage.
        if (passed.length > 0) return { is: 'people', passed: [...passed, `${rung.route}: ${step.why}`] }
        return { is: 'away', away: step }
      case 'failed':
        return { is: 'failed', route: rung.route, error: step.error }
      default:
        return impossible(step)
    }
  }
  return { is: 'people', passed }
}

/** A question that is wrong in itself fails at the rung that first sees it. */
async function taken(rung: Rung, desk: Desk, sitting: Sitting): Promise<Step> {
  try {
    return await rung.take(desk, sitting)
  } catch (thrown) {
    if (thrown instanceof Failure) return { is: 'failed', error: recordedError(thrown) }
    throw thrown
  }
}
