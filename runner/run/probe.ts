// Looking whether an effect of an earlier attempt happened. A probe that fails knows nothing.

import type { Task } from './task.ts'
import { effectContext } from './effect.ts'
import { timeLimit } from './time-limit.ts'
import type { Action, Probed } from '../model/action.ts'
import type { JsonObject } from '../model/json.ts'

const probeMs = 30_000

/** Goes on although the task was stopped: what may have happened has to be known all the same. */
export async function probe(task: Task, action: Action, input: JsonObject): Promise<Probed> {
  if (action.probe === undefined) return { happened: 'unknowable' }
  const limit = timeLimit(task.engine.clock, { ms: probeMs, outer: new AbortController().signal })
  try {
    return await action.probe(input, effectContext(task, limit.signal))
  } catch (error) {
    task.engine.log.info(
      { run: task.held.row.id, uses: action.name, error },
      'a probe failed; the outcome stays unknown',
    )
    return { happened: 'unknowable' }
  } finally {
    limit.done()
  }
}
