// A `call` step: another flow runs for this one, once, and its end comes back as this step's result.

import { effectKey } from './effect.ts'
import type { Engine } from './engine.ts'
import type { Held } from './held.ts'
import { readAnswers } from './news.ts'
import { conclude, scopeOfTask, type Task, tell, tellFailed } from './task.ts'
import { renderValue, trustOfValue } from '../flow/value.ts'
import { Failure } from '../model/error.ts'
import type { CallWork } from '../model/flow.ts'
import type { Firing } from '../model/firing.ts'
import type { At } from '../model/journal.ts'
import type { JsonObject } from '../model/json.ts'
import { invocationAt } from '../model/run.ts'
import type { EndedRun } from '../store/runs.ts'
import { requestCancel } from '../store/runs.ts'
import { wakeRuns } from '../store/wake.ts'

/** Calls above a run; one more is refused. */
export const callDepthMax = 5

/** Starts the other flow: its slot is this attempt, so after a crash the same run is found again. */
export async function call(task: Task, work: CallWork): Promise<void> {
  const { engine, held, at, step } = task
  const depth = held.row.depth + 1
  if (depth > callDepthMax)
    throw new Failure('refused', `calls are at most ${callDepthMax} deep`, {
      remedy: 'look whether the flows call each other in a circle',
    })
  const scope = scopeOfTask(task)
  const inputs: JsonObject = Object.fromEntries(
    Object.entries(work.with).map(([name, value]) => [name, renderValue(value, scope)]),
  )
  const now = new Date(engine.clock.now()).toISOString()
  const firing: Firing = {
    flow: work.flow,
    trigger: 'call',
    kind: 'call',
    slot: `call:${effectKey(task)}:${invocationAt(held.state, at).attempts + 1}`,
    event: {
      kind: 'call',
      scheduled_at: now,
      fired_at: now,
      called_by: { flow: held.flow.name, run: held.row.id, step: step.path, untrusted: untrustedOf(work) },
    },
    inputs,
    startedBy: held.row.startedBy,
    overlap: 'allow',
    parent: { run: held.row.id, depth },
  }
  const admitted = await engine.admit(firing)
  if ('refused' in admitted) throw new Failure('refused', `${work.flow} was not started: ${admitted.refused}`)
  const called = { v: 1, is: 'called', at, run: admitted.run } as const
  if (!admitted.duplicate) return conclude(task, called)
  // Born before this holder came: it may have ended already, and nobody will say so again.
  await tell(task, called)
  await readAnswers(engine, held)
}

/** What goes in untrusted stays so: the called flow is read with that label on these inputs. */
function untrustedOf(work: CallWork): readonly string[] {
  return Object.entries(work.with).flatMap(([name, value]) =>
    trustOfValue(value) === 'untrusted' ? [name] : [],
  )
}

/** The called run has ended: its outputs are ours, and so is its failure. */
export async function takeResult(task: Task, ended: EndedRun): Promise<void> {
  const { at, engine } = task
  if (ended.status === 'succeeded') {
    const attempt = invocationAt(task.held.state, at).attempts + 1
    const took = { tookMs: Math.max(0, ended.endedMs - ended.createdMs) }
    const done = { attempt, output: ended.outputs, uses: null, risk: 'low', ...took } as const
    return conclude(task, { v: 1, is: 'succeeded', at, ...done })
  }
  const { kind, message } = ended.error ?? { kind: 'cancelled', message: `${ended.flow} was cancelled` }
  const thrown = new Failure(kind, `${ended.flow} (run ${ended.id}): ${message}`)
  // A cancelled or denied run would only be asked for again.
  await tellFailed(task, {
    thrown,
    uses: null,
    startedMs: engine.clock.monotonic(),
    again: 'as the flow says',
  })
}

/** A run that ends or gives up a branch does not leave the runs that it called behind; `inside`: only of a group. */
export async function cancelCalled(engine: Engine, held: Held, inside: At | null): Promise<void> {
  const runs: string[] = []
  for (const [key, { phase }] of held.state.invocations)
    if (phase.is === 'called' && (inside === null || isInside(key, inside))) runs.push(phase.run)
  if (runs.length === 0) return
  await engine.database.transaction(async (tx) => {
    for (const run of runs.toSorted()) await requestCancel(tx, run, `its caller ${held.row.id}`)
    await wakeRuns(tx, engine.queue, runs)
  })
}

/** Of a list only what belongs to the same element. */
function isInside(key: string, { step, element }: At): boolean {
  return key.startsWith(`${step}.`) && (element === null || key.endsWith(`#${element}`))
}
