// The answer of a person at this machine, over the runner's control socket.

import { Stop } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'
import { ticketOfFormerCode } from '../store/audit.ts'
import type { Statements } from '../store/database.ts'
import { type Ticket, ticketByCode } from '../store/tickets.ts'
import { votesOf } from '../store/votes.ts'
import { changeTickets, type TicketParts } from './change.ts'
import { isCode } from './command.ts'
import { peopleNow } from './people.ts'
import { speak } from './speak.ts'
import { type Said, type Void, voids, type Weighed, weigh } from './ticket.ts'

export interface LocalAnswer {
  readonly verb: 'approve' | 'reject' | 'choose' | 'done'
  readonly code: string
  readonly choice?: string
  readonly reason?: string
  /** `local:<account>`. */
  readonly by: string
}

export interface LocalAnswered {
  readonly ticket: string
  readonly state: Ticket['state']
  /** People that still have to say the same. */
  readonly missing: number
  /** What happened, in one sentence. */
  readonly said: string
}

/** Throws `Stop` with what to do when it does not count. */
export async function answerLocal(parts: TicketParts, answer: LocalAnswer): Promise<LocalAnswered> {
  if (!isCode(answer.code))
    throw new Stop(
      1,
      `${JSON.stringify(answer.code.slice(0, 40))} is no code`,
      'a code has twelve digits from 0 to f',
    )
  const spoken = await changeTickets(parts, async (tx) => {
    const ticket = await ticketWith(tx, answer.code)
    if (ticket.transport === 'github' && ['pending', 'approved'].includes(ticket.state))
      throw elsewhere(ticket)
    const said = saidBy(parts, answer)
    const votes = (await votesOf(tx, ticket.id)).filter(
      (vote) => vote.counted && vote.revision === ticket.revision,
    )
    const weighed = weigh(ticket, said, { votes, selfAllowed: peopleNow(parts.policy(), ticket).selfAllowed })
    return { weighed, ticket: await speak(tx, parts, { ticket, said, weighed, comment: null }) }
  })
  if (spoken.weighed.is === 'void') throw refusal(spoken.ticket, answer, spoken.weighed.why)
  return answered(spoken.ticket, spoken.weighed)
}

async function ticketWith(db: Statements, code: string): Promise<Ticket> {
  const ticket = await ticketByCode(db, code)
  if (ticket !== null) return ticket
  const former = await ticketOfFormerCode(db, code)
  if (former === null)
    throw new Stop(1, `no ticket has the code ${code}`, '`watchbill approvals` lists what waits')
  throw new Stop(1, `the code ${code} is of an older form of ticket ${former}`, lookAgain)
}

const lookAgain =
  'what it asks has changed since: read it again with `watchbill approvals`, then use its new code'

/**
 * Whoever speaks through the socket has this machine's account, whatever name comes with it: one person, also
 * for runs that were started here, and for tickets that need several.
 */
export const localActor = 'local'

function saidBy(parts: TicketParts, answer: LocalAnswer): Said {
  const { verb, code, choice, reason, by } = answer
  const words = { code, choice: choice ?? null, reason: reason ?? '' }
  return { verb, ...words, actor: localActor, name: by, atMs: parts.clock.now() }
}

function elsewhere(ticket: Ticket): Stop {
  return new Stop(
    4,
    'this ticket is answered on GitHub, by the people the policy names',
    ticket.issueUrl ?? '',
  )
}

function refusal(ticket: Ticket, answer: LocalAnswer, why: Void): Stop {
  // The others are about comments on GitHub.
  switch (why) {
    case 'not-open':
      return new Stop(
        1,
        `the ticket has ended: it is ${ticket.state}`,
        'start the flow again to be asked again',
      )
    case 'not-asked':
      return new Stop(4, `the ticket is ${ticket.state}, not before people yet`, notAsked)
    case 'wrong-code':
      return new Stop(1, 'the code is not the one of this ticket', lookAgain)
    case 'wrong-kind':
      return new Stop(1, `this ticket cannot be answered with ${answer.verb}`, answersOf(ticket))
    case 'unknown-choice':
      return new Stop(
        1,
        `the ticket shows no choice ${JSON.stringify(answer.choice ?? '')}`,
        answersOf(ticket),
      )
    case 'late':
      return new Stop(1, 'the ticket has expired; silence was a no', 'start the flow again to be asked again')
    case 'self':
      return new Stop(4, 'this machine started the run, and whoever starts it cannot approve it', selfRemedy)
    case 'twice':
      return new Stop(
        4,
        'this machine has said so already, and it counts as one person',
        `needed: ${ticket.need} people`,
      )
    case 'nothing-said':
      return new Stop(1, 'there is nothing to take back', answersOf(ticket))
    case 'edited':
    case 'no-person':
    case 'via-app':
    case 'no-write':
    case 'not-named':
    case 'gone':
    case 'tampered':
      return new Stop(1, voids[why], lookAgain)
    default:
      return impossible(why)
  }
}

const notAsked = 'the policy asks for `per_day` decisions a day at most; the most urgent ones come first'
const selfRemedy =
  'somebody else must answer; a team of one sets `approvals.self: true` in the policy, and tickets then say "single control"'

function answersOf(ticket: Ticket): string {
  const choices = ticket.shown.choices.map(({ name }) => `choose ${ticket.code} ${name}`)
  if (ticket.kind === 'unknown') return choices.join(', ')
  if (ticket.kind === 'unsure') return [...choices, `done ${ticket.code}`].join(', ')
  return `approve ${ticket.code}, reject ${ticket.code}`
}

function answered(ticket: Ticket, weighed: Extract<Weighed, { is: 'counts' }>): LocalAnswered {
  const missing = weighed.effect.is === 'waits' ? weighed.effect.missing : 0
  const rest = missing === 1 ? 'one more person has' : `${missing} more people have`
  const said =
    missing > 0 ? `${weighed.vote} is counted; ${rest} to say so` : `${ticket.id} is ${wordFor(ticket)}`
  return { ticket: ticket.id, state: ticket.state, missing, said }
}

function wordFor(ticket: Ticket): string {
  return ticket.state === 'claimed' ? 'answered' : ticket.state
}
