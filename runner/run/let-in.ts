// Queued runs start as soon as their limit has room: at the end of a run, and each second by the sweep.

import type { Engine } from './engine.ts'
import type { Flow } from '../model/flow.ts'
import { admissible, backlog, lockLimits } from '../store/admission.ts'

const batchMax = 256

/** Queued runs whose limit has room again. */
export async function letIn(engine: Engine): Promise<void> {
  if ((await backlog(engine.database)).queued === 0) return
  await engine.database.transaction(async (tx) => {
    await lockLimits(tx)
    const ready = await admissible(tx, batchMax)
    if (ready.length > 0) await engine.queue.send(tx, ready)
  })
}

/** Whether runs of this flow may stand in somebody's way. */
export function holdsLimits(flow: Flow): boolean {
  const overlapping = flow.triggers.some(
    (trigger) => trigger.kind === 'schedule' && trigger.overlap !== 'allow',
  )
  return flow.limits.concurrency !== null || overlapping
}
