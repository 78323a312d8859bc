// Rate limits: the hourly budget, and the secondary limit on writing too fast.

import { type Answer, Refusal } from './answer.ts'
import { type Account, budgets, type Budgets } from './budgets.ts'

export interface Limits {
  /** Refuses the request or counts it. */
  take(account: Account, kind: 'read' | 'write'): void
  /** A 304 to somebody signed in costs nothing. */
  giveBack(account: Account): void
  headers(account: Account): Readonly<Record<string, string>>
  overview(account: Account): Answer
  readonly control: LimitControl
}

/** What a test may do to the limits. */
export interface LimitControl {
  /** So many requests remain for each account until its hour is over. */
  remaining(count: number): void
  /** From now on for so long every request is refused as too fast. */
  secondary(how: Secondary): void
}

interface Secondary {
  readonly status?: 403 | 429
  /** Null: without the header. */
  readonly retryAfterSeconds?: number | null
  readonly forMs: number
}

export interface LimitOptions {
  readonly now: () => number
  /** Requests an hour of somebody signed in. */
  readonly budget: number
  readonly accounts: () => readonly Account[]
}

const minuteMs = 60_000
export const writesPerMinuteMax = 80
const secondaryMessage =
  'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'

export function limits({ now, budget, accounts }: LimitOptions): Limits {
  const hours = budgets(now, budget)
  const mayWrite = writePace(now)
  let blocked: { readonly untilMs: number; readonly refusal: Refusal } | null = null
  return {
    take: (account, kind) => {
      if (blocked !== null && blocked.untilMs > now()) throw blocked.refusal
      if (hours.left(account) === 0) throw new Refusal(403, exceeded(account))
      if (kind === 'write' && !mayWrite(account)) throw tooFast(403, 60)
      hours.count(account, 1)
    },
    giveBack: (account) => hours.count(account, -1),
    headers: (account) => headersOf(hours, account),
    overview: (account) => overviewOf(hours, account),
    control: {
      remaining: (count) => accounts().forEach((account) => hours.leave(account, count)),
      secondary: ({ status = 403, retryAfterSeconds = 60, forMs }) =>
        void (blocked = { untilMs: now() + forMs, refusal: tooFast(status, retryAfterSeconds) }),
    },
  }
}

function writePace(now: () => number): (account: Account) => boolean {
  const writes = new Map<Account, readonly number[]>()
  return (account) => {
    const recent = (writes.get(account) ?? []).filter((atMs) => atMs > now() - minuteMs)
    if (recent.length >= writesPerMinuteMax) return false
    writes.set(account, [...recent, now()])
    return true
  }
}

function headersOf(hours: Budgets, account: Account): Record<string, string> {
  return {
    'x-ratelimit-limit': String(hours.limit(account)),
    'x-ratelimit-remaining': String(hours.left(account)),
    'x-ratelimit-used': String(hours.used(account)),
    'x-ratelimit-reset': String(hours.resetSeconds(account)),
    'x-ratelimit-resource': 'core',
  }
}

function overviewOf(hours: Budgets, account: Account): Answer {
  const rate = {
    limit: hours.limit(account),
    remaining: hours.left(account),
    used: hours.used(account),
    reset: hours.resetSeconds(account),
  }
  const search = { limit: 30, remaining: 30, used: 0, reset: rate.reset }
  return { status: 200, body: { resources: { core: rate, search }, rate } }
}

function tooFast(status: number, retryAfterSeconds: number | null): Refusal {
  const headers = retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) }
  return new Refusal(status, secondaryMessage, { headers })
}

const exceeded = (account: Account): string =>
  account === null
    ? 'API rate limit exceeded for 127.0.0.1.'
    : `API rate limit exceeded for user ID ${account.id}.`
