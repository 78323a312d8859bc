// "Why does it wait?", answered in words, with what a person can do about it.

import { at as place, type Context, to } from './context.ts'
import { when } from './format.ts'
import { type Html, html, type Part } from './html.ts'
import { section } from './pieces.ts'
import { ticketCard } from './ticket-card.ts'
import { impossible } from '../model/impossible.ts'
import type { Waiting } from '../model/now.ts'
import type { RunView } from '../store/view-run.ts'
import type { TicketRow } from '../store/view-tickets.ts'

interface Waiter {
  readonly run: RunView
  readonly tickets: readonly TicketRow[]
}

/** Nothing for runs that run or have ended. */
export function waitSection(context: Context, waiter: Waiter): Html | false {
  const reasons = reasonsOf(context, waiter)
  if (reasons.length === 0) return false
  const colour =
    waiter.run.shown === 'people' ? 'people' : waiter.run.shown === 'unknown' ? 'unknown' : 'waiting'
  const cards = waitedFor(waiter).map((ticket) => ticketCard(context, ticket, 'short'))
  const body = html`<div class="callout ${colour}">${reasons}</div>
    ${cards}`
  return section({ id: 'why', title: context.text.run.why, body })
}

/** The questions that this run waits for. */
export function waitedFor({ run, tickets }: Waiter): readonly TicketRow[] {
  const ids = new Set(run.waiting.map((one) => one.ticket))
  return tickets.filter((ticket) => ids.has(ticket.id))
}

function reasonsOf(context: Context, { run, tickets }: Waiter): readonly Part[] {
  const { text, runner } = context
  switch (run.status) {
    case 'queued':
      if (run.before.length === 0) return [html`<p>${text.waits.queuedLimit}</p>`]
      return run.before.map(
        (limit) =>
          html`<p>${text.waits.queued(limit.runs, limit.max)} <span class="mono dim">${limit.key}</span></p>`,
      )
    case 'ready':
      return [
        html`<p>${text.waits.ready} ${text.waits.readySlots(runner.slots.used, runner.slots.total)}</p>`,
      ]
    case 'parked':
      return run.waiting.map((one) => waitingReason(context, one, { run, tickets }))
    case 'running':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return []
    default:
      return impossible(run.status)
  }
}

function waitingReason(context: Context, waiting: Waiting, { run, tickets }: Waiter): Part {
  const { text } = context
  const step = waiting.element === null ? waiting.step : `${waiting.step}[${waiting.element}]`
  const until = waiting.untilMs ?? run.wakeMs
  const at = until !== null && html` ${when(context, until)}`
  switch (waiting.for) {
    case 'people': {
      const ticket = tickets.find((one) => one.id === waiting.ticket)
      const words = ticket?.kind === 'unknown' ? text.waits.unknown(step) : text.waits.people(step)
      const silence =
        ticket !== undefined &&
        html` <span class="dim"
          >${ticket.kind === 'unknown' ? text.waits.until : text.waits.expires}
          ${when(context, ticket.expiresMs)}</span
        >`
      return html`<p>${words}${silence}</p>`
    }
    case 'time':
      return html`<p>${text.waits.time(step)}:${at}</p>`
    case 'retry':
      return html`<p>${text.waits.retry(step)}:${at}</p>`
    case 'claude':
      return html`<p>${text.waits.claude(step)}. ${until !== null && html`${text.waits.wake}${at}`}</p>`
    case 'event':
      return html`<p>${text.waits.event(step)}${until !== null && html`, ${text.waits.until}${at}`}</p>`
    case 'call':
      return html`<p>
        ${text.waits.call(step)}
        <a class="mono" href="${to(context, place('runs', waiting.run ?? ''))}">${waiting.run ?? ''}</a>
      </p>`
    case 'limit':
      return html`<p>${text.waits.limit(step)}</p>`
    case 'resume':
      return html`<p>${text.waits.resume} <code class="paste">npx watchbill resume</code></p>`
    default:
      return impossible(waiting.for)
  }
}
