// Everything an entry of the journal holds, laid out by what kind of fact it is.

import { at, type Context, to } from './context.ts'
import { decisionBody } from './decision-body.ts'
import { duration, when } from './format.ts'
import { type Html, html } from './html.ts'
import { folded, framed, pairs } from './pieces.ts'
import type { Verdict } from '../model/approval.ts'
import type { RecordedError } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'
import type { Fact, Frozen } from '../model/journal.ts'
import type { Json } from '../model/json.ts'
import { showUsd } from '../model/money.ts'
import type { RecordedDecision } from '../store/view-decisions.ts'

export function factBody(context: Context, fact: Fact, decision: RecordedDecision | null): Html {
  const { text } = context
  switch (fact.is) {
    case 'skipped':
    case 'waited':
    case 'cancel_requested':
    case 'began':
    case 'opened':
    case 'settled':
    case 'retried':
      return html``
    case 'listed':
      return value(context, { name: text.facts.items, content: fact.items })
    case 'decided':
      return decidedBody(context, fact, decision)
    case 'asked':
      return html`${ticketLink(context, fact.ticket)}${fact.action !== null && frozenBody(context, fact.action)}`
    case 'answered':
      return html`${pairs([[text.facts.verdict, verdictWords(context, fact.verdict)]])}${ticketLink(context, fact.ticket)}`
    case 'intended':
      return html`${pairs([
        [text.facts.risk, fact.risk],
        [text.facts.key, html`<span class="mono">${fact.key}</span>`],
        [text.facts.attempt, fact.attempt],
      ])}${frozenBody(context, fact.action)}`
    case 'succeeded':
      return html`${pairs([
        [text.facts.uses, fact.uses],
        [text.run.took, duration(context, fact.tookMs)],
      ])}${fact.output !== null && value(context, { name: text.facts.output, content: fact.output })}`
    case 'failed':
      return html`${errorBody(context, fact.error)}${fact.retryAtMs === null ? html`<p>${text.facts.noRetry}</p>` : html`<p>${text.facts.retryAt} ${when(context, fact.retryAtMs)}</p>`}`
    case 'denied':
      return fact.reason === '' ? html`` : value(context, { name: text.facts.reason, content: fact.reason })
    case 'waiting':
      return html`${pairs([[text.facts.until, when(context, fact.untilMs)]])}
        <p>${fact.why}</p>`
    case 'listening':
      return pairs([[text.facts.until, when(context, fact.untilMs)]])
    case 'repeated':
      return pairs([[text.facts.until, when(context, fact.atMs)]])
    case 'called':
      return html`<p>
        ${text.facts.run} <a class="mono" href="${to(context, at('runs', fact.run))}">${fact.run}</a>
      </p>`
    case 'heard':
      return fact.event === null ? html`` : value(context, { name: text.facts.output, content: fact.event })
    case 'ending':
      return fact.reason === '' ? html`` : value(context, { name: text.facts.reason, content: fact.reason })
    case 'failing':
      return errorBody(context, fact.error)
    default:
      return impossible(fact)
  }
}

type Decided = Extract<Fact, { is: 'decided' }>

function decidedBody(context: Context, fact: Decided, decision: RecordedDecision | null): Html {
  const { text } = context
  const routes: Readonly<Record<string, string>> = text.routes
  const record = decision?.record ?? null
  const author = fact.route === 'rule' || fact.route === 'people' ? '' : 'Claude'
  return html`${pairs([
    [text.facts.route, routes[fact.route] ?? fact.route],
    [text.facts.model, decision?.model ?? null],
    [text.facts.priority, fact.priority],
    [text.facts.risk, fact.risk],
    [text.facts.cost, showUsd(BigInt(fact.costPicoUsd))],
  ])}${fact.reason !== '' && value(context, { name: text.facts.reason, content: fact.reason, from: author })}
  ${Object.keys(fact.parameters).length > 0 && value(context, { name: text.facts.parameters, content: fact.parameters, from: author })}
  ${record !== null && decisionBody(context, record)}
  ${
    record !== null &&
    html`<details>
      <summary>${text.facts.record}</summary>
      ${value(context, { name: '', content: record })}
    </details>`
  }`
}

function frozenBody(context: Context, action: Frozen): Html {
  const { text } = context
  const inputs = Object.entries(action.input).map(([name, input]) => {
    const source = action.sources[name] ?? { trust: 'untrusted' as const, from: '' }
    return html`<div>
      <dt class="mono">${name}</dt>
      <dd>${framed(context, { value: input, trust: source.trust, from: source.from, show: 'short' })}</dd>
    </div>`
  })
  return html`${pairs([[text.facts.uses, `${action.uses}, v${action.version}`]])}
    <dl class="inputs">${inputs}</dl>`
}

function errorBody(context: Context, error: RecordedError): Html {
  const remedy = error.remedy !== undefined && html`<p><b>${context.text.run.remedy}:</b> ${error.remedy}</p>`
  return html`<p><span class="kind">${error.kind}</span></p>
    ${folded(context, error.message, 'short')}${remedy}`
}

function value(
  context: Context,
  foreign: { readonly name: string; readonly content: Json; readonly from?: string },
): Html {
  const { name, content, from = '' } = foreign
  return html`${name !== '' && html`<p class="label">${name}</p>`}${framed(context, { value: content, trust: 'untrusted', from, show: 'short' })}`
}

function ticketLink(context: Context, ticket: string): Html {
  return html`<p>
    ${context.text.facts.ticket}
    <a class="mono" href="${to(context, at('approvals', ticket))}">${ticket.slice(0, 12)}</a>
  </p>`
}

export function verdictWords({ text }: Context, verdict: Verdict): string {
  const { verdicts } = text.ticket
  switch (verdict.is) {
    case 'yes':
      return `${verdicts.yes} (${verdict.by.join(', ')})`
    case 'no':
      return `${verdicts.no} (${verdict.by})${verdict.reason === '' ? '' : `: ${verdict.reason}`}`
    case 'silence':
      return verdicts.silence
    case 'choice':
      return `${verdict.choice} (${verdict.by})`
    case 'done':
      return `${verdicts.done} (${verdict.by})`
    case 'cancelled':
      return verdicts.cancelled
    default:
      return impossible(verdict)
  }
}
