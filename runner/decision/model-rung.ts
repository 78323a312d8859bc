// A rung where a model is asked live: one request, and for passing trouble at most two more.

import { readAnswer } from './answer.ts'
import { attempt, type Attempted, type Plan } from './attempt.ts'
import type { Away, Desk, Rung, Sitting, Step } from './ladder.ts'
import type { Replied, Unbilled } from './outcome.ts'
import { priceOf } from './price.ts'
import { isKnownModel, planRequest, type Room } from './request.ts'
import { unsure } from './schema.ts'
import type { Try } from './try.ts'
import { Failure, type RecordedError } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'
import { joined } from '../model/trust.ts'

export interface ModelRung {
  readonly route: 'small' | 'large'
  readonly room: Room
  /** For one whole exchange. */
  readonly timeoutMs: number
}

/** Requests after the first one for the same question at the same rung; each is a reservation of its own. */
const retriesMax = 2
/** The API is waited for here as long as this; what takes longer is for `on_outage`. */
const waitMsMax = 60_000
const firstBackoffMs = 1_000
const lastBackoffMs = 8_000

export function modelRung(rung: ModelRung): Rung {
  return { route: rung.route, take: (desk, sitting) => take(rung, desk, sitting) }
}

async function take(rung: ModelRung, desk: Desk, sitting: Sitting): Promise<Step> {
  const plan = planOf(rung, desk, sitting)
  if ('is' in plan) return plan
  let waitedMs = 0
  for (let tries = 0; ;) {
    if (sitting.signal.aborted) return cancelled
    const made = await attempt(desk, sitting, plan)
    const verdict = judge(made, sitting, desk)
    if (verdict.is === 'away' && verdict.until === 'unknown') return away(verdict.why, shutUntil(desk, plan))
    if (verdict.is !== 'again') return verdict
    if (made.is === 'tried') tries++
    const pauseMs = made.is === 'tried' ? Math.max(verdict.afterMs, backoffMs(desk, tries)) : verdict.afterMs
    if (tries > retriesMax || waitedMs + pauseMs > waitMsMax) return away(verdict.why, shutUntil(desk, plan))
    waitedMs += pauseMs
    await desk.clock.sleep(pauseMs, sitting.signal)
  }
}

/** Full jitter: anything up to the bound, which grows fourfold. */
function backoffMs(desk: Desk, tries: number): number {
  return desk.random.uniform() * Math.min(lastBackoffMs, firstBackoffMs * 4 ** (tries - 1))
}

function planOf(rung: ModelRung, desk: Desk, sitting: Sitting): Plan | Step {
  const { question, schema } = sitting
  const model = question.models[rung.route]
  if (rung.route === 'large' && model === question.models.small) return { is: 'next', why: null }
  if (desk.claude === null) return away('there is no key for Claude', 'unknown')
  const price = priceOf(model, desk.clock.now())
  if (price === null || !isKnownModel(model))
    return away(`nothing is known of the model ${model}, nor what it costs`, 'unknown')
  checkSchema(schema.problems)
  const planned = planRequest(question, schema, { model, room: rung.room })
  return { rung: rung.route, claude: desk.claude, planned, price, timeoutMs: rung.timeoutMs }
}

function checkSchema(problems: readonly string[]): void {
  if (problems.length === 0) return
  throw new Failure('invalid', `the choices cannot be asked: ${problems.slice(0, 5).join('; ')}`, {
    remedy: 'Correct `choose` or `ask` of this step.',
  })
}

type Verdict = Step | { readonly is: 'again'; readonly why: string; readonly afterMs: number }

function judge(made: Attempted, sitting: Sitting, desk: Desk): Verdict {
  switch (made.is) {
    case 'away':
      return made
    case 'cancelled':
      return cancelled
    case 'throttled':
      return { is: 'again', why: 'Claude asked to be left alone', afterMs: made.untilMs - desk.clock.now() }
    case 'tried':
      return judgeTry(made.made, sitting, desk)
    default:
      return impossible(made)
  }
}

function judgeTry({ outcome, paid }: Try, sitting: Sitting, desk: Desk): Verdict {
  switch (outcome.is) {
    case 'replied':
      // Whoever cannot say what it cost is not believed in the rest either.
      return paid.is === 'presumed' ? { is: 'next', why: paid.why } : judgeReply(outcome, sitting)
    case 'unbilled':
      return judgeRefusal(outcome, desk.clock.now())
    case 'unknown':
      return outcome.cause === 'cancelled' ? cancelled : { is: 'again', why: outcome.why, afterMs: 0 }
    default:
      return impossible(outcome)
  }
}

/** Whatever came is never asked for again at the same rung: the next one, or people, may know. */
function judgeReply(reply: Replied, { question, schema }: Sitting): Step {
  switch (reply.stop) {
    case 'refused':
      return { is: 'next', why: 'the model refused to answer' }
    case 'truncated':
      return { is: 'next', why: `the answer was cut off (${reply.stopReason})` }
    case 'odd':
      return { is: 'next', why: `the model stopped for a strange reason (${reply.stopReason})` }
    case 'answered': {
      const read = readAnswer(reply.text, schema, joined(question.given.map((item) => item.trust)))
      if (read.is === 'invalid') return { is: 'next', why: read.why }
      const { answer } = read
      return answer.choice === unsure
        ? { is: 'next', why: unsureWhy(answer.reason) }
        : { is: 'answered', answer }
    }
    default:
      return impossible(reply.stop)
  }
}

/** The model's words stay recognisable as such: quoted, on one line. */
function unsureWhy(reason: string): string {
  return `the model was unsure; in its words: ${JSON.stringify(reason)}`
}

function judgeRefusal(refusal: Unbilled, nowMs: number): Verdict {
  const { cause, why, retryAfterMs } = refusal
  const afterMs = retryAfterMs ?? 0
  switch (cause) {
    case 'overloaded':
    case 'rate_limited':
    case 'unreachable':
      return afterMs > waitMsMax ? away(why, nowMs + afterMs) : { is: 'again', why, afterMs }
    case 'spend_limit':
    case 'billing':
    case 'credentials':
    case 'no_model':
    case 'redirected':
      return away(why, 'unknown')
    case 'rejected':
      return { is: 'next', why: `the API refused the request: ${why}` }
    default:
      return impossible(cause)
  }
}

/** After the last retry: when the breaker lets the next one in, if it opened. */
function shutUntil(desk: Desk, plan: Plan): Away['until'] {
  const seen = desk.gate.look(plan.planned.request.model)
  return seen.is === 'shut' || seen.is === 'throttled' ? seen.untilMs : 'unknown'
}

const error: RecordedError = { kind: 'cancelled', message: 'the decision was given up' }
const cancelled = { is: 'failed', error } as const

function away(why: string, until: Away['until']): Away {
  return { is: 'away', why, until }
}
