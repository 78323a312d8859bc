// Whether a flow is fit to run, as a short list of conditions that hold or do not.

import type { Context } from './context.ts'
import { type Html, html } from './html.ts'
import { sign } from './mark.ts'
import type { Flow } from '../model/flow.ts'
import type { FlowRow } from '../store/view-flows.ts'

export function conditionList(context: Context, flow: FlowRow, compiled: Flow | null): Html {
  const { text } = context
  const errors = flow.problems.filter((problem) => problem.severity === 'error').length
  const limit = compiled?.limits.concurrency ?? null
  const list = [
    {
      holds: flow.state === 'active',
      words: flow.state === 'broken' ? text.flow.notValid(errors) : text.flow.valid,
    },
    {
      holds: true,
      words: flow.triggers.length === 0 ? text.flow.byHand : text.flow.registered(flow.triggers.length),
    },
    ...(flow.suspended ? [{ holds: false, words: text.flow.suspended }] : []),
    ...(limit === null ? [] : [{ holds: true, words: text.flow.limit(limit.max) }]),
  ]
  const items = list.map(
    ({ holds, words }) => html`<li>${sign(context, holds ? 'succeeded' : 'failed')} ${words}</li>`,
  )
  return html`<ul class="conditions" aria-label="${text.flow.conditions}">
    ${items}
  </ul>`
}
