// What a thrown error of the SDK means: nothing was billed, or nobody knows.

import { APIError } from '@anthropic-ai/sdk'

import { retryAfterMsMax, type Unbilled, type UnbilledCause, type Unknown } from './outcome.ts'
import { BodyTooLarge } from '../world/claude-fetch.ts'

/** Why our own side ended the request; null: it did not. */
export type Ended = 'timeout' | 'cancelled' | null

const wordsMax = 200

export function failureOf(thrown: unknown, ended: Ended, nowMs: number): Unbilled | Unknown {
  if (thrown instanceof APIError && typeof thrown.status === 'number')
    return ofStatus(thrown.status, thrown as Answered, nowMs)
  if (ended === 'timeout') return unknown('timeout', 'no answer in time')
  if (ended === 'cancelled') return unknown('cancelled', 'the request was given up')
  const causes = causesOf(thrown)
  if (causes.some((cause) => cause instanceof BodyTooLarge || cause instanceof SyntaxError))
    return unknown('unreadable', 'the answer cannot be read')
  const code = causes.map(codeOf).find((found) => found !== null) ?? 'no code'
  if (causes.some(beforeConnected)) return unbilled('unreachable', `cannot connect (${code})`, null)
  return unknown('lost', `the connection was lost (${code})`)
}

/** An error that has a status also has headers. */
type Answered = APIError<number, Headers, object | undefined>

function ofStatus(status: number, error: Answered, nowMs: number): Unbilled | Unknown {
  const said = typeof error.apiMessage === 'string' ? error.apiMessage : ''
  const words = said === '' ? `HTTP ${status}` : `HTTP ${status}: ${said.slice(0, wordsMax)}`
  if (status >= 500 && status !== 529) return unknown('server_error', words)
  // 408 comes when the request was read but not answered: nobody knows how far it got.
  if (status === 408 || status === 499) return unknown('server_error', words)
  return unbilled(causeOf(status, error, said), words, retryAfter(error.headers, nowMs))
}

const spendLimitCodes: ReadonlySet<string> = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
])

function causeOf(status: number, error: Answered, said: string): UnbilledCause {
  if (status < 400) return 'redirected'
  // A workspace's own limit is a 400 without a code: its words are all there is to know it by.
  if (status === 400)
    return /reached your specified .{0,40}usage limits/i.test(said) ? 'spend_limit' : 'rejected'
  if (status === 401) return 'credentials'
  if (status === 402) return 'billing'
  if (status === 403 || status === 404) return 'no_model'
  if (status === 429) return spendLimitCodes.has(error.errorCode ?? '') ? 'spend_limit' : 'rate_limited'
  return status === 529 ? 'overloaded' : 'rejected'
}

/** Seconds or an HTTP date (which ends with GMT: `Date.parse` takes much more); at most `retryAfterMsMax`. */
function retryAfter(headers: Headers, nowMs: number): number | null {
  const said = headers.get('retry-after')?.trim() ?? ''
  const date = said.endsWith(' GMT') ? Date.parse(said) - nowMs : Number.NaN
  const ms = /^\d{1,9}$/.test(said) ? Number(said) * 1_000 : date
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), retryAfterMsMax) : null
}

/** Errors wrap errors; several attempts at one connection come as a list. */
function causesOf(thrown: unknown): readonly Error[] {
  const found: Error[] = []
  const open: unknown[] = [thrown]
  for (let next = open.pop(); next !== undefined && found.length < 20; next = open.pop()) {
    if (!(next instanceof Error)) continue
    found.push(next)
    open.push(next.cause, ...(next instanceof AggregateError ? (next.errors as unknown[]) : []))
  }
  return found
}

/** Nothing of the request has left before a connection exists. */
function beforeConnected(error: Error): boolean {
  const { syscall } = error as { syscall?: unknown }
  return syscall === 'connect' || syscall === 'getaddrinfo' || codeOf(error) === 'UND_ERR_CONNECT_TIMEOUT'
}

function codeOf(error: Error): string | null {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code.slice(0, 60) : null
}

function unknown(cause: Unknown['cause'], why: string): Unknown {
  return { is: 'unknown', cause, why }
}

function unbilled(cause: UnbilledCause, why: string, retryAfterMs: number | null): Unbilled {
  return { is: 'unbilled', cause, why, retryAfterMs }
}
