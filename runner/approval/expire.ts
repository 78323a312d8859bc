// Silence is a no: what nobody answered in time ends, and what was answered but not used in time ends too.

import { type Ticket, overdueTickets } from '../store/tickets.ts'
import { changeTickets, move, type TicketParts } from './change.ts'
import { graceMs } from './claim.ts'

/**
 * Ends what is over. On GitHub a vote in time may be read a little later, so a ticket there ends only when the
 * comments were read up to its expiry (`readMs`; null: they were not), or after the grace.
 */
export async function expire(parts: TicketParts, readMs: number | null): Promise<void> {
  const overdue = async (db: Parameters<typeof overdueTickets>[0]): Promise<Ticket[]> => {
    const nowMs = parts.clock.now()
    return overdueTickets(db, { nowMs, graceMs, readMs: readMs ?? nowMs - graceMs })
  }
  if ((await overdue(parts.database)).length === 0) return
  await changeTickets(parts, async (tx) => {
    for (const ticket of await overdue(tx)) {
      const because = { why: ticket.state === 'approved' ? 'not used in time' : 'nobody answered in time' }
      await move(tx, parts, { ticket, change: { path: ['expired'], verdict: null, because } })
    }
  })
}
