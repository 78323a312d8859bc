// What one person's word does to a ticket: pure, the same for comments on GitHub and for this machine's terminal.

import { ticketMoves, type TicketState, type Verdict } from '../model/approval.ts'
import { impossible } from '../model/impossible.ts'
import type { Ticket } from '../store/tickets.ts'
import type { Vote } from '../store/votes.ts'

/** What somebody said, before it is known whether it counts. */
export interface Said {
  readonly verb: 'approve' | 'reject' | 'revoke' | 'choose' | 'done'
  /** `local` or `github:<numeric id>`; different actors are different people. */
  readonly actor: string
  readonly name: string
  readonly code: string | null
  readonly choice: string | null
  readonly reason: string
  /** When it was said: the comment's own time on GitHub. */
  readonly atMs: number
}

/** Why a word does not count. */
export const voids = {
  'not-open': 'the ticket has ended',
  'not-asked': 'the ticket is not before people yet',
  'wrong-code': 'the code is not the one of this ticket as it stands now',
  'wrong-kind': 'this ticket takes other answers',
  'unknown-choice': 'the ticket does not show this choice',
  late: 'it came after the ticket expired',
  self: 'whoever started it cannot approve it',
  twice: 'this person has already said so',
  'nothing-said': 'there is nothing of this person to take back',
  edited: 'the comment was edited before it was seen',
  'no-person': 'it was not written by a person',
  'via-app': 'an app wrote it',
  'no-write': 'this person may not write to the repository',
  'not-named': 'the policy does not name this person',
  gone: 'the issue is not where the ticket was opened',
  tampered: 'the issue was edited; the ticket is asked again with another code',
} as const
export type Void = keyof typeof voids

export type Weighed =
  | { readonly is: 'void'; readonly why: Void }
  /** `vote`: what is recorded. */
  | { readonly is: 'counts'; readonly vote: string; readonly effect: Effect }

export type Effect =
  | { readonly is: 'waits'; readonly missing: number }
  | { readonly is: 'withdraws' }
  /** The states it passes, in order, and what people have answered. */
  | { readonly is: 'ends'; readonly path: readonly TicketState[]; readonly verdict: Verdict }

export function mayMove(from: TicketState, to: TicketState): boolean {
  return ticketMoves[from].includes(to)
}

/**
 * What the word does. `votes`: those that counted for the present form; `selfAllowed`: whether the policy in
 * force lets people approve their own. Who may speak at all is settled before.
 */
export function weigh(
  ticket: Ticket,
  said: Said,
  among: { readonly votes: readonly Vote[]; readonly selfAllowed: boolean },
): Weighed {
  if (ticket.state === 'proposed' || ticket.state === 'opening') return noVote('not-asked')
  if (ticket.state !== 'pending' && ticket.state !== 'approved') return noVote('not-open')
  // A yes may be taken back as long as it was not used.
  if (said.atMs >= ticket.expiresMs && ticket.state === 'pending') return noVote('late')
  if (said.verb === 'reject' || said.verb === 'revoke') return refusal(ticket, said, among.votes)
  if (said.code !== ticket.code) return noVote('wrong-code')
  if (ticket.state !== 'pending') return noVote('not-open')
  if (!fits(ticket, said)) return noVote('wrong-kind')
  if (said.verb === 'choose' && !ticket.shown.choices.some((choice) => choice.name === said.choice))
    return noVote('unknown-choice')
  if (allowsSomething(ticket, said) && isOwn(ticket, said) && !(ticket.shown.self && among.selfAllowed))
    return noVote('self')
  return agreement(ticket, said, among.votes)
}

function noVote(why: Void): Weighed {
  return { is: 'void', why }
}

function refusal(ticket: Ticket, said: Said, votes: readonly Vote[]): Weighed {
  const own = votes.some((vote) => vote.actor === said.actor)
  if (said.verb === 'revoke' && ticket.state === 'pending')
    return own ? { is: 'counts', vote: 'revoke', effect: { is: 'withdraws' } } : noVote('nothing-said')
  if (ticket.kind === 'unsure' || ticket.kind === 'unknown') return noVote('wrong-kind')
  const verdict: Verdict = { is: 'no', by: said.name, reason: said.reason }
  return { is: 'counts', vote: said.verb, effect: { is: 'ends', path: ['rejected'], verdict } }
}

function fits(ticket: Ticket, said: Said): boolean {
  if (said.verb === 'approve') return ticket.kind === 'action' || ticket.kind === 'question'
  if (said.verb === 'choose') return ticket.kind === 'unsure' || ticket.kind === 'unknown'
  return said.verb === 'done' && ticket.kind === 'unsure'
}

/** Saying what happened, or that it was done by hand, lets nothing run that was not allowed before. */
function allowsSomething(ticket: Ticket, said: Said): boolean {
  return said.verb === 'approve' || (said.verb === 'choose' && ticket.kind === 'unsure')
}

/**
 * Also by name, because a run started through GitHub is recorded with either. Everybody on this machine has the
 * same account, so a run that was started here is their own.
 */
export function isOwn(ticket: Ticket, by: { readonly actor: string; readonly name: string }): boolean {
  const starter = ticket.shown.startedBy
  if (starter.startsWith('local:') && by.actor === 'local') return true
  return starter === by.actor || starter.toLowerCase() === `github:${by.name}`.toLowerCase()
}

function agreement(ticket: Ticket, said: Said, votes: readonly Vote[]): Weighed {
  const vote = said.verb === 'choose' ? `choose:${said.choice}` : said.verb
  const same = votes.filter((one) => one.verdict === vote)
  if (same.some((one) => one.actor === said.actor)) return noVote('twice')
  const people = new Map(same.map((one) => [one.actor, one.actorName])).set(said.actor, said.name)
  const missing = ticket.need - people.size
  if (missing > 0) return { is: 'counts', vote, effect: { is: 'waits', missing } }
  // Only an action is claimed later; every other answer is used by being given, so nothing can take it back.
  const path: TicketState[] = ticket.kind === 'action' ? ['approved'] : ['approved', 'claimed']
  return { is: 'counts', vote, effect: { is: 'ends', path, verdict: verdictOf(said, [...people.values()]) } }
}

function verdictOf(said: Said, by: readonly string[]): Verdict {
  if (said.verb === 'choose') return { is: 'choice', choice: said.choice ?? '', by: by.join(', ') }
  return said.verb === 'done' ? { is: 'done', by: by.join(', ') } : { is: 'yes', by }
}

/** What people answered, by the state; null while they have not. */
export function verdictIn(ticket: Ticket): Verdict | null {
  switch (ticket.state) {
    case 'proposed':
    case 'opening':
    case 'pending':
      return null
    case 'expired':
      return { is: 'silence' }
    case 'cancelled':
    case 'superseded':
      return { is: 'cancelled' }
    case 'approved':
    case 'claimed':
    case 'rejected':
      if (ticket.verdict === null) throw new Error(`ticket ${ticket.id} is ${ticket.state} without a verdict`)
      return ticket.verdict
    default:
      return impossible(ticket.state)
  }
}
