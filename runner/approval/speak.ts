// A weighed word is written down, with the reason why it counted or not, and moves its ticket.

import { appendAudit } from '../store/audit.ts'
import type { Transaction } from '../store/database.ts'
import type { Ticket } from '../store/tickets.ts'
import { insertVote, withdrawVotes } from '../store/votes.ts'
import { move, type TicketParts } from './change.ts'
import { type Said, voids, type Weighed } from './ticket.ts'

export interface Word {
  readonly ticket: Ticket
  readonly said: Said
  readonly weighed: Weighed
  /** The comment it stands in; null for words of this machine. */
  readonly comment: { readonly id: string; readonly bodyHash: string } | null
}

/** Gives the ticket as it is afterwards. */
export async function speak(tx: Transaction, parts: TicketParts, word: Word): Promise<Ticket> {
  const { ticket, said, weighed, comment } = word
  const counted = weighed.is === 'counts'
  const why = counted ? 'counts' : voids[weighed.why]
  const verdict = counted ? weighed.vote : said.verb
  const { actor, name } = said
  const { id, revision } = ticket
  // Taking back is not a vote of its own: the same person may say yes and take it back more than once.
  if (counted && weighed.effect.is === 'withdraws')
    await withdrawVotes(tx, { ticket: id, revision, actor, why: 'taken back' })
  await insertVote(tx, {
    ticket: id,
    revision,
    actor,
    actorName: name,
    verdict,
    counted: counted && weighed.effect.is !== 'withdraws',
    why,
    comment: comment?.id ?? null,
    bodyHash: comment?.bodyHash ?? null,
    atMs: said.atMs,
  })
  const seen = comment === null ? {} : { comment: comment.id, body_hash: comment.bodyHash }
  const body = { actor, name, verdict, counted, why, revision, said_ms: said.atMs, ...seen }
  await appendAudit(tx, { atMs: parts.clock.now(), ticket: id, kind: 'vote', body })
  if (!counted || weighed.effect.is !== 'ends') return ticket
  const { path, verdict: answer } = weighed.effect
  const moved = await move(tx, parts, { ticket, change: { path, verdict: answer, because: { by: name } } })
  if (moved === null) throw new Error('a ticket changed under the lock of tickets')
  return moved
}
