// When nobody can know whether an effect happened, people say so: never a silent second one.

import { ticketId } from './proposal.ts'
import { type Cleared, conclude, invocationOf, type Task } from './task.ts'
import type { QuestionBinding } from '../model/approval.ts'

export const unknownChoices = [
  { name: 'succeeded', means: 'It happened; go on.' },
  { name: 'failed', means: 'It did not happen, and shall not; the step has failed.' },
  { name: 'again', means: 'It did not happen; do it now, with the same idempotency key.' },
] as const

/** Asks people what happened, and parks this branch. */
export async function askUnknown(
  task: Task,
  unknown: { readonly cleared: Cleared; readonly why: string },
): Promise<void> {
  const { held, at, engine } = task
  const { frozen } = unknown.cleared
  const { attempts, asked } = invocationOf(task)
  const attempt = attempts + 1
  // A new question each time: the answer to an earlier one says nothing about what was done since.
  const ticket = ticketId(task, `unknown ${asked}`)
  const approvals = engine.head().policy.approvals
  const about = { flow: held.flow.name, run: held.row.id, step: at.step, element: at.element }
  const binding: QuestionBinding = {
    ...about,
    flow_version: held.flow.version,
    round: attempt,
    kind: 'unknown',
    shown: { action: frozen.uses, input: frozen.input },
    need: 1,
  }
  await engine.tickets.propose(
    {
      ...about,
      kind: 'unknown',
      binding,
      title: `did ${frozen.uses} happen? Look there, then say what you found`,
      shown: Object.entries(frozen.input).map(([name, value]) => ({
        name,
        value,
        trust: frozen.sources[name]?.trust ?? 'untrusted',
        from: frozen.sources[name]?.from ?? 'unknown',
      })),
      why: [unknown.why],
      undo: 'none: nothing new is done by answering',
      need: 1,
      approvers: approvals.approvers,
      self: approvals.self,
      expiresMs: approvals.expiresMs,
      choices: unknownChoices,
      reasoning: null,
      startedBy: held.row.startedBy,
    },
    ticket,
  )
  await conclude(task, { v: 1, is: 'asked', at, ticket, action: frozen, notBeforeMs: null })
}
