// What GitHub or the way to it did not do, as a typed failure that says retry, wait or stop.

import { Failure, type FailureDetails, type FailureKind } from '../model/error.ts'

/** What Octokit throws when GitHub answered with an error, or with 304. */
export interface HttpError extends Error {
  readonly status: number
  readonly response: { readonly headers: Readonly<Record<string, string | number | undefined>> }
}

export function isHttpError(thrown: unknown): thrown is HttpError {
  if (!(thrown instanceof Error) || !('status' in thrown) || !('response' in thrown)) return false
  return typeof thrown.status === 'number' && typeof thrown.response === 'object' && thrown.response !== null
}

export interface Asked {
  /** `POST /repos/{owner}/{repo}/issues`: the route, never with values that could be secret. */
  readonly route: string
  readonly nowMs: number
}

/** GitHub asks for at least a minute after a secondary limit that names no time. */
const secondaryPauseMs = 60_000

/** A 4xx is an answer: nothing happened. After a 5xx or a lost answer a write may have happened. */
export function githubFailure(thrown: unknown, asked: Asked): Failure {
  if (thrown instanceof Failure) return thrown
  if (!isHttpError(thrown)) return unreachable(thrown, asked)
  const { status } = thrown
  const pauseMs = pauseAsked(thrown, asked.nowMs)
  if (pauseMs !== null) {
    const message = `GitHub's rate limit is reached (${status} at ${asked.route})`
    return new Failure('rate_limited', message, { ...answered(status), retryAfterMs: pauseMs })
  }
  const message = `GitHub answered ${status} to ${asked.route}: ${thrown.message.slice(0, 300)}`
  if (status >= 500) return new Failure('unavailable', message, { data: { status }, cause: thrown })
  const [kind, remedy] = refusals[status] ?? [
    'refused',
    'look at the message; GitHub does not accept this request',
  ]
  return new Failure(kind, message, { ...answered(status), remedy, cause: thrown })
}

const refusals: Readonly<Record<number, readonly [FailureKind, string]>> = {
  401: ['refused', 'GITHUB_TOKEN is not valid (any more): give the runner a new one'],
  403: ['refused', 'the token may not do this: it needs access to issues of this repository'],
  404: ['refused', 'the repository or object does not exist, or the token may not see it'],
  410: ['refused', 'it was deleted, or issues are switched off in this repository'],
  422: ['invalid', 'GitHub does not accept a value of this request'],
  429: ['rate_limited', 'it is tried again later'],
}

function answered(status: number): FailureDetails {
  return { effect: 'none', data: { status } }
}

function unreachable(thrown: unknown, asked: Asked): Failure {
  const reason = thrown instanceof Error ? thrown.message : 'no reason given'
  return new Failure('unavailable', `GitHub could not be reached for ${asked.route}: ${reason}`, {
    cause: thrown,
  })
}

/** How long GitHub asks to be left alone; null: it does not. A missing permission is no rate limit. */
function pauseAsked(error: HttpError, nowMs: number): number | null {
  if (error.status !== 403 && error.status !== 429) return null
  const headers = error.response.headers
  const after = Number(headers['retry-after'])
  if (Number.isFinite(after) && after > 0) return after * 1_000
  const reset = Number(headers['x-ratelimit-reset'])
  if (headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset))
    return Math.max(1_000, reset * 1_000 - nowMs + 1_000)
  return error.status === 429 || error.message.toLowerCase().includes('secondary rate')
    ? secondaryPauseMs
    : null
}

/** The status GitHub answered with; null when it did not answer. */
export function statusOf(thrown: unknown): number | null {
  if (!(thrown instanceof Failure) || typeof thrown.data !== 'object' || thrown.data === null) return null
  const status = 'status' in thrown.data ? thrown.data['status'] : null
  return typeof status === 'number' ? status : null
}

/** Not there (any more), as far as this token can see. */
export function isGone(thrown: unknown): boolean {
  const status = statusOf(thrown)
  return status === 404 || status === 410 || status === 301
}
