// What an answer, or no answer, means for the step: fine, try again, refused, or nobody knows.

import type { HttpResponse, Repetition } from '../runner/model/action.ts'
import { Failure, type FailureDetails, type FailureKind } from '../runner/model/error.ts'
import { quote } from './quote.ts'

interface Asked {
  readonly method: string
  readonly repetition: Repetition
  /** Statuses that are no failure; null: 200 to 299. */
  readonly expect: readonly number[] | null
}

const retryAfterMsMax = 24 * 3_600_000

/** Returns when the status is one that was expected; throws the typed failure otherwise. */
export function answered(asked: Asked, response: HttpResponse): void {
  const { status } = response
  if (asked.expect === null ? status >= 200 && status <= 299 : asked.expect.includes(status)) return
  const said = response.body.trim() === '' ? '' : `: ${quote(response.body.trim())}`
  const message = `${asked.method} ${shown(response.url)} answered ${status}${said}`
  const retryAfterMs = retryAfter(response)
  const details: FailureDetails = {
    data: { status, sent: true },
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(status >= 300 && status <= 499 && status !== 408 && status !== 429
      ? { remedy: `If ${status} is fine here, name it in \`expect\`.` }
      : {}),
  }
  const kind = kindOf(status)
  if (asked.repetition === 'once' && mayHaveHappened(status)) throw unknown(message)
  throw new Failure(kind, message, details)
}

/**
 * A request without an answer may have arrived. Where a second one would be a second effect, nobody may send it
 * again without a person having looked. `data.sent` is false when nothing left this machine.
 */
export function repeatable(error: unknown, repetition: Repetition): unknown {
  if (!(error instanceof Failure) || repetition !== 'once') return error
  if (error.kind !== 'timeout' && error.kind !== 'unavailable') return error
  const data = error.data
  const sent = typeof data !== 'object' || data === null || !('sent' in data) || data['sent'] !== false
  return sent ? unknown(error.message) : error
}

function kindOf(status: number): FailureKind {
  if (status === 408 || status === 504) return 'timeout'
  if (status === 429) return 'rate_limited'
  return status >= 500 ? 'unavailable' : 'refused'
}

/** 501, 503 and 505 say that the request was not handled; other 5xx came from the middle of handling it. */
function mayHaveHappened(status: number): boolean {
  return status >= 500 && status !== 501 && status !== 503 && status !== 505
}

function unknown(message: string): Failure {
  return new Failure('unknown_outcome', `${message}; whether it took effect is not known`, {
    remedy:
      'Look at the other side, then say what happened. Where the other side accepts a repetition, say so with `repetition`.',
    data: { sent: true },
  })
}

/** `Retry-After` in seconds or as a date, which is read against the answer's own `Date` (RFC 9110, 10.2.3). */
function retryAfter({ headers }: HttpResponse): number | null {
  const text = headers['retry-after']?.trim()
  if (text === undefined || text === '') return null
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1_000, retryAfterMsMax)
  const waitMs = Date.parse(text) - Date.parse(headers['date'] ?? '')
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 0), retryAfterMsMax) : null
}

/** Queries can hold what nobody should read in an error. */
function shown(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? quote(url) : `${parsed.origin}${parsed.pathname}`
}
