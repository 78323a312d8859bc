// When a failed attempt is tried again: full jitter, the other side's own word obeyed.

import { Failure, type FailureKind } from '../model/error.ts'
import type { Retry } from '../model/flow.ts'

const retryAfterMsMax = 3_600_000

export interface FailedAttempt {
  /** Which attempt failed, from 1. */
  readonly attempt: number
  readonly thrown: unknown
  readonly kind: FailureKind
  readonly nowMs: number
}

/**
 * Epoch milliseconds of the next attempt; null when there is none.
 * @param uniform at least 0, below 1 (full jitter: anything between nothing and the exponential bound)
 */
export function retryAt(retry: Retry | null, failed: FailedAttempt, uniform: number): number | null {
  if (retry === null || failed.attempt > retry.times || !retry.on.includes(failed.kind)) return null
  const bound = Math.min(retry.toMs, retry.fromMs * 2 ** (failed.attempt - 1))
  const asked = failed.thrown instanceof Failure ? (failed.thrown.retryAfterMs ?? 0) : 0
  return failed.nowMs + Math.max(Math.round(bound * uniform), Math.min(asked, retryAfterMsMax))
}
