// Questions settled: by a rule, by Claude, or handed to people; with the money counted and everything recorded.

import type { Claude } from './claude.ts'
import { openGate } from './gate.ts'
import { type Climbed, climb, type Desk, type Rung, type Sitting } from './ladder.ts'
import { modelRung } from './model-rung.ts'
import { fallBack } from './outage.ts'
import { type Ending, recordOf } from './record.ts'
import { ruleRung } from './rule-rung.ts'
import { type AnswerSchema, answerSchema } from './schema.ts'
import { paidPicoUsd } from './try.ts'
import type { Answer, Decided, Question, Route } from '../model/decision.ts'
import { sha256 } from '../model/digest.ts'
import type { RecordedError } from '../model/error.ts'
import { newId } from '../model/id.ts'
import { impossible } from '../model/impossible.ts'
import type { Database } from '../store/database.ts'
import { insertDecision } from '../store/decisions.ts'
import { recoverReservations } from '../store/ledger.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import type { Random } from '../world/random.ts'

export interface Decider {
  /** Settles the question. Rejects only when the store fails; what concerns Claude is in the result. */
  decide(question: Question, signal: AbortSignal): Promise<Decided>
  /** Whether Claude can be asked, as far as anyone knows. */
  state(): { readonly available: boolean; readonly why: string | null; readonly untilMs: number | null }
  /** Clears up the money of runners that are gone. */
  recover(deadOwners: readonly string[]): Promise<void>
}

export interface DeciderParts {
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Id of this runner: its reservations carry it. */
  readonly owner: string
  readonly claude: { readonly apiKey: string | null; readonly baseUrl: string | null }
  /** Takes secrets out of a text before it is stored. */
  readonly redact: (text: string) => string
}

/** Cheapest first; a cache and batches come between the rules and the small model. */
const rungs: readonly Rung[] = [
  ruleRung,
  modelRung({ route: 'small', room: 'tight', timeoutMs: 30_000 }),
  modelRung({ route: 'large', room: 'wide', timeoutMs: 120_000 }),
]

export function createDecider(parts: DeciderParts): Decider {
  const { claude, ...rest } = parts
  const { apiKey, baseUrl } = claude
  const desk: Desk = {
    ...rest,
    claude: apiKey === null || apiKey === '' ? null : claudeWhenAsked({ apiKey, baseUrl }, parts.clock),
    gate: openGate(parts.clock, parts.log),
  }
  return {
    decide: (question, signal) => decide(desk, question, signal),
    state: () => stateOf(desk),
    recover: async (deadOwners) => {
      const { released, presumed } = await recoverReservations(desk.database, deadOwners, desk.clock.now())
      if (released + presumed > 0)
        desk.log.warn({ deadOwners, released, presumed }, 'reservations cleared up')
    },
  }
}

function stateOf(desk: Desk): ReturnType<Decider['state']> {
  if (desk.claude === null) return { available: false, why: 'there is no key for Claude', untilMs: null }
  const shut = desk.gate.shut()
  return shut === null
    ? { available: true, why: null, untilMs: null }
    : { available: false, why: desk.redact(shut.why), untilMs: shut.untilMs }
}

async function decide(desk: Desk, question: Question, signal: AbortSignal): Promise<Decided> {
  const decision = newId(desk.clock.now(), desk.random.bytes(10))
  const sitting: Sitting = { decision, question, schema: schemaOf(question), signal, tries: [] }
  return conclude(desk, sitting, await climb(rungs, desk, sitting))
}

/** Of the last questions: the same step asks for the same again and again. */
const schemas = new Map<string, AnswerSchema>()
const schemasMax = 500

function schemaOf({ choices, ask }: Question): AnswerSchema {
  const key = sha256(JSON.stringify([choices, ask]))
  const known = schemas.get(key)
  if (known !== undefined) return known
  const made = answerSchema({ choices, ask })
  for (const oldest of schemas.keys()) {
    if (schemas.size < schemasMax) break
    schemas.delete(oldest)
  }
  schemas.set(key, made)
  return made
}

async function conclude(desk: Desk, sitting: Sitting, climbed: Climbed): Promise<Decided> {
  switch (climbed.is) {
    case 'answered':
      return answer(desk, sitting, { ...climbed, outage: null })
    case 'people':
      return people(desk, sitting, { passed: climbed.passed, outage: null })
    case 'failed':
      return fail(desk, sitting, climbed)
    case 'away': {
      const { away } = climbed
      const fallback = fallBack(sitting.question, away, desk.clock.now())
      if (fallback.is === 'failed') return fail(desk, sitting, { route: 'fallback', error: fallback.error })
      if (fallback.is === 'answered')
        return answer(desk, sitting, {
          route: 'fallback',
          answer: fallback.answer,
          passed: [],
          outage: away.why,
        })
      if (fallback.is === 'people') return people(desk, sitting, { passed: [], outage: away.why })
      desk.log.info(
        { run: sitting.question.run, why: away.why, untilMs: fallback.untilMs },
        'decision parked',
      )
      return { is: 'parked', why: desk.redact(away.why), untilMs: fallback.untilMs }
    }
    default:
      return impossible(climbed)
  }
}

async function answer(
  desk: Desk,
  sitting: Sitting,
  end: { route: Route; answer: Answer; passed: readonly string[]; outage: string | null },
): Promise<Decided> {
  const costPicoUsd = await record(desk, sitting, { ...end, error: null })
  return { is: 'answered', decision: sitting.decision, route: end.route, answer: end.answer, costPicoUsd }
}

async function people(
  desk: Desk,
  sitting: Sitting,
  end: { passed: readonly string[]; outage: string | null },
): Promise<Decided> {
  const costPicoUsd = await record(desk, sitting, { ...end, route: 'people', answer: null, error: null })
  const why = end.outage === null ? end.passed.join('; ') : `Claude could not be asked: ${end.outage}`
  return { is: 'people', decision: sitting.decision, why: desk.redact(why), costPicoUsd }
}

async function fail(
  desk: Desk,
  sitting: Sitting,
  end: { readonly route: Route; readonly error: RecordedError },
): Promise<Decided> {
  const { route, error } = end
  const costPicoUsd = await record(desk, sitting, { route, error, answer: null, passed: [], outage: null })
  return { is: 'failed', error, costPicoUsd }
}

/** Durable before the answer is used. */
async function record(desk: Desk, sitting: Sitting, ending: Ending): Promise<bigint> {
  await insertDecision(
    desk.database,
    recordOf(sitting, ending, { redact: desk.redact, nowMs: desk.clock.now() }),
  )
  return paidPicoUsd(sitting.tries)
}

/** The SDK is loaded with the first question: a runner that asks nobody starts sooner. */
function claudeWhenAsked(
  account: { readonly apiKey: string; readonly baseUrl: string | null },
  clock: Clock,
): Claude {
  let connected: Promise<Claude> | null = null
  return {
    ask: async (request, timeoutMs, signal) => {
      connected ??= import('./claude.ts').then(({ connectClaude }) => connectClaude(account, clock))
      return (await connected).ask(request, timeoutMs, signal)
    },
  }
}
