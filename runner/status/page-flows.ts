// All flows of the branch: does each load, when does it fire next, how did it go lately.

import { at, type Context, to } from './context.ts'
import { relative } from './format.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { icon } from './mark.ts'
import { emptyNote, pager } from './pieces.ts'
import type { FlowRow } from '../store/view-flows.ts'
import type { Page } from '../store/view-page.ts'

export function flowsPage(context: Context, flows: Page<FlowRow>): Html {
  const { text } = context
  const rows = flows.items.map((flow) => flowItem(context, flow))
  const list =
    rows.length === 0
      ? html`${emptyNote(text.flow.none)}
          <p class="hint">${text.home.begin} <code class="paste">npx watchbill new FLOW</code></p>`
      : html`<ul class="rows flows">
          ${rows}
        </ul>`
  const paging = pager(context, { path: at('flows'), query: context.query, next: flows.next })
  const main = html`<section id="flows">
    <h1>${text.flows}</h1>
    ${list}${paging}
  </section>`
  return layout(context, { title: text.flows, place: 'flows', main })
}

function flowItem(context: Context, flow: FlowRow): Html {
  const { text } = context
  const next = flow.triggers.flatMap((trigger) => (trigger.nextMs === null ? [] : [trigger.nextMs]))
  const kinds = [...new Set(flow.triggers.map((trigger) => kindWord(context, trigger.kind)))].join(', ')
  const recent = flow.recent.map((run) => icon(run.shown)).reverse()
  const soonest = next.length === 0 ? null : Math.min(...next)
  const started = kinds === '' && flow.version !== null ? text.flow.kinds.manual : kinds
  return html`<li class="flow-row">
    <div class="what">
      <a href="${to(context, at('flows', flow.name))}"><b>${flow.name}</b></a
      >${flowState(context, flow)} <span class="reason">${flow.description}</span>
    </div>
    <span class="history" role="img" aria-label="${recentWords(context, flow)}">${recent}</span>
    <span class="side"
      >${started}${soonest !== null && html`<br /><span class="dim">${text.flow.next} ${relative(context, soonest)}</span>`}</span
    >
  </li>`
}

/** The row of shapes in words: how many of each. */
function recentWords({ text }: Context, flow: FlowRow): string {
  const counts = Map.groupBy(flow.recent, (run) => run.shown)
  const words = [...counts].map(([shown, runs]) => `${runs.length} ${text.marks[shown]}`)
  return `${text.flow.recent}: ${words.length === 0 ? text.none : words.join(', ')}`
}

/** Said only when it is not as it should be. */
export function flowState({ text }: Context, flow: Pick<FlowRow, 'state' | 'suspended'>): Html | false {
  if (flow.state !== 'active')
    return html` <span class="tag ${flow.state === 'broken' ? 'failed' : 'cancelled'}"
      >${text.flow.states[flow.state]}</span
    >`
  return flow.suspended && html` <span class="tag cancelled">${text.flow.suspended}</span>`
}

export function kindWord({ text }: Context, kind: string): string {
  const { kinds } = text.flow
  return Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : kind
}
