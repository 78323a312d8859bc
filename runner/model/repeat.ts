// The rounds of a step with `repeat`.

import { type RecordedError, recordedError } from './error.ts'
import type { At, Fact } from './journal.ts'
import type { Now, Ready } from './now.ts'
import type { Invocation } from './run.ts'

/** A round has succeeded: is its result what was wanted, and if not, is there time for another? */
export function roundOver({ step, at }: Ready, invocation: Readonly<Invocation>, now: Now): Fact {
  if (step.repeat === null) throw new Error('only a step with repeat has rounds')
  const { until, everyMs, withinMs } = step.repeat
  try {
    if (until.evaluate(now.scope(at)) === true) return { v: 1, is: 'settled', at }
  } catch (thrown) {
    return failedFact(at, thrown)
  }
  const atMs = now.nowMs + everyMs
  if (atMs <= (invocation.beganMs ?? now.nowMs) + withinMs)
    return { v: 1, is: 'repeated', at, round: invocation.round + 1, atMs }
  const error: RecordedError = {
    kind: 'timeout',
    message: `what repeat waits for did not come within ${withinMs} ms`,
    remedy: 'raise `within`, or look what the step gives each time',
  }
  return { v: 1, is: 'failed', at, attempt: 1, error, uses: null, tookMs: 0, retryAtMs: null }
}

/** What was thrown while an expression was evaluated, as the end of the invocation. */
export function failedFact(at: At, thrown: unknown): Fact {
  const error = recordedError(thrown)
  return { v: 1, is: 'failed', at, attempt: 1, error, uses: null, tookMs: 0, retryAtMs: null }
}
