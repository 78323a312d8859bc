// What a ticket shows, in its order, taken from the bound bytes themselves; `render` gives it a form.

import { boundValues, isAction } from '../model/bound.ts'
import type { Binding, QuestionBinding, TicketKind } from '../model/approval.ts'
import type { Shown } from '../store/tickets.ts'
import { oneLine, valueLines } from './neutral.ts'

/** What of a ticket's row decides its looks. */
export interface Pictured {
  readonly id: string
  readonly kind: TicketKind
  readonly code: string
  readonly revision: number
  readonly binding: string
  readonly shown: Shown
  readonly need: number
  readonly expiresMs: number
  readonly transport: 'local' | 'github'
  readonly issueUrl: string | null
}

export interface Picture {
  readonly id: string
  readonly revision: number
  readonly asks: string
  readonly title: string
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly parameters: readonly {
    readonly name: string
    readonly label: string
    readonly lines: readonly string[]
  }[]
  readonly choices: readonly { readonly name: string; readonly means: string }[]
  readonly why: readonly string[]
  readonly undo: string
  readonly need: number
  readonly approvers: readonly string[]
  readonly singleControl: boolean
  /** `2026-11-23 12:00:00 UTC`. */
  readonly expires: string
  /** What a person writes, and what it does. */
  readonly answers: readonly { readonly command: string; readonly does: string }[]
  readonly reasoning: readonly string[] | null
}

/** `verb` turns the name of a command into how it is written where the ticket is shown. */
export function pictureOf(ticket: Pictured, verb: (name: string) => string): Picture {
  const bound = JSON.parse(ticket.binding) as Binding | QuestionBinding
  return {
    id: ticket.id,
    revision: ticket.revision,
    asks: asks[ticket.kind],
    title: oneLine(ticket.shown.title),
    facts: factsOf(bound),
    parameters: parametersOf(ticket, bound),
    choices: ticket.shown.choices,
    why: ticket.shown.why,
    undo: isAction(bound) ? bound.undo : ticket.shown.undo,
    need: ticket.need,
    approvers: ticket.shown.approvers,
    singleControl: ticket.shown.self,
    expires: instant(ticket.expiresMs),
    answers: answersOf(ticket, verb),
    reasoning: ticket.shown.reasoning === null ? null : valueLines(ticket.shown.reasoning),
  }
}

const asks: Readonly<Record<TicketKind, string>> = {
  action: 'What will happen',
  question: 'What is asked',
  unsure: 'What nobody could decide',
  unknown: 'What nobody knows the outcome of',
}

/** The parameters as bound, never as handed over for showing; only their labels come from there. */
function parametersOf(ticket: Pictured, bound: Binding | QuestionBinding): Picture['parameters'] {
  return boundValues(ticket.kind, bound).map(([name, value]) => {
    const label = ticket.shown.shown.find((one) => one.name === name)
    const trusted = label?.trust === 'trusted'
    const from = label?.from ?? 'an unknown place'
    return {
      name,
      label: trusted ? `trusted, from ${from}` : `UNTRUSTED, from ${from}`,
      lines: valueLines(value),
    }
  })
}

function factsOf(bound: Binding | QuestionBinding): Picture['facts'] {
  const where = bound.element === null ? bound.step : `${bound.step}[${bound.element}]`
  const common = [
    ['flow', `${bound.flow}@${bound.flow_version.slice(0, 12)}`],
    ['step', where],
    ['run', bound.run],
  ] as const
  if (!isAction(bound)) return common
  const named = [
    ['connections', bound.connections.join(', ')],
    ['secrets', bound.secrets.join(', ')],
  ] as const
  const action = ['action', `${bound.action}, version ${bound.action_version}`] as const
  return [...common, action, ...named.filter(([, names]) => names !== '')]
}

function answersOf(ticket: Pictured, verb: (name: string) => string): Picture['answers'] {
  const choices = ticket.shown.choices.map((choice) => ({
    command: `${verb('choose')} ${ticket.code} ${choice.name}`,
    does: ticket.kind === 'unknown' ? 'records that outcome' : 'chooses it',
  }))
  const done = { command: `${verb('done')} ${ticket.code}`, does: 'says that a person has handled it' }
  if (ticket.kind === 'unknown') return choices
  if (ticket.kind === 'unsure') return [...choices, done]
  const yes = ticket.kind === 'question' ? 'answers yes' : 'approves exactly this'
  return [
    { command: `${verb('approve')} ${ticket.code}`, does: yes },
    { command: `${verb('reject')} ${ticket.code}`, does: 'says no; a reason may follow' },
  ]
}

/** `2026-11-23 12:00:00 UTC`. */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
