// The heart: from a flow and the state of a run to what happens next. Pure; the same function serves the
// runner, rehearsals and tests.

import type { RecordedError } from './error.ts'
import type { Flow, Step } from './flow.ts'
import type { Fact } from './journal.ts'
import { look } from './look.ts'
import type { Now, Ready, Waiting } from './now.ts'
import type { RunState } from './run.ts'

export type Move =
  /** Facts that follow from the state alone; recorded, then asked again. */
  | { readonly is: 'record'; readonly facts: readonly Fact[] }
  | { readonly is: 'perform'; readonly work: readonly Ready[] }
  /** Something is being performed; ask again when it ends or at `wakeMs`. */
  | { readonly is: 'await'; readonly wakeMs: number | null }
  | { readonly is: 'park'; readonly wakeMs: number | null; readonly waiting: readonly Waiting[] }
  /** Stop what is being performed under these keys, then ask again. */
  | { readonly is: 'abort'; readonly keys: readonly string[] }
  | { readonly is: 'end'; readonly status: EndStatus; readonly error: RecordedError | null }

export type EndStatus = 'succeeded' | 'failed' | 'cancelled'

/** What the run does next. Calls `scope` only when an expression has to be evaluated. */
export function next(flow: Flow, state: RunState, now: Now): Move {
  if (state.cancelBy !== null) return stopped(now, { is: 'end', status: 'cancelled', error: null })
  if (state.failing !== null) return afterFailure(flow, state, now)
  if (state.ending !== null) return ended(state.ending, now)
  return stage(flow.steps, state, { now, end: { is: 'end', status: 'succeeded', error: null } })
}

type End = Extract<Move, { is: 'end' }>

/** Whatever is in progress is stopped first. */
function stopped(now: Now, end: End): Move {
  return now.busy.size > 0 ? { is: 'abort', keys: [...now.busy.keys()] } : end
}

function ended({ status, step, reason }: NonNullable<RunState['ending']>, now: Now): Move {
  if (status === 'succeeded') return stopped(now, { is: 'end', status, error: null })
  const error: RecordedError = { kind: 'refused', message: reason === '' ? 'the flow ended here' : reason }
  return { is: 'record', facts: [{ v: 1, is: 'failing', step, error }] }
}

/** From here on only `on_failure` runs; a failure in it ends the run at once. */
function afterFailure(flow: Flow, state: RunState, now: Now): Move {
  const old = [...now.busy.keys()].filter((key) => !key.startsWith('on_failure.'))
  if (old.length > 0) return { is: 'abort', keys: old }
  return stage(flow.onFailure.steps, state, {
    now,
    end: { is: 'end', status: 'failed', error: state.failing?.error ?? null },
  })
}

function stage(
  steps: readonly Step[],
  state: RunState,
  { now, end }: { readonly now: Now; readonly end: End },
): Move {
  const found = look(steps, state, now)
  if (found.failed !== null)
    return state.failing === null ? { is: 'record', facts: [failingOf(found.failed)] } : stopped(now, end)
  if (found.facts.length > 0) return { is: 'record', facts: found.facts }
  if (found.stop.length > 0) return { is: 'abort', keys: found.stop }
  if (found.ready.length > 0) return { is: 'perform', work: found.ready }
  if (now.busy.size > 0) return { is: 'await', wakeMs: found.wakeMs }
  if (found.waiting.length > 0) return { is: 'park', wakeMs: found.wakeMs, waiting: found.waiting }
  return end
}

function failingOf({ step, error }: { readonly step: string; readonly error: RecordedError }): Fact {
  return { v: 1, is: 'failing', step, error }
}
