// After a crash or a takeover: an intent stands in the journal, its outcome does not. What may be repeated is
// repeated with the same key; for the rest we look whether it happened, or people say so.

import { carryOut, succeeded } from './act.ts'
import { permitted } from './permit.ts'
import { probe } from './probe.ts'
import { actionNamed } from './proposal.ts'
import { type Cleared, conclude, type Task } from './task.ts'
import { askUnknown } from './unknown.ts'
import type { Action } from '../model/action.ts'
import type { Fact } from '../model/journal.ts'

const keyValidForMsDefault = 86_400_000

export async function resume(task: Task, intent: Extract<Fact, { is: 'intended' }>): Promise<void> {
  const action = actionNamed(task, intent.action.uses)
  const cleared: Cleared = { frozen: intent.action, risk: intent.risk, ticket: intent.ticket }
  const again = (): Promise<void> =>
    permitted(task, { action, frozen: intent.action }, () => carryOut(task, action, cleared))
  if (await repeatable(task, action, intent)) return again()
  const probed = await probe(task, action, intent.action.input)
  if (probed.happened === true)
    return conclude(task, succeeded(task, cleared, { output: probed.output, tookMs: 0 }))
  // Absent proves nothing while the old holder may only be paused in the act. The lock of the embedded
  // store's folder proves that it is dead; a lost connection to PostgreSQL does not.
  if (probed.happened === false && task.engine.database.kind === 'pglite') return again()
  const why =
    'the runner stopped in the middle of this action, and whether it took effect cannot be seen from here'
  await askUnknown(task, { cleared, why })
}

/** Whether doing it again with the same key is harmless. */
async function repeatable(
  task: Task,
  action: Action,
  intent: Extract<Fact, { is: 'intended' }>,
): Promise<boolean> {
  const repetition = action.repetition(intent.action.input)
  if (repetition !== 'keyed') return repetition !== 'once'
  const [effect] = await task.engine.database.query<{ intended_ms: number }>(
    'select intended_ms from effect where key = $1',
    [intent.key],
  )
  const age = task.engine.clock.now() - (effect?.intended_ms ?? 0)
  return age < (action.keyValidForMs ?? keyValidForMsDefault)
}
