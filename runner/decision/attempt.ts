// One request with its money: reserved at the worst case before anything leaves, settled by what it used.

import { windowEndMs } from './calendar.ts'
import { clean } from './clean.ts'
import type { Claude } from './claude.ts'
import type { Admission } from './breaker.ts'
import type { Away, Desk, Sitting } from './ladder.ts'
import type { Outcome, Replied } from './outcome.ts'
import { type Price, worstCase } from './price.ts'
import type { PlannedRequest } from './request.ts'
import { settle, type Settlement } from './settle.ts'
import type { Paid, Try } from './try.ts'
import { newId } from '../model/id.ts'
import { impossible } from '../model/impossible.ts'
import type { Json } from '../model/json.ts'
import type { PicoUsd } from '../model/money.ts'
import { presumeReservation, releaseReservation, reserve, settleReservation } from '../store/ledger.ts'

export interface Plan {
  readonly rung: 'small' | 'large'
  readonly claude: Claude
  readonly planned: PlannedRequest
  readonly price: Price
  readonly timeoutMs: number
}

export type Attempted =
  | { readonly is: 'tried'; readonly made: Try }
  /** The API asked everybody to wait until then. */
  | { readonly is: 'throttled'; readonly untilMs: number }
  | { readonly is: 'cancelled' }
  | Away

const cancelled = { is: 'cancelled' } as const

export async function attempt(desk: Desk, sitting: Sitting, plan: Plan): Promise<Attempted> {
  const { model } = plan.planned.request
  const seen = shut(desk.gate.look(model))
  if (seen !== null) return seen
  const picoUsd = worstCase(plan.price, plan.planned.bounds)
  const reservation = newId(desk.clock.now(), desk.random.bytes(10))
  const { question } = sitting
  const reserved = await reserve(desk.database, {
    id: reservation,
    decision: sitting.decision,
    run: question.run,
    flow: question.flow,
    step: question.step,
    model,
    rung: plan.rung,
    owner: desk.owner,
    heldPicoUsd: picoUsd,
    caps: question.caps,
    mark: 'sent',
    atMs: desk.clock.now(),
  })
  if (reserved.is === 'full') return full(reserved.window)
  // Meanwhile the run may have been cancelled, or others opened the breaker or took its one probe.
  const stopped = sitting.signal.aborted ? cancelled : shut(desk.gate.enter(model))
  if (stopped !== null) {
    await releaseReservation(desk.database, reservation, desk.clock.now())
    return stopped
  }
  return { is: 'tried', made: await send(desk, sitting, { ...plan, reservation, picoUsd }) }
}

/** A plan whose money is reserved. */
interface Reserved extends Plan {
  readonly reservation: string
  readonly picoUsd: PicoUsd
}

async function send(desk: Desk, sitting: Sitting, plan: Reserved): Promise<Try> {
  const startedMs = desk.clock.now()
  const from = desk.clock.monotonic()
  const { model } = plan.planned.request
  const outcome = await plan.claude.ask(plan.planned.request, plan.timeoutMs, sitting.signal)
  desk.gate.note(model, outcome)
  const tookMs = Math.round(desk.clock.monotonic() - from)
  const paid = await pay(desk, plan, outcome)
  const { rung, planned, reservation, picoUsd: reservedPicoUsd } = plan
  const made: Try = { rung, reservation, planned, outcome, reservedPicoUsd, paid, startedMs, tookMs }
  sitting.tries.push(made)
  tell(desk, sitting, made)
  return made
}

async function pay(desk: Desk, plan: Reserved, outcome: Outcome): Promise<Paid> {
  const atMs = desk.clock.now()
  switch (outcome.is) {
    case 'unbilled':
      await releaseReservation(desk.database, plan.reservation, atMs)
      return { is: 'released' }
    case 'unknown':
      await presumeReservation(desk.database, plan.reservation, { usage: null, atMs })
      return { is: 'presumed', picoUsd: plan.picoUsd, why: outcome.why, usage: null }
    case 'replied':
      return payReply(desk, plan, outcome)
    default:
      return impossible(outcome)
  }
}

async function payReply(desk: Desk, plan: Reserved, reply: Replied): Promise<Paid> {
  const usage = keptUsage(reply.usage)
  const atMs = desk.clock.now()
  const asked = plan.planned.request.model
  // An answer of another model has another price: an id with a date behind it is the same one.
  const same = reply.model === null || reply.model === asked || reply.model.startsWith(`${asked}-20`)
  const settled = same ? credible(settle(reply.usage, plan.price), plan) : unusable('another model answered')
  if (settled.is === 'unusable') {
    await presumeReservation(desk.database, plan.reservation, { usage, atMs })
    desk.log.warn(
      { why: settled.why, model: asked, reservation: plan.reservation },
      'usage of Claude not understood',
    )
    return { is: 'presumed', picoUsd: plan.picoUsd, why: settled.why, usage }
  }
  const { costPicoUsd: picoUsd, tokens, alarms } = settled
  await settleReservation(desk.database, plan.reservation, { picoUsd, usage, atMs })
  if (alarms.length > 0)
    desk.log.warn({ alarms, reservation: plan.reservation }, 'usage of Claude looks wrong')
  return { is: 'settled', picoUsd, tokens, alarms, usage }
}

/**
 * More than the worst case cannot have been used. Booked as it is said, one false figure would pass every cap;
 * so it is presumed, the answer is not used, and the warning says that the bounds or the other side are wrong.
 */
function credible(settlement: Settlement, plan: Reserved): Settlement {
  return settlement.is === 'settled' && settlement.costPicoUsd > plan.picoUsd
    ? unusable('usage counts more than the request could use')
    : settlement
}

function unusable(why: string): Settlement {
  return { is: 'unusable', why }
}

const usageCharactersMax = 4_000

/** For the record, as it came, unless it is not worth keeping. */
function keptUsage(usage: unknown): Json {
  try {
    const text = JSON.stringify(usage) ?? 'null'
    if (text.length <= usageCharactersMax) return clean(JSON.parse(text) as Json, (same) => same)
  } catch {
    // Nested deeper than the stack: it says nothing either.
  }
  return { left_out: 'larger than any usage' }
}

function shut(admission: Admission): Exclude<Attempted, { is: 'tried' }> | null {
  switch (admission.is) {
    case 'go':
    case 'probe':
      return null
    case 'throttled':
      return { is: 'throttled', untilMs: admission.untilMs }
    case 'shut':
      return { is: 'away', why: admission.why, until: admission.untilMs }
    default:
      return impossible(admission)
  }
}

function full(window: string): Away {
  return { is: 'away', why: `the budget is used up: ${window}`, until: windowEndMs(window) ?? 'never' }
}

function tell(desk: Desk, sitting: Sitting, made: Try): void {
  const { outcome, paid, tookMs } = made
  const { run, step } = sitting.question
  const fields = { run, step, model: made.planned.request.model, outcome: outcome.is, paid: paid.is, tookMs }
  if (outcome.is === 'replied') desk.log.info({ ...fields, stop: outcome.stopReason }, 'Claude answered')
  else
    desk.log.warn({ ...fields, cause: outcome.cause, why: desk.redact(outcome.why) }, 'Claude did not answer')
}
