// The claim: the last look before an action that people allowed. One yes, one execution, of what was shown.

import type { Binding } from '../model/approval.ts'
import { sha256 } from '../model/digest.ts'
import { Failure } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'
import { appendAudit } from '../store/audit.ts'
import type { Transaction } from '../store/database.ts'
import { type Ticket, ticketById } from '../store/tickets.ts'
import { votesOf } from '../store/votes.ts'
import { type Change, changeTickets, move, type TicketParts } from './change.ts'
import { bind, seal } from './digest.ts'
import { reask } from './reask.ts'
import { verify } from './verify.ts'

export type Claimed =
  | { readonly is: 'claimed' }
  /** It will never be had. */
  | { readonly is: 'refused'; readonly why: string }
  /** Not now; ask again. */
  | { readonly is: 'later'; readonly why: string }

/** So long after expiry a yes that was given in time may still be used. */
export const graceMs = 3_600_000

/**
 * `binding` is made from the very object that the action gets; `also` records the effect's intent. Both happen in
 * the transaction that claims, or neither does.
 */
export async function claim(
  parts: TicketParts,
  { id, binding }: { readonly id: string; readonly binding: Binding },
  also: (tx: Transaction) => Promise<void>,
): Promise<Claimed> {
  const ticket = await ticketById(parts.database, id)
  if (ticket === null) return refused('there is no such ticket')
  if (ticket.kind !== 'action') return refused('this ticket allows no action')
  const early = byState(ticket)
  if (early !== null) return early
  const differs = differenceFrom(ticket, binding)
  if (differs !== null) return mismatch(parts, ticket, differs)
  const held = parts.policy().suspended ? 'the policy suspends everything' : (parts.held?.() ?? null)
  const late = isLate(parts, ticket)
  if (held !== null && !late) return { is: 'later', why: held }
  if (late) return lapse(parts, ticket)
  return settle(parts, { ticket, also })
}

function refused(why: string): Claimed {
  return { is: 'refused', why }
}

/** Null: people have said yes, and nobody has used it. */
function byState(ticket: Ticket): Claimed | null {
  switch (ticket.state) {
    case 'approved':
      return null
    case 'proposed':
    case 'opening':
    case 'pending':
      return { is: 'later', why: 'people have not answered yet' }
    case 'claimed':
      return refused('the approval was used already')
    case 'rejected':
    case 'expired':
    case 'cancelled':
    case 'superseded':
      return refused(
        `the ticket is ${ticket.state}${ticket.verdict?.is === 'no' ? `: ${ticket.verdict.reason}` : ''}`,
      )
    default:
      return impossible(ticket.state)
  }
}

/** Recomputed from the object in hand and from what is stored: all must be what the code was made from. */
function differenceFrom(ticket: Ticket, binding: Binding): string | null {
  if (bind(binding).actionDigest !== ticket.actionDigest) return 'the action is not the one that was approved'
  if (sha256(ticket.binding) !== ticket.actionDigest) return 'the stored action is not the one that was shown'
  const { ticketDigest, code } = seal(ticket)
  const isSealed = ticketDigest === ticket.ticketDigest && code === ticket.code
  return isSealed ? null : 'the ticket does not carry its own digest'
}

/** The ticket stays: what it approves may still be what somebody else brings. Nobody should ever see this. */
async function mismatch(parts: TicketParts, ticket: Ticket, why: string): Promise<Claimed> {
  parts.log.error(
    { ticket: ticket.id, run: ticket.run, why },
    'a claim was refused: something else than was shown',
  )
  await changeTickets(parts, (tx) =>
    appendAudit(tx, { atMs: parts.clock.now(), ticket: ticket.id, kind: 'claim_refused', body: { why } }),
  )
  return refused(why)
}

function isLate(parts: TicketParts, ticket: Ticket): boolean {
  return parts.clock.now() > ticket.expiresMs + graceMs
}

function lapse(parts: TicketParts, ticket: Ticket): Promise<Claimed> {
  return leave(parts, { ticket, path: ['expired'], verdict: null, why: 'too late to be used' })
}

/** Ends an approved ticket that must not be used. */
async function leave(
  parts: TicketParts,
  of: { readonly ticket: Ticket; readonly why: string } & Pick<Change, 'path' | 'verdict'>,
): Promise<Claimed> {
  const change = { path: of.path, verdict: of.verdict, because: { why: of.why } }
  const moved = await changeTickets(parts, (tx) => move(tx, parts, { ticket: of.ticket, change }))
  return moved === null ? { is: 'later', why: 'it changed meanwhile' } : refused(of.why)
}

async function settle(
  parts: TicketParts,
  of: { readonly ticket: Ticket; readonly also: (tx: Transaction) => Promise<void> },
): Promise<Claimed> {
  const { ticket, also } = of
  let verified
  try {
    verified = await verify(parts, ticket, await votesOf(parts.database, ticket.id))
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    return { is: 'later', why: `it cannot be verified: ${thrown.message}` }
  }
  if (isLate(parts, ticket)) return lapse(parts, ticket)
  const { is } = verified
  if (is === 'fails') {
    const verdict = { is: 'no', by: 'watchbill', reason: verified.why } as const
    return leave(parts, { ticket, path: ['rejected'], verdict, why: verified.why })
  }
  // Both compare the version that was looked at: whatever changed since then, something else was verified.
  return changeTickets(parts, async (tx): Promise<Claimed> => {
    if (is === 'ask again') {
      await reask(tx, parts, { ticket, why: verified.why })
      return { is: 'later', why: `${verified.why}; people are asked again` }
    }
    const because = { action_digest: ticket.actionDigest, code: ticket.code }
    const claimed = await move(tx, parts, { ticket, change: { path: ['claimed'], verdict: null, because } })
    if (claimed === null) return { is: 'later', why: 'it changed meanwhile' }
    await also(tx)
    return { is: 'claimed' }
  })
}
