// The line by which the runner knows its own issue again, which nobody without its key can write.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Ticket } from '../store/tickets.ts'
import { keepMeta } from '../store/meta.ts'
import type { TicketParts } from './change.ts'

const keyBytes = 32
const digestDigits = 64

/** Made at first use and kept in the store. */
export async function markerKey(parts: TicketParts): Promise<string> {
  const fresh = Buffer.from(parts.random.bytes(keyBytes)).toString('hex')
  const kept = await keepMeta(parts.database, 'ticket_key', fresh)
  if (typeof kept !== 'string') throw new Error('the key of tickets is no text')
  return kept
}

export function markerOf(key: string, ticket: Pick<Ticket, 'id' | 'ticketDigest' | 'repository'>): string {
  const mac = macOf(key, ticket)
  return `${beginning(ticket.id)}${ticket.ticketDigest} mac=${mac} -->`
}

/** Whether a body holds a marker of this ticket, of any of its forms, made with this key for this repository. */
export function hasMarker(key: string, ticket: Pick<Ticket, 'id' | 'repository'>, body: string): boolean {
  const begin = beginning(ticket.id)
  for (let at = body.indexOf(begin); at !== -1; at = body.indexOf(begin, at + 1)) {
    const from = at + begin.length
    const ticketDigest = body.slice(from, from + digestDigits)
    const said = body.slice(from + digestDigits + ' mac='.length, from + 2 * digestDigits + ' mac='.length)
    if (equal(said, macOf(key, { ...ticket, ticketDigest }))) return true
  }
  return false
}

function beginning(id: string): string {
  return `<!-- watchbill ticket=${id} digest=`
}

function macOf(key: string, of: Pick<Ticket, 'id' | 'ticketDigest' | 'repository'>): string {
  const text = JSON.stringify([of.id, of.ticketDigest, of.repository])
  return createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('hex')
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
