// What the runner writes under a ticket: never a line that could be read as a command, foreign words as code.

import { impossible } from '../model/impossible.ts'
import type { Ticket } from '../store/tickets.ts'
import { inlineCode } from './neutral.ts'
import { instant } from './picture.ts'
import { verdictIn } from './ticket.ts'

export interface OutcomeComment {
  readonly text: string
  readonly issue: 'stays open' | 'completed' | 'not_planned'
}

const reasonCharactersMax = 500

/** Null: nothing to say in this state. */
export function outcomeComment(ticket: Ticket): OutcomeComment | null {
  const verdict = verdictIn(ticket)
  if (verdict === null) return null
  switch (verdict.is) {
    case 'yes':
      return ticket.kind === 'action'
        ? approval(ticket, verdict.by)
        : ended(`Answered: yes, by ${people(verdict.by)}.`)
    case 'choice':
      return ended(`Answered: ${inlineCode(verdict.choice)}, by ${people([verdict.by])}.`)
    case 'done':
      return ended(`Handled by hand, says ${people([verdict.by])}.`)
    case 'no': {
      const reason =
        verdict.reason === '' ? '' : ` Reason: ${inlineCode(verdict.reason.slice(0, reasonCharactersMax))}`
      return { text: `Refused by ${people([verdict.by])}. Nothing runs.${reason}`, issue: 'not_planned' }
    }
    case 'silence':
      return { text: `Expired at ${instant(ticket.expiresMs)}. Nothing runs.`, issue: 'not_planned' }
    case 'cancelled':
      return { text: 'Withdrawn: the run does not need this answer any more.', issue: 'not_planned' }
    default:
      return impossible(verdict)
  }
}

/** Said once, at the yes; the claim follows at once and says nothing of its own. */
function approval(ticket: Ticket, by: readonly string[]): OutcomeComment | null {
  if (ticket.state !== 'approved') return null
  return {
    text: `Approved by ${people(by)}. It runs as soon as everything was verified again.`,
    issue: 'stays open',
  }
}

function ended(text: string): OutcomeComment {
  return { text, issue: 'completed' }
}

function people(names: readonly string[]): string {
  return names.map(inlineCode).join(', ')
}
