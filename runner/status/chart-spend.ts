// What was spent since the first of the month as a rising line, with the limit and the forecast dotted.

import { forecastOf } from './chart-month.ts'
import type { Context } from './context.ts'
import { type Html, html } from './html.ts'
import { section } from './pieces.ts'
import { type PicoUsd, showUsd } from '../model/money.ts'
import type { FlowDaySpend, MonthSpend } from '../store/view-spend.ts'

interface Spent {
  readonly month: MonthSpend
  readonly days: readonly FlowDaySpend[]
}

const dayMs = 86_400_000
const size = { width: 720, height: 190, left: 8, right: 8, top: 18, bottom: 22 } as const

export function spendLine(context: Context, { month, days }: Spent): Html {
  const { text, runner, nowMs } = context
  const sums = runningSums(days, Math.floor((Math.min(nowMs, month.endMs - 1) - month.startMs) / dayMs) + 1)
  const total = sums.at(-1) ?? 0n
  const forecast = forecastOf(month, nowMs)
  const limit = runner.budget.monthPicoUsd
  const most = [limit ?? 0n, total, forecast ?? 0n, 1n].reduce((a, b) => (a > b ? a : b))
  const x = (ms: number): number =>
    round(size.left + ((ms - month.startMs) / (month.endMs - month.startMs)) * (size.width - size.left - size.right))
  const y = (value: PicoUsd): number =>
    round(size.height - size.bottom - (Number(value) / Number(most)) * (size.height - size.top - size.bottom))
  const points = sums.map((sum, day) => `${x(Math.min(nowMs, month.startMs + (day + 1) * dayMs))} ${y(sum)}`)
  const start = `${x(month.startMs)} ${y(0n)}`
  const line = `M${[start, ...points].join('L')}`
  const body = html`<div class="graph" role="region" tabindex="0" aria-label="${text.money.line}"><svg class="spend" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" aria-hidden="true">
<path class="area" d="${line}L${x(Math.min(nowMs, month.endMs))} ${y(0n)}Z"/><path class="line" d="${line}"/>
${forecast !== null && html`<path class="ahead" d="M${x(nowMs)} ${y(total)}L${x(month.endMs)} ${y(forecast)}"/>`}
${limit !== null && html`<path class="limit" d="M${size.left} ${y(limit)}H${size.width - size.right}"/><text x="${size.left}" y="${y(limit) - 5}">${text.money.limit} ${showUsd(limit)}</text>`}
<path class="ground" d="M${size.left} ${y(0n)}H${size.width - size.right}"/>
${[1, 8, 15, 22, 29].map((day) => html`<text x="${x(month.startMs + (day - 1) * dayMs)}" y="${size.height - 6}">${day}</text>`)}
</svg></div>
<details class="alternative"><summary>${text.asText}</summary><table><thead><tr><th scope="col">${text.money.day}</th><th scope="col" class="number">${text.money.sum}</th></tr></thead><tbody>${sums.map((sum, day) => html`<tr><th scope="row">${day + 1}</th><td class="number">${showUsd(sum)}</td></tr>`)}</tbody></table></details>`
  return section({ id: 'line', title: text.money.line, body })
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
