// Doing it: the intent is durable before anything leaves, the outcome before the next step starts.

import { effectContext, effectKey } from './effect.ts'
import { permitted } from './permit.ts'
import { probe } from './probe.ts'
import { actionNamed } from './proposal.ts'
import { type Cleared, conclude, invocationOf, type Task, tell, tellFailed } from './task.ts'
import { timeLimit } from './time-limit.ts'
import { askUnknown } from './unknown.ts'
import type { TicketResult } from '../approval/report.ts'
import type { Action } from '../model/action.ts'
import { digestOf } from '../model/digest.ts'
import { Failure, recordedError } from '../model/error.ts'
import type { Fact } from '../model/journal.ts'
import type { Json } from '../model/json.ts'
import { storable } from '../model/storable.ts'
import type { Clock } from '../world/clock.ts'
import { redactJson } from '../world/redact.ts'

/** Records the intent where a repetition would matter, then does it. */
export async function act(task: Task, cleared: Cleared): Promise<void> {
  const action = actionNamed(task, cleared.frozen.uses)
  await permitted(task, { action, frozen: cleared.frozen }, async () => {
    if (action.repetition(cleared.frozen.input) !== 'read') await tell(task, intentOf(task, cleared))
    await carryOut(task, action, cleared)
  })
}

/** The key is the same for every attempt of this invocation, so that a remote can tell a repetition. */
export function intentOf(task: Task, cleared: Cleared): Extract<Fact, { is: 'intended' }> {
  const attempt = invocationOf(task).attempts + 1
  const requestHash = digestOf({ uses: cleared.frozen.uses, input: cleared.frozen.input })
  const { frozen: action, risk, ticket } = cleared
  return {
    v: 1,
    is: 'intended',
    at: task.at,
    attempt,
    key: effectKey(task),
    action,
    requestHash,
    risk,
    ticket,
  }
}

const outputBytesMax = 1_048_576

/** Calls the action and records what came of it. A record that cannot be written is not the action's failure. */
export async function carryOut(task: Task, action: Action, cleared: Cleared): Promise<void> {
  const { clock } = task.engine
  const startedMs = clock.monotonic()
  const called = await call(task, action, cleared)
  if ('thrown' in called) return failed(task, { action, cleared, thrown: called.thrown, startedMs })
  const tookMs = Math.round(clock.monotonic() - startedMs)
  await conclude(task, succeeded(task, cleared, { output: called.output, tookMs }))
  await reportTicket(task, cleared, { status: 'succeeded', text: `${action.name} succeeded` })
}

async function call(
  task: Task,
  action: Action,
  cleared: Cleared,
): Promise<{ output: Json } | { thrown: unknown }> {
  const { clock } = task.engine
  const limit = timeLimit(clock, { ms: task.step.timeoutMs ?? attemptMsDefault, outer: task.signal })
  const { signal } = limit
  try {
    const running = action.run(cleared.frozen.input, effectContext(task, signal))
    const output = redactJson(task.engine.redact, await interruptible(running, { signal, clock }))
    const fault = storable(output, outputBytesMax)
    if (fault === null) return { output }
    return { thrown: new Failure('invalid', `the output of ${action.name} cannot be kept: ${fault}`) }
  } catch (thrown) {
    return { thrown: limit.timedOut() ?? thrown }
  } finally {
    limit.done()
  }
}

export function succeeded(task: Task, cleared: Cleared, done: { output: Json; tookMs: number }): Fact {
  const attempt = invocationOf(task).attempts + 1
  const { risk, frozen } = cleared
  return { v: 1, is: 'succeeded', at: task.at, attempt, ...done, uses: frozen.uses, risk }
}

interface FailedAct {
  readonly action: Action
  readonly cleared: Cleared
  readonly thrown: unknown
  readonly startedMs: number
}

/** People who said yes hear what came of it; a failure to tell them changes nothing. */
async function reportTicket(task: Task, { ticket }: Cleared, result: TicketResult): Promise<void> {
  if (ticket === null) return
  try {
    await task.engine.tickets.report(ticket, result)
  } catch (error) {
    task.engine.log.warn({ ticket, error }, 'the result of an approved action could not be reported')
  }
}

async function failed(task: Task, { action, cleared, thrown, startedMs }: FailedAct): Promise<void> {
  if (task.held.lost) return
  const uses = action.name
  const text = recordedError(thrown).message
  if (action.repetition(cleared.frozen.input) !== 'once' || surelyNothing(thrown)) {
    await tellFailed(task, { thrown, uses, startedMs, again: 'as the flow says' })
    return reportTicket(task, cleared, { status: 'failed', text })
  }
  const probed = await probe(task, action, cleared.frozen.input)
  if (probed.happened === true) {
    const tookMs = Math.round(task.engine.clock.monotonic() - startedMs)
    return conclude(task, succeeded(task, cleared, { output: probed.output, tookMs }))
  }
  await reportTicket(task, cleared, { status: 'unknown', text })
  if (!task.signal.aborted) return askUnknown(task, { cleared, why: text })
  const message = `stopped while ${uses} may have taken effect: ${text}`
  await tellFailed(task, { thrown: new Failure('unknown_outcome', message), uses, startedMs, again: 'no' })
}

/** The other side said no, or nothing was sent: then nothing happened, and no one has to look. */
function surelyNothing(thrown: unknown): boolean {
  if (!(thrown instanceof Failure)) return false
  return (
    thrown.effect === 'none' ||
    ['refused', 'rate_limited', 'denied', 'budget', 'invalid'].includes(thrown.kind)
  )
}

const attemptMsDefault = 600_000
const abortGraceMs = 15_000

/** An action that ignores its signal is left behind: the run goes on, what it does later reaches nobody. */
function interruptible(
  running: Promise<Json>,
  { signal, clock }: { signal: AbortSignal; clock: Clock },
): Promise<Json> {
  return new Promise((resolve, reject) => {
    let cancel = (): void => {}
    const leave = (): void => {
      cancel = clock.after(abortGraceMs, () =>
        reject(new Failure('cancelled', 'the action did not stop when it was told to')),
      )
    }
    void running.then(resolve, reject).finally(() => cancel())
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })
}
