// A signal that is aborted when the time is over, or when an outer one is.

import { Failure } from '../model/error.ts'
import type { Clock } from '../world/clock.ts'

export interface TimeLimit {
  readonly signal: AbortSignal
  /** The failure to tell when it was the time that ended it; null while it was not. */
  timedOut(): Failure | null
  /** Always called at the end: gives timer and listener back. */
  done(): void
}

const timerMsMax = 2 ** 31 - 1

export function timeLimit(
  clock: Clock,
  limit: { readonly ms: number; readonly outer: AbortSignal },
): TimeLimit {
  const { ms, outer } = limit
  const controller = new AbortController()
  let over: Failure | null = null
  const stop = (): void => controller.abort(outer.reason)
  if (outer.aborted) stop()
  outer.addEventListener('abort', stop, { once: true })
  const cancel = clock.after(Math.min(ms, timerMsMax), () => {
    over = new Failure('timeout', `took longer than ${ms} ms`, {
      remedy: 'raise `timeout` of the step, or look why it is slow',
    })
    controller.abort(over)
  })
  return {
    signal: controller.signal,
    timedOut: () => over,
    done: () => {
      cancel()
      outer.removeEventListener('abort', stop)
    },
  }
}
