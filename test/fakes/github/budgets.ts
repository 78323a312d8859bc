// How many requests each account has left in its hour.

import type { User } from './world.ts'

/** Null: whoever has not signed in. */
export type Account = User | null

export interface Budgets {
  used(account: Account): number
  left(account: Account): number
  limit(account: Account): number
  resetSeconds(account: Account): number
  /** One more, or with -1 one given back. */
  count(account: Account, requests: 1 | -1): void
  leave(account: Account, requests: number): void
}

const windowMs = 3_600_000
const limitAnonymous = 60

interface Hour {
  used: number
  readonly resetMs: number
}

export function budgets(now: () => number, limitSignedIn: number): Budgets {
  const hours = new Map<Account, Hour>()
  const hourOf = (account: Account): Hour => {
    const known = hours.get(account)
    if (known !== undefined && known.resetMs > now()) return known
    const fresh = { used: 0, resetMs: now() + windowMs }
    hours.set(account, fresh)
    return fresh
  }
  const limit = (account: Account): number => (account === null ? limitAnonymous : limitSignedIn)
  return {
    limit,
    used: (account) => hourOf(account).used,
    left: (account) => Math.max(0, limit(account) - hourOf(account).used),
    resetSeconds: (account) => Math.ceil(hourOf(account).resetMs / 1_000),
    count: (account, requests) => void (hourOf(account).used += requests),
    leave: (account, requests) => void (hourOf(account).used = limit(account) - requests),
  }
}
