// Rate limits: the hourly budget, and the secondary limit on writing too fast.

import type { Answer } from './answer.ts'
import { Refusal } from './answer.ts'
import type { User } from './world.ts'

export interface Limits {
  /** Refuses the request or counts it. */
  take(user: User | null, kind: 'read' | 'write'): void
  /** A 304 to somebody signed in costs nothing: gives the request back. */
  giveBack(user: User | null): void
  headers(user: User | null): Readonly<Record<string, string>>
  overview(user: User | null): Answer
}

/** What a test may do to the limits. */
export interface LimitControl {
  /** So many requests remain for everybody until the hour is over. */
  remaining(count: number): void
  /** From now on for so long every request is refused as too fast; `retryAfterSeconds` null: without the header. */
  secondary(how: {
    readonly status?: 403 | 429
    readonly retryAfterSeconds?: number | null
    readonly forMs: number
  }): void
}

const windowMs = 3_600_000
const minuteMs = 60_000
const budgetAnonymous = 60
export const writesPerMinuteMax = 80
const secondaryMessage =
  'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'

interface Budget {
  used: number
  resetMs: number
  writesMs: readonly number[]
}

export function limits(
  now: () => number,
  budgetSignedIn: number,
): Limits & { readonly control: LimitControl } {
  const budgets = new Map<User | null, Budget>()
  let cap: { readonly untilMs: number; left: number } | null = null
  let blocked: { readonly untilMs: number; readonly refusal: Refusal } | null = null

  const limitOf = (user: User | null): number => (user === null ? budgetAnonymous : budgetSignedIn)
  const budgetOf = (user: User | null): Budget => {
    const known = budgets.get(user)
    if (known !== undefined && known.resetMs > now()) return known
    const fresh = { used: 0, resetMs: now() + windowMs, writesMs: known?.writesMs ?? [] }
    budgets.set(user, fresh)
    return fresh
  }
  const left = (user: User | null): number => {
    const own = Math.max(0, limitOf(user) - budgetOf(user).used)
    return cap !== null && cap.untilMs > now() ? Math.min(cap.left, own) : own
  }

  return {
    take: (user, kind) => {
      if (blocked !== null && blocked.untilMs > now()) throw blocked.refusal
      const budget = budgetOf(user)
      if (left(user) === 0) throw new Refusal(403, exceeded(user))
      const recent = budget.writesMs.filter((at) => at > now() - minuteMs)
      if (kind === 'write' && recent.length >= writesPerMinuteMax) throw tooFast(403, 60)
      budget.writesMs = kind === 'write' ? [...recent, now()] : recent
      budget.used += 1
      if (cap !== null) cap.left -= 1
    },
    giveBack: (user) => {
      budgetOf(user).used -= 1
      if (cap !== null) cap.left += 1
    },
    headers: (user) => ({
      'x-ratelimit-limit': String(limitOf(user)),
      'x-ratelimit-remaining': String(left(user)),
      'x-ratelimit-used': String(limitOf(user) - left(user)),
      'x-ratelimit-reset': String(resetSeconds(user)),
      'x-ratelimit-resource': 'core',
    }),
    overview: (user) => {
      const rate = {
        limit: limitOf(user),
        remaining: left(user),
        used: limitOf(user) - left(user),
        reset: resetSeconds(user),
      }
      const search = { limit: 30, remaining: 30, used: 0, reset: rate.reset }
      return { status: 200, body: { resources: { core: rate, search }, rate } }
    },
    control: {
      remaining: (count) => void (cap = { untilMs: budgetOf(null).resetMs, left: count }),
      secondary: ({ status = 403, retryAfterSeconds = 60, forMs }) =>
        void (blocked = { untilMs: now() + forMs, refusal: tooFast(status, retryAfterSeconds) }),
    },
  }

  function resetSeconds(user: User | null): number {
    const capMs = cap !== null && cap.untilMs > now() ? cap.untilMs : 0
    return Math.ceil(Math.max(budgetOf(user).resetMs, capMs) / 1_000)
  }
}

function tooFast(status: number, retryAfterSeconds: number | null): Refusal {
  const headers = retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) }
  return new Refusal(status, secondaryMessage, { headers })
}

const exceeded = (user: User | null): string =>
  user === null ? 'API rate limit exceeded for 127.0.0.1.' : `API rate limit exceeded for user ID ${user.id}.`
