// An effect as the outside sees it: its key, and what an action may reach.

import { invocationOf, type Task } from './task.ts'
import type { ActionContext } from '../model/action.ts'
import { digestOf } from '../model/digest.ts'
import { keyOf } from '../model/run.ts'

/** The same for every attempt of this invocation, whoever holds the run. */
export function effectKey(task: Task): string {
  const { round, generation } = invocationOf(task)
  return digestOf([task.held.row.id, keyOf(task.at), round, generation]).slice(0, 40)
}

export function effectContext(task: Task, signal: AbortSignal): ActionContext {
  const { row, flow } = task.held
  const effect = { run: row.id, flow: flow.name, step: keyOf(task.at), key: effectKey(task) }
  return task.engine.context({ ...effect, signal })
}
