// Money of the month against its limit, and which flow spent it.

import { forecastOf, monthLine } from './chart-month.ts'
import { spendLine } from './chart-spend.ts'
import type { Context } from './context.ts'
import { count } from './format.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { emptyNote, flowLink, pairs, section } from './pieces.ts'
import { locales } from './language.ts'
import { showUsd } from '../model/money.ts'
import type { FlowDaySpend } from './spend-days.ts'
import type { FlowSpend, MonthSpend } from '../store/view-spend.ts'

export interface Spend {
  readonly month: MonthSpend
  readonly days: readonly FlowDaySpend[]
}

export function spendPage(context: Context, { month, days }: Spend): Html {
  const { text, runner, language, nowMs } = context
  const limit = runner.budget.monthPicoUsd
  const forecast = forecastOf(month, nowMs)
  const style = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const
  const name = new Intl.DateTimeFormat(locales[language], style).format(month.startMs)
  const figures = pairs([
    [text.money.settled, showUsd(month.settled)],
    [text.money.held, month.held > 0n && showUsd(month.held)],
    [text.money.presumed, month.presumed > 0n && showUsd(month.presumed)],
    [text.money.limit, limit === null ? text.money.noLimit : showUsd(limit)],
    [text.money.ahead, forecast !== null && showUsd(forecast)],
  ])
  const main = html`<section id="month">
      <h1>${text.money.month(name)}</h1>
      ${figures}${monthLine(context, month)}
    </section>
    ${
      days.length === 0
        ? emptyNote(text.money.none)
        : html`<div class="columns even">
            <div>${spendLine(context, { month, days })}</div>
            <div>${byFlow(context, days)}</div>
          </div>`
    }`
  return layout(context, { title: text.spend, place: 'spend', main })
}

const flowsMax = 50

function byFlow(context: Context, days: readonly FlowDaySpend[]): Html {
  const { text } = context
  const sums = [...Map.groupBy(days, (day) => day.flow)].map(([flow, of]) => sumOf(flow, of))
  const sorted = sums.sort((a, b) => (a.spent > b.spent ? -1 : 1)).slice(0, flowsMax)
  const most = sorted[0]?.spent ?? 1n
  const rows = sorted.map(({ flow, spent, calls }) => {
    const share = most === 0n ? 0 : Math.round((Number(spent) / Number(most)) * 1000) / 10
    return html`<tr>
      <th scope="row">${flowLink(context, flow)}</th>
      <td class="bar-cell">
        <svg width="100%" height="10" aria-hidden="true">
          <rect class="share" width="${share}%" height="10" rx="2" />
        </svg>
      </td>
      <td class="number">${count(context, calls)}</td>
      <td class="number">${showUsd(spent)}</td>
    </tr>`
  })
  const body = html`<table class="shares">
    <thead>
      <tr>
        <th scope="col">${text.money.flow}</th>
        <th scope="col"><span class="unseen">${text.money.share}</span></th>
        <th scope="col" class="number">${text.money.calls}</th>
        <th scope="col" class="number">${text.money.spent}</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`
  return section({ id: 'by-flow', title: text.money.byFlow, body })
}

function sumOf(flow: string, days: readonly FlowDaySpend[]): FlowSpend {
  let spent = 0n
  let calls = 0
  for (const day of days) {
    spent += day.spent
    calls += day.calls
  }
  return { flow, spent, calls }
}
