// The exact words that answer a question, ready to be pasted, and where.

import type { Context } from './context.ts'
import { type Html, html, webAddress } from './html.ts'
import type { TicketRow } from '../store/view-tickets.ts'

/** Nothing when the question is not open for answers. */
export function answerLines(context: Context, ticket: TicketRow): Html | false {
  if (ticket.state !== 'pending') return false
  const { text } = context
  const local = ticket.transport === 'local'
  const verb = (name: string): string => (local ? `npx watchbill ${name}` : `/${name}`)
  const url = webAddress(ticket.issueUrl)
  const where = local
    ? text.ticket.inTerminal
    : html`${text.ticket.onGithub}:
      ${url === null ? (ticket.repository ?? '') : html`<a href="${url}" rel="noreferrer">${text.ticket.openIssue(ticket.repository ?? '', ticket.issueNumber ?? 0)}</a>`}`
  const lines = answersOf(context, ticket).map(
    ({ words, means }) =>
      html`<li>
        <code class="paste">${verb(words)}</code>${means !== '' && html` <span class="dim">${means}</span>`}
      </li>`,
  )
  return html`<div class="answer">
    <p>${text.ticket.answer} <span class="dim">${where}</span></p>
    <ul>
      ${lines}
    </ul>
  </div>`
}

interface Answer {
  readonly words: string
  readonly means: string
}

function answersOf({ text }: Context, ticket: TicketRow): readonly Answer[] {
  const { code } = ticket
  const choices = ticket.said.choices.map(({ name, means }) => ({ words: `choose ${code} ${name}`, means }))
  if (ticket.kind === 'unknown') return choices
  if (ticket.kind === 'unsure') return [...choices, { words: `done ${code}`, means: text.ticket.done }]
  return [
    { words: `approve ${code}`, means: text.ticket.yes },
    { words: ticket.transport === 'local' ? `reject ${code}` : 'reject', means: text.ticket.no },
  ]
}
