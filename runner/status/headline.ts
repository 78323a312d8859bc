// The first thing a person reads: one sentence, then the day's figures, each leading to what is behind it.

import { at, type Context, to } from './context.ts'
import { count, percent } from './format.ts'
import { type Html, html } from './html.ts'
import { showUsd } from '../model/money.ts'
import { countMax, type Today } from '../store/view-today.ts'
import type { MonthSpend } from '../store/view-spend.ts'

interface Day {
  readonly today: Today
  readonly everRan: boolean
  readonly month: MonthSpend
}

export function headline(context: Context, day: Day): Html {
  return html`<section id="headline" class="headline">
    <h1>${sentence(context, day)}</h1>
    ${figures(context, day)}${!day.everRan && beginning(context)}
  </section>`
}

function sentence({ text, runner, waiting }: Context, { today, everRan }: Day): string {
  const { home } = text
  if (runner.stopped) return home.stopped
  if (runner.head.condition.is === 'unreachable') return home.unreachable
  if (today.failed > 0 && waiting > 0) return home.failedWaiting(today.failed, waiting)
  if (today.failed > 0) return home.failed(today.failed)
  if (waiting > 0) return home.quietWaiting(waiting)
  return everRan ? home.quiet : home.nothing
}

function figures(context: Context, { today, month }: Day): Html {
  const { text, runner } = context
  const ran = Object.values(today.runs).reduce((sum, runs) => sum + runs, 0)
  const runs = ran === 1 ? text.home.ranOne : text.home.ran(count(context, ran, countMax))
  const spent = showUsd(month.settled + month.held + month.presumed)
  const limit = runner.budget.monthPicoUsd
  const money = limit === null ? text.home.moneyNoLimit(spent) : text.home.money(spent, showUsd(limit))
  const list = [
    html`<a href="${to(context, at('runs'), { since: '24h' })}">${runs}</a>`,
    today.failed > 0 &&
      html`<a class="failed" href="${to(context, at('runs'), { status: 'failed', since: '7d' })}"
        >${text.home.wentWrong(count(context, today.failed, countMax))}</a
      >`,
    ran > 0 &&
      html`<a href="${to(context, at('approvals'))}"
        >${text.home.alone(percent(context, 1 - today.asked / ran))}</a
      >`,
    html`<a href="${to(context, at('spend'))}">${money}</a>`,
  ]
  return html`<ul class="figures" aria-label="${text.home.figures}">
    ${list.map((item) => item !== false && html`<li>${item}</li>`)}
  </ul>`
}

function beginning({ text }: Context): Html {
  return html`<p class="hint">${text.home.begin} <code class="paste">npx watchbill run FLOW</code></p>`
}
