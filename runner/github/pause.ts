// While GitHub asks to be left alone nothing is sent: the caller is told at once when to come back.

import { Failure } from '../model/error.ts'
import type { Clock } from '../world/clock.ts'

export interface Pause {
  /** Throws `Failure('rate_limited')` with the time that remains. */
  check(route: string): void
  /** Learns from a failure; each further one in a row doubles the pause, up to an hour or what GitHub says. */
  learn(failure: Failure): void
  /** A request went through. */
  clear(): void
}

const pauseMsMax = 3_600_000

export function createPause(clock: Clock): Pause {
  let untilMs = 0
  let inRow = 0
  return {
    check: (route) => {
      const restMs = untilMs - clock.now()
      if (restMs > 0)
        throw new Failure('rate_limited', `GitHub asked for a pause; ${route} was not sent`, {
          retryAfterMs: restMs,
          effect: 'none',
        })
    },
    learn: (failure) => {
      if (failure.kind !== 'rate_limited' || failure.retryAfterMs === undefined) return
      const longer = failure.retryAfterMs * 2 ** Math.min(inRow, 6)
      inRow++
      untilMs = Math.max(untilMs, clock.now() + Math.max(failure.retryAfterMs, Math.min(longer, pauseMsMax)))
    },
    clear: () => {
      inRow = 0
    },
  }
}
