// The listing of runs, with filters that stay in the address.

import { at, type Context, to } from './context.ts'
import { duration, relative } from './format.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { badge } from './mark.ts'
import { emptyNote, pager } from './pieces.ts'
import { showUsd } from '../model/money.ts'
import { type RunStatus, runStatuses } from '../model/run.ts'
import type { Page } from '../store/view-page.ts'
import type { RunRow } from '../store/view-runs.ts'

export const sinces = ['1h', '24h', '7d', '30d'] as const

export interface RunsListing {
  readonly runs: Page<RunRow>
  readonly flow: string | null
  readonly status: RunStatus | null
  readonly since: string | null
  /** Names to choose from. */
  readonly flows: readonly string[]
}

export function runsPage(context: Context, listing: RunsListing): Html {
  const { text } = context
  const { runs } = listing
  const filtered = listing.flow !== null || listing.status !== null || listing.since !== null
  const body =
    runs.items.length === 0
      ? emptyNote(filtered ? text.run.none : text.run.noneYet)
      : html`<ul class="rows runs">
          ${runs.items.map((run) => runItem(context, run))}
        </ul>`
  const paging = pager(context, { path: at('runs'), query: context.query, next: runs.next })
  const main = html`<section id="runs">
    <h1>${text.runs}</h1>
    ${filterForm(context, listing)}${body}${paging}
  </section>`
  return layout(context, { title: text.runs, place: 'runs', main })
}

function runItem(context: Context, run: RunRow): Html {
  const waited = (run.endedMs ?? context.nowMs) - run.createdMs
  const took = run.endedMs === null ? waited : run.workingMs
  return html`<li>
    <a class="row" href="${to(context, at('runs', run.id))}"
      >${badge(context, run.shown)}
      <span class="what"
        ><b>${run.flow}</b>
        <span class="dim"
          >${run.trigger}${run.error !== null && html` · <span class="kind">${run.error.kind}</span> ${run.error.message.slice(0, 120)}`}</span
        ></span
      >
      <span class="side"
        ><span>${run.costPicoUsd > 0n ? showUsd(run.costPicoUsd) : '\u00A0'}</span
        ><span>${duration(context, took)}</span><span>${relative(context, run.createdMs)}</span></span
      ></a
    >
  </li>`
}

function filterForm(context: Context, listing: RunsListing): Html {
  const { text, chosen } = context
  const flows =
    listing.flow !== null && !listing.flows.includes(listing.flow)
      ? [listing.flow, ...listing.flows]
      : listing.flows
  return html`<form class="filter" method="get" action="/runs" role="search">
    ${chosen !== null && html`<input type="hidden" name="lang" value="${chosen}" />`}
    <label
      >${text.run.flow}
      ${select('flow', text.run.anyFlow, { chosen: listing.flow, of: flows.map((name) => [name, name]) })}</label
    >
    <label
      >${text.run.status}
      ${select('status', text.run.anyStatus, { chosen: listing.status, of: runStatuses.map((status) => [status, text.marks[status]]) })}</label
    >
    <label
      >${text.run.since}
      ${select('since', text.run.anySince, { chosen: listing.since, of: sinces.map((since) => [since, text.run.sinces[since]]) })}</label
    >
    <button>${text.run.show}</button>
  </form>`
}

interface Options {
  readonly chosen: string | null
  readonly of: readonly (readonly [value: string, words: string])[]
}

function select(name: string, any: string, { chosen, of }: Options): Html {
  const options = of.map(([value, words]) =>
    value === chosen
      ? html`<option value="${value}" selected>${words}</option>`
      : html`<option value="${value}">${words}</option>`,
  )
  return html`<select name="${name}">
    <option value="">${any}</option>
    ${options}
  </select>`
}
