// One invocation being performed: what it may read, and how it says what happened.

import type { Engine } from './engine.ts'
import { fateOf } from './fate.ts'
import { close, type Held, note, record, scopeOfHeld } from './held.ts'
import { readNews } from './news.ts'
import { retryAt } from './retry.ts'
import { type RecordedError, recordedError } from '../model/error.ts'
import type { Scope, Step } from '../model/flow.ts'
import type { At, Fact, Frozen } from '../model/journal.ts'
import type { Risk } from '../model/risk.ts'
import { type Invocation, invocationAt } from '../model/run.ts'

export interface Task {
  readonly engine: Engine
  readonly held: Held
  readonly step: Step
  readonly at: At
  /** A group that has failed, with the error of what failed in it. */
  readonly failed?: RecordedError
  /** Aborted on cancel, on the failure of another step and on the attempt's time-out. */
  readonly signal: AbortSignal
}

/** An action that may run: frozen, assessed, and with the ticket that allowed it when people were asked. */
export interface Cleared {
  readonly frozen: Frozen
  readonly risk: Risk
  readonly ticket: string | null
}

/** Another holder has the run: unwind without writing anything. */
export class LostRun extends Error {}

/** Makes facts of this invocation durable; more follows from this task. */
export async function tell(task: Task, ...facts: readonly Fact[]): Promise<void> {
  if ((await record(task.engine, task.held, facts)) === 'lost') throw new LostRun()
}

/**
 * Makes the last facts of this task durable. When it is the only one in progress, nobody can act on them before they
 * are, and what becomes of the run is written with them.
 */
export async function conclude(task: Task, ...facts: readonly Fact[]): Promise<void> {
  const { engine, held } = task
  if (held.busy.size > 1 || held.lost) return tell(task, ...facts)
  note(held, facts, engine.clock.now())
  const written = await close(engine, held, fateOf(engine, held))
  if (written === 'lost') throw new LostRun()
  if (written === 'news') await readNews(engine, held)
}

export function invocationOf(task: Task): Readonly<Invocation> {
  return invocationAt(task.held.state, task.at)
}

/** The names this invocation's expressions can read, the element of `each` included. */
export function scopeOfTask(task: Task): Scope {
  return scopeOfHeld(task.held, task.at)
}

/** How an attempt failed, for the record. */
export interface FailedWork {
  readonly thrown: unknown
  readonly uses: string | null
  readonly startedMs: number
  /** `no`: what happened cannot be repeated safely, whatever the flow says. */
  readonly again: 'as the flow says' | 'no'
}

/** Records a failed attempt and when the next one is due. */
export async function tellFailed(task: Task, failed: FailedWork): Promise<void> {
  const { engine, step, at } = task
  const error = clean(engine.redact, told(task, recordedError(failed.thrown)))
  const attempt = invocationOf(task).attempts + 1
  const nowMs = engine.clock.now()
  const due =
    failed.again === 'no' || (task.signal.aborted && error.kind === 'cancelled')
      ? null
      : retryAt(
          step.retry,
          { attempt, thrown: failed.thrown, kind: error.kind, nowMs },
          engine.random.uniform(),
        )
  const tookMs = Math.round(engine.clock.monotonic() - failed.startedMs)
  await conclude(task, { v: 1, is: 'failed', at, attempt, error, uses: failed.uses, tookMs, retryAtMs: due })
}

/** Messages of remotes may hold what was sent to them. */
function clean(redact: (text: string) => string, error: RecordedError): RecordedError {
  const storable = (text: string): string => redact(text).replaceAll('\0', '\u2400').toWellFormed()
  const message = storable(error.message)
  return { ...error, message, ...(error.remedy === undefined ? {} : { remedy: storable(error.remedy) }) }
}

/** What was aborted from outside says so, whatever the action threw. */
function told(task: Task, error: RecordedError): RecordedError {
  if (!task.signal.aborted || error.kind === 'unknown_outcome') return error
  const reason: unknown = task.signal.reason
  return reason instanceof Error && reason.name !== 'AbortError'
    ? recordedError(reason)
    : { kind: 'cancelled', message: 'stopped' }
}
