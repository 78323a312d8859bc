// Money of the month as one line against its limit: spent, reserved, presumed, and where it is heading.

import type { Context } from './context.ts'
import { type Html, html } from './html.ts'
import { type PicoUsd, showUsd } from '../model/money.ts'
import type { MonthSpend } from '../store/view-spend.ts'

/** What the whole month comes to at the pace so far; null in its first half day, when a pace says little. */
export function forecastOf(month: MonthSpend, nowMs: number): PicoUsd | null {
  const passed = nowMs - month.startMs
  if (passed < 12 * 3_600_000) return null
  const spent = Number(month.settled + month.presumed)
  return BigInt(Math.round((spent / passed) * (month.endMs - month.startMs)))
}

export function monthLine(context: Context, month: MonthSpend): Html {
  const { text, runner, nowMs } = context
  const limit = runner.budget.monthPicoUsd
  const forecast = forecastOf(month, nowMs)
  const spent = month.settled + month.held + month.presumed
  const whole = [limit ?? 0n, spent, forecast ?? 0n, 1n].reduce((most, value) =>
    value > most ? value : most,
  )
  const share = (value: PicoUsd): string => `${Math.round((Number(value) / Number(whole)) * 10_000) / 100}%`
  const over = limit !== null && forecast !== null && forecast > limit
  const words = [
    limit === null ? text.money.noLimit : text.money.left(showUsd(limit > spent ? limit - spent : 0n)),
    forecast === null ? '' : text.money.forecast(showUsd(forecast)),
  ]
  return html`<svg class="month" width="100%" height="18" aria-hidden="true">
      <rect class="rail" width="100%" height="10" y="4" rx="5" />
      <rect class="spent${over && ' over'}" width="${share(month.settled)}" height="10" y="4" rx="5" />
      <rect
        class="held"
        x="${share(month.settled)}"
        width="${share(month.held + month.presumed)}"
        height="10"
        y="4"
      />
      ${forecast !== null && html`<line class="forecast${over && ' over'}" x1="${share(spent)}" x2="${share(forecast)}" y1="9" y2="9" />`}
      ${limit !== null && html`<line class="limit" x1="${share(limit)}" x2="${share(limit)}" y1="0" y2="18" />`}
    </svg>
    <p class="dim">${words.filter((word) => word !== '').join(' · ')}</p>`
}
