// One turn of the conversation with GitHub: send what waits, read what was said, end what is over.

import { Failure } from '../model/error.ts'
import type { TicketGitHub } from '../github/tickets.ts'
import { nextMessageMs } from '../store/outbox.ts'
import { ticketRepositories } from '../store/tickets.ts'
import type { TicketParts } from './change.ts'
import { expire } from './expire.ts'
import { readComments } from './reading.ts'
import { sendDue } from './sending.ts'
import { pinApprovers } from './voters.ts'

export const pendingPollMs = 15_000
export const idlePollMs = 120_000

/** Gives after how many milliseconds the next turn is due. Whoever holds the duty of polling calls it. */
export async function poll(parts: TicketParts): Promise<number> {
  const { github } = parts
  if (github === null) return idlePollMs
  try {
    await turn(parts, github)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    parts.log.warn({ why: thrown.message, remedy: thrown.remedy }, 'tickets on GitHub cannot be read now')
    return Math.max(pendingPollMs, thrown.retryAfterMs ?? 0)
  }
  const open = (await ticketRepositories(parts.database)).length > 0
  const waitMs = open ? pendingPollMs : idlePollMs
  const messageMs = await nextMessageMs(parts.database)
  return messageMs === null ? waitMs : Math.min(waitMs, Math.max(0, messageMs - parts.clock.now()))
}

async function turn(parts: TicketParts, github: TicketGitHub): Promise<void> {
  await sendDue(parts, github)
  const repositories = await ticketRepositories(parts.database)
  if (repositories.length === 0) return
  const pins = await pinApprovers(parts, github)
  const { id: me } = await github.me()
  const readMs = parts.clock.now()
  for (const repository of repositories) await readComments(parts, github, { repository, pins, me })
  await expire(parts, readMs)
  await sendDue(parts, github)
}
