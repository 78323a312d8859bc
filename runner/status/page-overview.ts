// The overview: is it alive, what waits for me, what went wrong, what did it cost, what comes next.

import { at, type Context, to } from './context.ts'
import type { Firings } from './firings.ts'
import { headline } from './headline.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { icon, sign } from './mark.ts'
import { monthLine } from './chart-month.ts'
import { firingStrip, firingWords } from './chart-strip.ts'
import { duration, megabytes, relative, when } from './format.ts'
import { missingSection } from './missing.ts'
import { emptyNote, flowLink, pairs, section } from './pieces.ts'
import { showUsd } from '../model/money.ts'
import type { BrokenFlow } from '../store/view-flows.ts'
import type { Page } from '../store/view-page.ts'
import type { Upcoming } from '../store/view-schedule.ts'
import type { MonthSpend } from '../store/view-spend.ts'
import type { TicketRow } from '../store/view-tickets.ts'
import type { FailedRow, RunningRow, Today } from '../store/view-today.ts'

export interface Overview {
  readonly today: Today
  readonly everRan: boolean
  readonly month: MonthSpend
  readonly tickets: Page<TicketRow>
  readonly running: readonly RunningRow[]
  readonly failed: readonly FailedRow[]
  readonly next: readonly Upcoming[]
  /** Of the next 24 hours. */
  readonly firings: Firings
  readonly overdue: readonly Upcoming[]
  readonly broken: readonly BrokenFlow[]
}

export function overviewPage(context: Context, overview: Overview): Html {
  const main = html`${headline(context, overview)}
    <div class="columns">
      <div>
        ${peopleSection(context, overview)}${runningSection(context, overview)}${wrongSection(context, overview)}
      </div>
      <div>
        ${missingSection(context, overview)}${nextSection(context, overview)}${moneySection(context, overview)}${runnerSection(context)}
      </div>
    </div>`
  return layout(context, { title: '', place: 'overview', main })
}

function peopleSection(context: Context, { tickets }: Overview): Html {
  const { text } = context
  const rows = tickets.items.map(
    (ticket) =>
      html`<li>
        <a class="row" href="${to(context, at('approvals', ticket.id))}"
          >${icon('people')}
          <span class="what"
            ><b>${ticket.said.title}</b> <span class="under">${ticket.flow} · ${ticket.step}</span></span
          >
          <span class="side">${text.ticket.expires} ${relative(context, ticket.expiresMs)}</span></a
        >
      </li>`,
  )
  const more =
    tickets.next !== null && html`<p><a href="${to(context, at('approvals'))}">${text.approvals}</a></p>`
  const body =
    rows.length === 0
      ? emptyNote(text.home.peopleNone)
      : html`<ul class="rows">
            ${rows}
          </ul>
          ${more}`
  return section({ id: 'people', title: text.home.people, body })
}

function runningSection(context: Context, { running, today }: Overview): Html {
  const { text } = context
  const rows = running.map((run) => {
    const sinceMs = context.nowMs - (run.startedMs ?? run.createdMs)
    return html`<li>
      <a class="row" href="${to(context, at('runs', run.id))}"
        >${sign(context, 'running')}
        <span class="what"><b>${run.flow}</b> <span class="dim">${run.step}</span></span>
        <span class="side">${duration(context, sinceMs)}</span></a
      >
    </li>`
  })
  const queued = today.live.queued + today.live.ready
  const more =
    queued > 0 &&
    html`<p class="dim">
      <a href="${to(context, at('runs'), { status: 'ready' })}">${text.home.queuedToo(String(queued))}</a>
    </p>`
  const body = html`${
    rows.length === 0
      ? emptyNote(text.home.runningNone)
      : html`<ul class="rows">
          ${rows}
        </ul>`
  }${more}`
  return section({ id: 'running', title: text.home.running, body })
}

function wrongSection(context: Context, { failed }: Overview): Html {
  const { text } = context
  const rows = failed.map(
    (run) =>
      html`<li>
        <a class="row" href="${to(context, at('runs', run.id))}"
          >${sign(context, 'failed')}
          <span class="what"
            ><b>${run.flow}</b>
            <span class="dim">${run.attempts > 1 && text.home.attempts(run.attempts)}</span>
            <span class="reason"
              >${run.error !== null && html`<span class="kind">${run.error.kind}</span> ${cut(run.error.message)}`}</span
            ></span
          >
          <span class="side">${relative(context, run.endedMs ?? run.createdMs)}</span></a
        >
      </li>`,
  )
  const body =
    rows.length === 0
      ? emptyNote(text.home.wrongNone)
      : html`<ul class="rows">
          ${rows}
        </ul>`
  return section({ id: 'wrong', title: text.home.wrong, note: text.home.wrongSpan, body })
}

function cut(words: string): string {
  return words.length > wordsMax ? `${words.slice(0, wordsMax)}…` : words
}
const wordsMax = 180

function nextSection(context: Context, overview: Overview): Html {
  const { text } = context
  if (overview.next.length === 0)
    return section({ id: 'next', title: text.home.next, body: emptyNote(text.home.nextNone) })
  const rows = overview.next.map(
    (firing) =>
      html`<li class="row plain">
        <span class="what">${flowLink(context, firing.flow)} <span class="dim">${firing.trigger}</span></span
        ><span class="side">${when(context, firing.nextMs)}</span>
      </li>`,
  )
  const body = html`${firingStrip(context, overview.firings)}
    <ul class="rows">
      ${rows}
    </ul>`
  return section({
    id: 'next',
    title: text.home.next,
    note: firingWords(context, overview.firings),
    body,
  })
}

function moneySection(context: Context, { month }: Overview): Html {
  const { text, runner } = context
  const limit = runner.budget.monthPicoUsd
  const spent = month.settled + month.held + month.presumed
  const words =
    limit === null ? text.home.moneyNoLimit(showUsd(spent)) : text.home.money(showUsd(spent), showUsd(limit))
  const body = html`<p class="figure"><a href="${to(context, at('spend'))}">${words}</a></p>
    ${monthLine(context, month)}`
  return section({ id: 'money', title: text.home.month, body })
}

function runnerSection(context: Context): Html {
  const { text, runner } = context
  const list = pairs([
    [text.home.slots, text.home.slotsOf(runner.slots.used, runner.slots.total)],
    [text.home.queue, runner.queueDepth],
    [text.home.up, duration(context, context.nowMs - runner.startedMs)],
    [text.home.memory, megabytes(context, runner.rssBytes)],
  ])
  const answers = runner.github.configured ? text.home.viaGithub : text.home.local
  return section({
    id: 'runner',
    title: text.home.state,
    body: html`${list}
      <p class="dim">${answers}</p>`,
  })
}
