// An `approve` step: a question of its own, answered yes, no or by silence.

import { ticketId } from './proposal.ts'
import { conclude, scopeOfTask, type Task } from './task.ts'
import { renderValue, sourcesOf, trustOfValue } from '../flow/value.ts'
import type { QuestionBinding } from '../model/approval.ts'
import type { ApproveWork } from '../model/flow.ts'
import type { JsonObject } from '../model/json.ts'

export async function askQuestion(task: Task, work: ApproveWork): Promise<void> {
  const { held, at, engine, step } = task
  const approvals = engine.head().policy.approvals
  const shown = renderValue(work.show, scopeOfTask(task))
  const about = { flow: held.flow.name, run: held.row.id, step: at.step, element: at.element }
  const need = work.need ?? approvals.need
  const binding: QuestionBinding = {
    ...about,
    flow_version: held.flow.version,
    round: 0,
    kind: 'question',
    shown,
    need,
  }
  const label = { trust: trustOfValue(work.show), from: sourcesOf(work.show) }
  const ticket = ticketId(task, 'question')
  await engine.tickets.propose(
    {
      ...about,
      kind: 'question',
      binding,
      title: step.name,
      shown: partsOf(shown).map(([name, value]) => ({ name, value, ...label })),
      why: ['the flow asks'],
      undo: 'none: answering does nothing by itself',
      need,
      approvers: work.approvers ?? approvals.approvers,
      self: approvals.self,
      expiresMs: work.expiresMs ?? approvals.expiresMs,
      choices: [],
      reasoning: null,
      startedBy: held.row.startedBy,
    },
    ticket,
  )
  await conclude(task, { v: 1, is: 'asked', at, ticket, action: null, notBeforeMs: null })
}

function partsOf(shown: ReturnType<typeof renderValue>): [string, ReturnType<typeof renderValue>][] {
  const named = typeof shown === 'object' && shown !== null && !Array.isArray(shown)
  return named ? Object.entries(shown as JsonObject) : [['show', shown]]
}
