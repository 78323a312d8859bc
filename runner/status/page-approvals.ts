// Questions to people: those that wait with everything they show, then what became of the others.

import { at, type Context } from './context.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { emptyNote, pager, section } from './pieces.ts'
import { ticketCard, ticketRow } from './ticket-card.ts'
import type { Page } from '../store/view-page.ts'
import type { TicketRow } from '../store/view-tickets.ts'

export interface Approvals {
  readonly open: Page<TicketRow>
  readonly closed: Page<TicketRow>
}

export function approvalsPage(context: Context, { open, closed }: Approvals): Html {
  const { text } = context
  const cards = open.items.map((ticket) => ticketCard(context, ticket, 'short'))
  const waiting =
    cards.length === 0
      ? html`${emptyNote(text.ticket.none)}
          <p class="hint">${text.ticket.noneMore}</p>`
      : html`<div class="tickets">${cards}</div>`
  const rows = closed.items.map((ticket) => ticketRow(context, ticket))
  const history =
    rows.length === 0
      ? emptyNote(text.ticket.historyNone)
      : html`<ul class="rows runs">
          ${rows}
        </ul>`
  const main = html`<h1>${text.approvals}</h1>
    ${section({ id: 'open', title: text.ticket.open, body: html`${waiting}${pager(context, { path: at('approvals'), query: context.query, next: open.next, name: 'queue' })}` })}
    ${section({ id: 'history', title: text.ticket.history, body: html`${history}${pager(context, { path: at('approvals'), query: context.query, next: closed.next })}` })}`
  return layout(context, { title: text.approvals, place: 'approvals', main })
}

export function ticketPage(context: Context, ticket: TicketRow): Html {
  const main = ticketCard(context, ticket, 'whole')
  return layout(context, { title: ticket.said.title, place: 'approvals', main })
}
