// One transaction per change of a ticket: compare-and-set, audit row, messages for GitHub, the run's wake-up.

import type { TicketState, Verdict } from '../model/approval.ts'
import type { JsonObject } from '../model/json.ts'
import type { Policy } from '../model/policy.ts'
import type { TicketGitHub } from '../github/tickets.ts'
import { appendAudit } from '../store/audit.ts'
import type { Database, Transaction } from '../store/database.ts'
import { addMessage } from '../store/outbox.ts'
import type { Queue } from '../store/queue.ts'
import { lockTickets, moveTicket, type Ticket } from '../store/tickets.ts'
import { wakeRuns } from '../store/wake.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import type { Random } from '../world/random.ts'
import { mayMove, verdictIn } from './ticket.ts'
import { outcomeComment } from './outcome.ts'

export interface TicketParts {
  readonly database: Database
  readonly queue: Queue
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Null: there are no credentials, and tickets are answered on this machine. */
  readonly github: TicketGitHub | null
  /** The policy of the branch's head. */
  policy(): Policy
  /** Why nothing may be claimed now, such as an invalid policy at the head; null or absent: nothing is in the way. */
  held?(): string | null
}

/** All changes of tickets are made one after the other, so that a decision and its facts are from one moment. */
export function changeTickets<Result>(
  parts: TicketParts,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  return parts.database.transaction(async (tx) => {
    await lockTickets(tx)
    return work(tx)
  })
}

export interface Change {
  /** The states it passes, in order. */
  readonly path: readonly TicketState[]
  readonly verdict: Verdict | null
  /** For the audit: who or what, and why. */
  readonly because: JsonObject
}

/** Moves a ticket along; null when somebody else changed it since it was read, and then nothing happened. */
export async function move(
  tx: Transaction,
  parts: TicketParts,
  { ticket, change }: { readonly ticket: Ticket; readonly change: Change },
): Promise<Ticket | null> {
  const atMs = parts.clock.now()
  let at = ticket
  for (const state of change.path) {
    if (!mayMove(at.state, state)) throw new Error(`a ticket never goes from ${at.state} to ${state}`)
    const asked = state === 'opening' || state === 'pending'
    const moved = await moveTicket(tx, at, {
      state,
      verdict: change.verdict ?? at.verdict,
      askedMs: asked ? atMs : null,
      atMs,
    })
    if (moved === null) return null
    const body = { from: at.state, revision: at.revision, ...change.because }
    await appendAudit(tx, { atMs, ticket: at.id, kind: state, body })
    at = moved
  }
  await announce(tx, at, atMs)
  if (verdictIn(ticket) === null && verdictIn(at) !== null) await wakeRuns(tx, parts.queue, [at.run])
  else if (ticket.state === 'approved' && at.state !== 'claimed') await wakeRuns(tx, parts.queue, [at.run])
  return at
}

/** What people on GitHub read when it ended; sent by the outbox after this has committed. */
export async function announce(tx: Transaction, ticket: Ticket, atMs: number): Promise<void> {
  if (ticket.transport !== 'github' || ticket.issueNumber === null) return
  const comment = outcomeComment(ticket)
  if (comment === null) return
  const id = `${ticket.id}:${ticket.version}`
  await addMessage(tx, {
    id: `${id}:comment`,
    ticket: ticket.id,
    kind: 'comment',
    body: { text: comment.text },
    nextMs: atMs,
  })
  if (comment.issue === 'stays open') return
  const body = { reason: comment.issue }
  await addMessage(tx, { id: `${id}:close`, ticket: ticket.id, kind: 'close', body, nextMs: atMs + 1 })
}
