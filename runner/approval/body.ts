// The issue's body as it should be, and whether it still is.

import { sha256 } from '../model/digest.ts'
import type { Ticket } from '../store/tickets.ts'
import { markerOf } from './marker.ts'
import { issueBody } from './render.ts'

export function bodyOf(ticket: Ticket, key: string): string {
  return issueBody(ticket, markerOf(key, ticket))
}

/** Line breaks and the very end are not content: editors of GitHub change them on their own. */
export function bodyHash(body: string): string {
  return sha256(body.replaceAll('\r\n', '\n').trimEnd())
}
