// What people are shown and what their yes is bound to, made from a frozen action.

import { invocationOf, type Task } from './task.ts'
import type { Assessment } from '../approval/risk.ts'
import type { Action } from '../model/action.ts'
import type { Binding, Proposal } from '../model/approval.ts'
import { digestOf } from '../model/digest.ts'
import { Failure } from '../model/error.ts'
import type { Frozen } from '../model/journal.ts'
import { keyOf } from '../model/run.ts'

export function actionNamed(task: Task, name: string): Action {
  const action = task.engine.actions.get(name)
  if (action === undefined)
    throw new Failure('invalid', `there is no action ${name} in this version`, {
      remedy: 'the flow was written for another version of the program; upgrade it, or cancel the run',
    })
  return action
}

/** The same question of the same run always has the same ticket. */
export function ticketId(task: Task, kind: string): string {
  const { round, generation } = invocationOf(task)
  return digestOf([task.held.row.id, keyOf(task.at), kind, round, generation]).slice(0, 26)
}

interface Proposed {
  readonly action: Action
  readonly frozen: Frozen
  readonly assessment: Pick<Assessment, 'rule' | 'need' | 'approvers' | 'why'>
}

/** The whole meaning of a yes: what the digest is made of. */
export function bindingOf(task: Task, { action, frozen, assessment }: Proposed): Binding {
  const { held, at } = task
  const uses = action.uses?.(frozen.input)
  return {
    flow: held.flow.name,
    flow_version: held.flow.version,
    run: held.row.id,
    step: at.step,
    element: at.element,
    round: invocationOf(task).round,
    generation: invocationOf(task).generation,
    action: action.name,
    action_version: action.version,
    input: frozen.input,
    connections: uses?.connections ?? [],
    secrets: uses?.secrets ?? [],
    undo: undoInWords(action),
    rule: assessment.rule,
    need: assessment.need,
  }
}

function undoInWords(action: Action): string {
  return 'none' in action.undo ? `none: ${action.undo.none}` : action.undo.uses
}

export function proposalOf(task: Task, proposed: Proposed): Proposal {
  const { held, at, engine } = task
  const { action, frozen, assessment } = proposed
  const approvals = engine.head().policy.approvals
  return {
    kind: 'action',
    flow: held.flow.name,
    run: held.row.id,
    step: at.step,
    element: at.element,
    binding: bindingOf(task, proposed),
    title: action.describe(frozen.input),
    shown: Object.entries(frozen.input).map(([name, value]) => ({ name, value, ...source(frozen, name) })),
    why: assessment.why,
    undo: undoInWords(action),
    need: assessment.need,
    approvers: assessment.approvers,
    self: approvals.self,
    expiresMs: approvals.expiresMs,
    choices: [],
    reasoning: invocationOf(task).decision?.reason ?? null,
    startedBy: held.row.startedBy,
  }
}

function source(frozen: Frozen, name: string): Frozen['sources'][string] {
  return frozen.sources[name] ?? { trust: 'untrusted', from: 'unknown' }
}
