// What an answer means for the step: fine, come back later, refused, or lost on the way.

import type { HttpResponse } from '../runner/model/action.ts'
import { Failure, type FailureKind } from '../runner/model/error.ts'
import { quote } from './quote.ts'

interface Asked {
  readonly method: string
  /** Statuses that are no failure; null: 200 to 299. */
  readonly expect: readonly number[] | null
}

const retryAfterMsMax = 24 * 3_600_000

/** Returns when the status is one that was expected; throws the typed failure otherwise. */
export function answered({ method, expect }: Asked, response: HttpResponse): void {
  const { status } = response
  if (expect === null ? status >= 200 && status <= 299 : expect.includes(status)) return
  const said = response.body.trim() === '' ? '' : `: ${quote(response.body.trim())}`
  const kind = kindOf(status)
  const retryAfterMs = retryAfter(response)
  throw new Failure(kind, `${method} ${shown(response.url)} answered ${status}${said}`, {
    data: { status },
    ...(untouched(status) ? { effect: 'none' } : {}),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(kind === 'refused' ? { remedy: `If ${status} is fine here, name it in \`expect\`.` } : {}),
  })
}

function kindOf(status: number): FailureKind {
  if (status === 408 || status === 504) return 'timeout'
  if (status === 429) return 'rate_limited'
  return status >= 500 ? 'unavailable' : 'refused'
}

/**
 * These say that the request was not handled (RFC 9110, 15.5.9, 15.6.2, 15.6.4, 15.6.6; RFC 6585, 4). Other 5xx can
 * come from the middle of handling it, so that the effect may have happened.
 */
function untouched(status: number): boolean {
  return [408, 429, 501, 503, 505].includes(status)
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
