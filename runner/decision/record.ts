// The record of a decision: everything known when it is made, redacted, with the long texts apart by their hash.

import { apiVersion, sdkVersion } from './claude-version.ts'
import { cleanObject, cleanText, type Redact } from './clean.ts'
import type { Sitting } from './ladder.ts'
import { priceTableHash } from './price.ts'
import { type Try, paidPicoUsd } from './try.ts'
import type { Answer, Question, Route } from '../model/decision.ts'
import { digestOf, sha256 } from '../model/digest.ts'
import type { RecordedError } from '../model/error.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { NewDecision } from '../store/decisions.ts'

export interface Ending {
  readonly route: Route
  readonly answer: Answer | null
  /** Why each rung below did not settle it. */
  readonly passed: readonly string[]
  /** Why Claude could not be asked; null: it could, or did not have to be. */
  readonly outage: string | null
  readonly error: RecordedError | null
}

export function recordOf(
  sitting: Sitting,
  ending: Ending,
  by: { redact: Redact; nowMs: number },
): NewDecision {
  const { question, tries } = sitting
  const { flow, version, run, step, element, round } = question
  const last = tries.at(-1)
  const { answer } = ending
  return {
    id: sitting.decision,
    flow,
    version,
    run,
    step,
    element,
    round,
    atMs: by.nowMs,
    route: ending.route,
    model: last === undefined ? null : last.planned.request.model,
    answer: answer === null ? null : cleanAnswer(answer, by.redact),
    costPicoUsd: paidPicoUsd(tries),
    record: cleanObject(wholeRecord(sitting, ending), by.redact),
    bodies: tries.length === 0 ? null : bodiesOf(tries, by.redact),
  }
}

function cleanAnswer(answer: Answer, redact: Redact): NonNullable<NewDecision['answer']> {
  const { choice, priority, risk } = answer
  const reason = cleanText(answer.reason, redact)
  return { choice, reason, priority, risk, parameters: cleanObject(answer.parameters, redact) }
}

function wholeRecord({ question, schema, tries }: Sitting, ending: Ending): JsonObject {
  const { answer, outage, error } = ending
  return {
    v: 1,
    route: ending.route,
    prompt: {
      path: question.prompt.path,
      hash: sha256(question.prompt.text),
      bytes: bytes(question.prompt.text),
    },
    given: question.given.map((item) => givenOf(item.name, item.value, item.trust)),
    choices: question.choices.map((choice) => choice.name),
    models: { ...question.models },
    hashes: { schema: digestOf(schema.output as Json), prices: priceTableHash },
    versions: { api: apiVersion, sdk: sdkVersion },
    caps: question.caps.map((cap) => ({ window: cap.window, max: `${cap.max}` })),
    rule: ruleOf(question, ending.route),
    tries: tries.map(tryOf),
    passed: ending.passed,
    outage,
    error: error === null ? null : { kind: error.kind, message: error.message },
    answer: answer === null ? null : { ...answer },
    money: {
      reserved_pico: `${tries.reduce((sum, one) => sum + one.reservedPicoUsd, 0n)}`,
      cost_pico: `${paidPicoUsd(tries)}`,
    },
  }
}

function givenOf(name: string, value: Json, trust: string): JsonObject {
  const text = JSON.stringify(value)
  return { name, trust, bytes: bytes(text), hash: sha256(text) }
}

function ruleOf(question: Question, route: Route): number | null {
  if (route === 'rule') return question.ruled?.rule ?? null
  return route === 'fallback' ? (question.ruledInOutage?.rule ?? null) : null
}

function tryOf(one: Try): JsonObject {
  const { planned, outcome, paid } = one
  const { request } = planned
  return {
    rung: one.rung,
    reservation: one.reservation,
    model: request.model,
    request: { hash: planned.hash, system: sha256(request.system), user: sha256(userText(one)) },
    effort: request.output_config.effort ?? null,
    thinking: request.thinking.type,
    max_tokens: request.max_tokens,
    started_ms: one.startedMs,
    took_ms: one.tookMs,
    outcome: outcomeOf(outcome),
    reserved_pico: `${one.reservedPicoUsd}`,
    paid: paidOf(paid),
  }
}

function outcomeOf(outcome: Try['outcome']): JsonObject {
  if (outcome.is !== 'replied') return { is: outcome.is, cause: outcome.cause, why: outcome.why }
  const { is, stop, stopReason: stop_reason, model, requestId: request_id, text } = outcome
  return { is, stop, stop_reason, model, request_id, text: sha256(text), characters: text.length }
}

function paidOf(paid: Try['paid']): JsonObject {
  switch (paid.is) {
    case 'settled':
      return {
        is: paid.is,
        pico: `${paid.picoUsd}`,
        tokens: paid.tokens,
        alarms: paid.alarms,
        usage: paid.usage,
      }
    case 'presumed':
      return { is: paid.is, pico: `${paid.picoUsd}`, why: paid.why, usage: paid.usage }
    case 'released':
      return { is: paid.is }
    default:
      return paid
  }
}

/** By the SHA-256 of the text as it was sent or received; what stands here is redacted. */
function bodiesOf(tries: readonly Try[], redact: Redact): JsonObject {
  const texts = tries.flatMap((one) => [
    one.planned.request.system,
    userText(one),
    ...(one.outcome.is === 'replied' ? [one.outcome.text] : []),
  ])
  return Object.fromEntries(texts.map((text) => [sha256(text), cleanText(text, redact)]))
}

function userText(one: Try): string {
  return one.planned.request.messages.map((message) => message.content).join('\n')
}

function bytes(text: string): number {
  return Buffer.byteLength(text)
}
