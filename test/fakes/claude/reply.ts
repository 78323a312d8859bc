// What the stub can be told to answer, and the usual failures by name.

import type Anthropic from '@anthropic-ai/sdk'

export interface ReplyParts {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The whole JSON body, instead of a message or an error built by the stub. */
  readonly body?: unknown
  /** The whole body as it leaves, JSON or not. */
  readonly raw?: string
  /** What the model answers, written as JSON. */
  readonly answer?: unknown
  /** What the model writes, JSON or not. */
  readonly text?: string
  readonly content?: readonly Anthropic.ContentBlock[]
  readonly stopReason?: Anthropic.StopReason
  readonly stopDetails?: Anthropic.RefusalStopDetails
  /** Laid over the usage that the stub counts; may be wrong on purpose. */
  readonly usage?: Readonly<Record<string, unknown>>
  /** Tokens the model thought before it answered; a thinking block comes first. */
  readonly thinkingTokens?: number
  /** The connection is cut after so many bytes of the body (its whole length was promised). */
  readonly cutAfterBytes?: number
  /** The answer leaves so much later. `Infinity`: never. */
  readonly delayMs?: number
}

const parts: unique symbol = Symbol('reply')

/** A reply as it is, told apart from an answer of the model (any other object) by its mark. */
export interface Reply {
  readonly [parts]: ReplyParts
}

export const reply = (what: ReplyParts): Reply => ({ [parts]: what })

/** A plain object is what the model answers. */
export function replyParts(given: object): ReplyParts {
  return isReply(given) ? given[parts] : { answer: given }
}

const isReply = (given: object): given is Reply => parts in given

export const overloaded = (): Reply => error(529, 'overloaded_error', 'Overloaded')

/** 429; without seconds there is no `retry-after`. */
export function rateLimited(retryAfterSeconds?: number): Reply {
  const headers =
    retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }
  return reply({
    status: 429,
    body: errorBody('rate_limit_error', 'This request would exceed your rate limit.'),
    ...headers,
  })
}

export function spendLimited(
  code: 'enforced_spend_limit_reached' | 'contract_spend_limit_reached' = 'enforced_spend_limit_reached',
): Reply {
  return reply({
    status: 429,
    body: errorBody('rate_limit_error', 'You have reached your monthly spend limit.', { error_code: code }),
  })
}

export const unpaid = (): Reply => error(402, 'billing_error', 'Your credit balance is too low.')
export const serverError = (): Reply => error(500, 'api_error', 'Internal server error')
export const refusal = (category: Anthropic.RefusalStopDetails['category'] = 'cyber'): Reply =>
  reply({ text: '', stopReason: 'refusal', stopDetails: { type: 'refusal', category, explanation: null } })
/** The model was stopped by `max_tokens` in the middle of its JSON. */
export const truncated = (text: string): Reply => reply({ text, stopReason: 'max_tokens' })
export const cut = (afterBytes: number): Reply => reply({ cutAfterBytes: afterBytes })
export const silent = (): Reply => reply({ delayMs: Number.POSITIVE_INFINITY })

function error(status: number, type: Anthropic.ErrorType, message: string): Reply {
  return reply({ status, body: errorBody(type, message) })
}

export function errorBody(
  type: Anthropic.ErrorType,
  message: string,
  details?: Readonly<Record<string, string>>,
): Anthropic.ErrorResponse {
  const object = { type, message, ...(details === undefined ? {} : { details }) }
  return { type: 'error', error: object as Anthropic.ErrorObject, request_id: null }
}

const typeOfStatus: Readonly<Record<number, Anthropic.ErrorType>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

export const errorOfStatus = (status: number): Anthropic.ErrorResponse =>
  errorBody(typeOfStatus[status] ?? 'api_error', `status ${status}`)
