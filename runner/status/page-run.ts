// One run: what started it, what it did and when, why it waits, what went wrong.

import { graphChart } from './chart-graph.ts'
import { timelineChart } from './chart-timeline.ts'
import type { Context } from './context.ts'
import { duration, instant, when } from './format.ts'
import { type Html, html } from './html.ts'
import { journalSection } from './journal.ts'
import { layout } from './layout.ts'
import { badge, type Mark } from './mark.ts'
import { commitLink, emptyNote, flowLink, folded, framed, pairs, section } from './pieces.ts'
import { ticketCard } from './ticket-card.ts'
import type { Lane, Timed } from './timeline.ts'
import { waitedFor, waitSection } from './waits.ts'
import type { Flow } from '../model/flow.ts'
import type { JsonObject } from '../model/json.ts'
import { showUsd } from '../model/money.ts'
import type { RecordedDecision } from '../store/view-decisions.ts'
import type { Page } from '../store/view-page.ts'
import type { JournalRow, LogRow, RunView } from '../store/view-run.ts'
import type { TicketRow } from '../store/view-tickets.ts'

export interface RunDetail {
  readonly run: RunView
  readonly lanes: readonly Lane[]
  readonly timed: Timed
  /** Null when this program cannot compile the run's version. */
  readonly compiled: Flow | null
  readonly marks: ReadonlyMap<string, Mark>
  readonly journal: Page<JournalRow>
  readonly log: readonly LogRow[]
  readonly decisions: readonly RecordedDecision[]
  readonly tickets: readonly TicketRow[]
}

/** Log lines a page shows. */
export const logLinesMax = 100

export function runPage(context: Context, detail: RunDetail): Html {
  const { run } = detail
  const main = html`${head(context, run)} ${wrong(context, detail)} ${waitSection(context, detail)}
    ${timelineSection(context, detail)}
    <div class="columns">
      <div>
        ${journalSection(context, detail)}${ticketsSection(context, detail)}${logSection(context, detail)}
      </div>
      <div>${graphSection(context, detail)}${payloads(context, run)}</div>
    </div>`
  return layout(context, { title: `${run.flow} · ${run.id.slice(-6)}`, place: 'runs', main })
}

function head(context: Context, run: RunView): Html {
  const { text } = context
  const late = (run.startedMs ?? run.createdMs) - run.scheduledMs
  const untilMs = run.endedMs ?? context.nowMs
  const facts = pairs([
    [text.run.startedBy, startedBy(context, run)],
    [
      text.run.started,
      html`${when(context, run.createdMs)}${late > lateMs && html` <span class="dim">· ${text.run.late(duration(context, late))}</span>`}`,
    ],
    [text.run.ended, run.endedMs !== null && instant(context, run.endedMs)],
    [text.run.working, duration(context, run.workingMs)],
    [text.run.waited, duration(context, untilMs - run.createdMs - run.workingMs)],
    [text.run.cost, showUsd(run.costPicoUsd)],
    [text.run.commit, commitLink(context, run.commit)],
    [text.run.cancelBy(run.cancelBy ?? ''), run.cancelBy !== null && ' '],
  ])
  return html`<header class="page-head" id="run-head">
    <h1>${flowLink(context, run.flow)}${badge(context, run.shown)}</h1>
    <p class="mono dim">${run.id}</p>
    ${facts}
  </header>`
}

/** Later than this after its time is worth saying. */
const lateMs = 5_000

function startedBy({ text }: Context, run: RunView): string {
  return run.startedBy.startsWith('trigger:') ? text.run.trigger(run.trigger) : run.startedBy
}

function wrong(context: Context, { run }: RunDetail): Html | false {
  const { text } = context
  if (run.error === null) return false
  const remedy = run.error.remedy !== undefined && html`<p><b>${text.run.remedy}:</b> ${run.error.remedy}</p>`
  const body = html`<div class="callout failed">
    <p><span class="kind">${run.error.kind}</span></p>
    ${folded(context, run.error.message, 'whole')}${remedy}
    <p class="dim">${text.run.retryHow} <code class="paste">npx watchbill retry ${run.id}</code></p>
  </div>`
  return section({ id: 'error', title: text.run.error, body })
}

function timelineSection(context: Context, { lanes, timed }: RunDetail): Html {
  const { text } = context
  const body = lanes.length === 0 ? emptyNote(text.run.timelineNone) : timelineChart(context, lanes, timed)
  return section({ id: 'timeline', title: text.run.timeline, body })
}

function graphSection(context: Context, { compiled, marks, run }: RunDetail): Html {
  const { text } = context
  if (compiled === null)
    return section({ id: 'graph', title: text.run.graph, body: emptyNote(text.flow.noGraph) })
  const graph = { id: 'graph', label: text.run.graph, steps: compiled.steps, marks }
  const failing = compiled.onFailure.steps
  const failed =
    run.status === 'failed' || failing.some((step) => (marks.get(step.path) ?? 'pending') !== 'pending')
  const after =
    failed &&
    failing.length > 0 &&
    html`<h3>${text.flow.onFailure}</h3>
      ${graphChart(context, { id: 'on-failure', label: text.flow.onFailure, steps: failing, marks })}`
  return section({ id: 'graph', title: text.run.graph, body: html`${graphChart(context, graph)}${after}` })
}

/** The questions that were answered; those it waits for stand further up. */
function ticketsSection(context: Context, detail: RunDetail): Html | false {
  const waited = waitedFor(detail)
  const settled = detail.tickets.filter((ticket) => !waited.includes(ticket))
  if (settled.length === 0) return false
  const cards = settled.map((ticket) => ticketCard(context, ticket, 'short'))
  return section({ id: 'tickets', title: context.text.run.tickets, body: cards })
}

function logSection(context: Context, { log }: RunDetail): Html {
  const { text } = context
  const lines = log.map(
    (row) =>
      html`<li>
        <span class="dim">${instant(context, row.atMs)} ${row.step}</span>
        ${row.line.slice(0, logCharactersMax)}
      </li>`,
  )
  const note = log.length >= logLinesMax ? text.run.logLast(logLinesMax) : undefined
  const body =
    lines.length === 0
      ? emptyNote(text.run.logNone)
      : html`<ol class="log">
          ${lines}
        </ol>`
  return section(
    note === undefined
      ? { id: 'log', title: text.run.log, body }
      : { id: 'log', title: text.run.log, note, body },
  )
}

const logCharactersMax = 400

function payloads(context: Context, run: RunView): Html {
  const { text } = context
  const outputs = run.outputs !== null && Object.keys(run.outputs).length > 0
  return html`${section({ id: 'event', title: text.run.event, body: payload(context, run.event, startedBy(context, run)) })}
  ${Object.keys(run.inputs).length > 0 && section({ id: 'inputs', title: text.run.inputs, body: payload(context, run.inputs, '') })}
  ${outputs && section({ id: 'outputs', title: text.run.outputs, body: payload(context, run.outputs ?? {}, '') })}`
}

function payload(context: Context, value: JsonObject, from: string): Html {
  return framed(context, { value, trust: 'untrusted', from, show: 'short' })
}
