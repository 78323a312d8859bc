// The same question again under a new code: what people saw, or who may answer, is not what it was.

import type { Transaction } from '../store/database.ts'
import type { Ticket } from '../store/tickets.ts'
import type { TicketParts } from './change.ts'
import { revise } from './propose.ts'

/** Every vote so far is void; the time to answer is not prolonged. Loud: somebody should look why. */
export async function reask(
  tx: Transaction,
  parts: TicketParts,
  of: { readonly ticket: Ticket; readonly why: string },
): Promise<void> {
  const { ticket, why } = of
  parts.log.warn(
    { ticket: ticket.id, issue: ticket.issueUrl, why },
    'a ticket is asked again; its votes are void',
  )
  const bound = { text: ticket.binding, actionDigest: ticket.actionDigest }
  await revise(tx, parts, { ticket, bound, shown: ticket.shown, expiresMs: ticket.expiresMs, why })
}
