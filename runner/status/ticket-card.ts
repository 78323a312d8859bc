// A question to people with everything it shows, in the order in which it must be read.

import { answerLines } from './answer.ts'
import { at, type Context, to } from './context.ts'
import { verdictWords } from './fact-body.ts'
import { relative, when } from './format.ts'
import { type Html, html, webAddress } from './html.ts'
import type { Mark } from './mark.ts'
import { flowLink, framed, pairs, runLink } from './pieces.ts'
import { impossible } from '../model/impossible.ts'
import type { TicketState } from '../model/approval.ts'
import type { TicketRow } from '../store/view-tickets.ts'

/** Beyond this many characters of values the answer is not beside them but on the page that shows all. */
export const wholeCharactersMax = 12_000

/** `short`: what does not fit is a link away, and then no answer stands here. `whole`: all of it. */
export function ticketCard(context: Context, ticket: TicketRow, show: 'short' | 'whole'): Html {
  const { text } = context
  const characters = ticket.parameters.reduce((sum, one) => sum + JSON.stringify(one.value).length, 0)
  const fits = show === 'whole' || characters <= wholeCharactersMax
  const href = to(context, at('approvals', ticket.id))
  const answer = fits ? answerLines(context, ticket) : html`<p><a href="${href}">${text.ticket.whole}</a></p>`
  return html`<article class="ticket ${stateMark(ticket.state)}" id="t${ticket.id}">
    <header>
      <p class="asks">
        ${text.ticket.kinds[ticket.kind]}
        <span class="tag ${stateMark(ticket.state)}">${text.ticket.states[ticket.state]}</span>
      </p>
      ${show === 'whole' ? html`<h1 class="title">${ticket.said.title}</h1>` : html`<h3 class="title"><a href="${href}">${ticket.said.title}</a></h3>`}
      <p class="dim">
        ${flowLink(context, ticket.flow)} ·
        ${ticket.element === null ? ticket.step : `${ticket.step}[${ticket.element}]`} · ${text.ticket.run}
        ${runLink(context, ticket.run, html`<span class="mono">${ticket.run.slice(-6)}</span>`)} ·
        ${text.ticket.asked} ${relative(context, ticket.createdMs)}
      </p>
    </header>
    ${fits && parameters(context, ticket)} ${rules(context, ticket)} ${answer}
    ${
      ticket.said.reasoning !== null &&
      html`<details class="reasoning">
        <summary>${text.ticket.reasoning}</summary>
        ${framed(context, { value: ticket.said.reasoning, trust: 'untrusted', from: 'Claude', show })}
      </details>`
    }
    ${votes(context, ticket)}
  </article>`
}

function parameters(context: Context, ticket: TicketRow): Html | false {
  // The choices of an unsure decision stand beside the words that choose them.
  const shown = ticket.parameters.filter((one) => !(ticket.kind === 'unsure' && one.name === 'choices'))
  if (shown.length === 0) return false
  const items = shown.map(
    ({ name, value, trust, from }) =>
      html`<div>
        <dt class="mono">${name}</dt>
        <dd>${framed(context, { value, trust, from, show: 'whole' })}</dd>
      </div>`,
  )
  return html`<dl class="inputs" aria-label="${context.text.ticket.parameter}">${items}</dl>`
}

function rules(context: Context, ticket: TicketRow): Html {
  const { text } = context
  const { said } = ticket
  const url = webAddress(ticket.issueUrl)
  const issue =
    url !== null &&
    html`<a href="${url}" rel="noreferrer"
      >${text.ticket.openIssue(ticket.repository ?? '', ticket.issueNumber ?? 0)}</a
    >`
  const open = ticket.state === 'proposed' || ticket.state === 'opening' || ticket.state === 'pending'
  return pairs([
    [text.facts.uses, ticket.action],
    [
      text.ticket.why,
      said.why.length > 0 &&
        html`<ul class="plain">
          ${said.why.map((why) => html`<li>${why}</li>`)}
        </ul>`,
    ],
    [text.ticket.undo, ticket.undo],
    [text.ticket.secrets, [...ticket.connections, ...ticket.secrets].join(', ')],
    [text.ticket.approvers, open && approvers(context, ticket)],
    [text.ticket.expires, open && when(context, ticket.expiresMs)],
    ['GitHub', issue],
    [text.facts.verdict, ticket.verdict !== null && verdictWords(context, ticket.verdict)],
  ])
}

function approvers({ text }: Context, { said, need }: TicketRow): Html {
  return html`${said.approvers.join(', ')}${need > 1 && html`<br />${text.ticket.need(need)}`}${said.self && html`<br />${text.ticket.self}`}`
}

function votes(context: Context, { votes }: TicketRow): Html | false {
  if (votes.length === 0) return false
  const { text } = context
  const items = votes.map(
    (vote) =>
      html`<li>
        <b>${vote.actorName}</b> ${text.ticket.said(vote.verdict)}
        <span class="dim"
          >${relative(context, vote.atMs)} ·
          ${vote.counted ? text.ticket.counted : text.ticket.notCounted}${vote.why !== '' && `: ${vote.why}`}</span
        >
      </li>`,
  )
  return html`<details class="votes">
    <summary>${text.ticket.votes} (${votes.length})</summary>
    <ul class="plain">
      ${items}
    </ul>
  </details>`
}

function stateMark(state: TicketState): Mark {
  switch (state) {
    case 'proposed':
    case 'opening':
      return 'waiting'
    case 'pending':
      return 'people'
    case 'approved':
      return 'running'
    case 'claimed':
      return 'succeeded'
    case 'rejected':
      return 'failed'
    case 'expired':
    case 'cancelled':
    case 'superseded':
      return 'cancelled'
    default:
      return impossible(state)
  }
}

export function ticketRow(context: Context, ticket: TicketRow): Html {
  const { text } = context
  const words =
    ticket.verdict === null ? text.ticket.states[ticket.state] : verdictWords(context, ticket.verdict)
  return html`<li>
    <a class="row" href="${to(context, at('approvals', ticket.id))}"
      ><span class="badge ${stateMark(ticket.state)}">${text.ticket.states[ticket.state]}</span>
      <span class="what"><b>${ticket.said.title}</b> <span class="dim">${ticket.flow} · ${words}</span></span
      ><span class="side">${relative(context, ticket.changedMs)}</span></a
    >
  </li>`
}
