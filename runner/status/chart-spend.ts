// What was spent since the first of the month as a rising line, with the limit and the forecast dotted.

import { forecastOf } from './chart-month.ts'
import type { Context } from './context.ts'
import { type Html, html } from './html.ts'
import { section } from './pieces.ts'
import { type PicoUsd, showUsd } from '../model/money.ts'
import type { FlowDaySpend } from './spend-days.ts'
import type { MonthSpend } from '../store/view-spend.ts'

interface Spent {
  readonly month: MonthSpend
  readonly days: readonly FlowDaySpend[]
}

const dayMs = 86_400_000
/** Units of the drawing, stretched to the room there is. */
const wide = 1000
const tall = 100
const room = 4

export function spendLine(context: Context, { month, days }: Spent): Html {
  const { text, runner, nowMs } = context
  const sums = runningSums(days, Math.floor((Math.min(nowMs, month.endMs - 1) - month.startMs) / dayMs) + 1)
  const total = sums.at(-1) ?? 0n
  const forecast = forecastOf(month, nowMs)
  const limit = runner.budget.monthPicoUsd
  const most = [limit ?? 0n, total, forecast ?? 0n, 1n].reduce((a, b) => (a > b ? a : b))
  const x = (ms: number): number => round(((ms - month.startMs) / (month.endMs - month.startMs)) * wide)
  const y = (value: PicoUsd): number => round(tall - (Number(value) / Number(most)) * (tall - room))
  const points = sums.map((sum, day) => `${x(Math.min(nowMs, month.startMs + (day + 1) * dayMs))} ${y(sum)}`)
  const line = `M${['0 100', ...points].join('L')}`
  const dates = [1, 8, 15, 22, 29].map(
    (day) => html`<text x="${x(month.startMs + (day - 1) * dayMs) / (wide / 100)}%" y="13">${day}</text>`,
  )
  const body = html`${limit !== null && html`<p class="limit-words">${text.money.limit} ${showUsd(limit)}</p>`}
    <svg
      class="spend"
      width="100%"
      height="150"
      viewBox="0 0 ${wide} ${tall}"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class="area" d="${line}L${x(Math.min(nowMs, month.endMs))} ${tall}Z" />
      <path class="line" d="${line}" />
      ${forecast !== null && html`<path class="ahead" d="M${x(nowMs)} ${y(total)}L${wide} ${y(forecast)}" />`}
      ${limit !== null && html`<path class="limit" d="M0 ${y(limit)}H${wide}" />`}
      <path class="ground" d="M0 ${tall}H${wide}" />
    </svg>
    <svg width="100%" height="16" aria-hidden="true">${dates}</svg>
    <details class="alternative" id="line-words">
      <summary>${text.asText}</summary>
      ${table(context, sums)}
    </details>`
  return section({ id: 'line', title: text.money.line, body })
}

function table({ text }: Context, sums: readonly PicoUsd[]): Html {
  const rows = sums.map(
    (sum, day) =>
      html`<tr>
        <th scope="row">${day + 1}</th>
        <td class="number">${showUsd(sum)}</td>
      </tr>`,
  )
  return html`<table>
    <thead>
      <tr>
        <th scope="col">${text.money.day}</th>
        <th scope="col" class="number">${text.money.sum}</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`
}

/** What was spent up to the end of each day. */
function runningSums(days: readonly FlowDaySpend[], count: number): readonly PicoUsd[] {
  let sum = 0n
  return Array.from({ length: count }, (_, day) => {
    for (const one of days) if (one.day === day) sum += one.spent
    return sum
  })
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
