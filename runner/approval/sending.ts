// The outbox: what was stored with a change is written to GitHub afterwards, once, however often it is tried.

import { Failure } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'
import type { TicketGitHub } from '../github/tickets.ts'
import { beginMessage, dueMessages, endMessage, type Message, postponeMessage } from '../store/outbox.ts'
import { ticketById } from '../store/tickets.ts'
import type { TicketParts } from './change.ts'
import { open } from './opening.ts'

/** So long a message that was begun stays with who began it. */
const heldMs = 60_000
const againMsMin = 15_000
const againMsMax = 3_600_000
/** A comment or a closing that GitHub has refused so often is given up; the record has the result anyway. */
const attemptsMax = 8

/** Sends what is due, one after the other; gives how many remain for later because something failed. */
export async function sendDue(parts: TicketParts, github: TicketGitHub): Promise<void> {
  for (const message of await dueMessages(parts.database, parts.clock.now())) {
    const begun = await beginMessage(parts.database, message, parts.clock.now() + heldMs)
    if (begun === null) continue
    try {
      await send(parts, github, message)
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown
      await postpone(parts, begun, thrown)
      if (thrown.kind === 'rate_limited') return
    }
  }
}

/** `message` as it was before this attempt was counted. */
async function send(parts: TicketParts, github: TicketGitHub, message: Message): Promise<void> {
  switch (message.kind) {
    case 'open':
      return open(parts, github, message)
    case 'comment':
      return comment(parts, github, message)
    case 'close':
      return close(parts, github, message)
    default:
      return impossible(message.kind)
  }
}

async function comment(parts: TicketParts, github: TicketGitHub, message: Message): Promise<void> {
  const place = await placeOf(parts, message)
  const mark = `<!-- watchbill message ${message.id} -->`
  if (place !== null && !(message.attempts > 0 && (await isThere(github, place, mark))))
    await github.addComment({ ...place, body: `${textOf(message)}\n\n${mark}` })
  await endMessage(parts.database, message.id, { state: 'sent', atMs: parts.clock.now() })
}

function textOf(message: Message): string {
  const text = message.body['text']
  if (typeof text !== 'string') throw new Error(`message ${message.id} has no text`)
  return text
}

interface Place {
  readonly repository: string
  readonly number: number
}

async function isThere(github: TicketGitHub, place: Place, mark: string): Promise<boolean> {
  const { id: me } = await github.me()
  const comments = await github.newestComments(place.repository, place.number)
  return comments.some((one) => one.author?.id === me && one.body.includes(mark))
}

/** Closing twice is the same as once. */
async function close(parts: TicketParts, github: TicketGitHub, message: Message): Promise<void> {
  const place = await placeOf(parts, message)
  const closed = message.body['reason'] === 'completed' ? 'completed' : 'not_planned'
  if (place !== null) await github.editIssue({ ...place, closed })
  await endMessage(parts.database, message.id, { state: 'sent', atMs: parts.clock.now() })
}

async function placeOf(parts: TicketParts, message: Message): Promise<Place | null> {
  const ticket = await ticketById(parts.database, message.ticket)
  if (ticket === null || ticket.repository === null || ticket.issueNumber === null) return null
  return { repository: ticket.repository, number: ticket.issueNumber }
}

async function postpone(parts: TicketParts, message: Message, failure: Failure): Promise<void> {
  const atMs = parts.clock.now()
  const about = { ticket: message.ticket, message: message.kind, attempts: message.attempts }
  parts.log.warn({ ...about, why: failure.message, remedy: failure.remedy }, 'a message did not reach GitHub')
  const isRefused = failure.effect === 'none' && failure.kind !== 'rate_limited'
  if (isRefused && message.kind !== 'open' && message.attempts >= attemptsMax)
    return endMessage(parts.database, message.id, { state: 'failed', atMs })
  const backoffMs = Math.min(againMsMin * 2 ** Math.min(message.attempts - 1, 10), againMsMax)
  // A list read while GitHub has trouble proves nothing: the search for our issue begins anew.
  const body = message.kind === 'open' ? { misses: 0 } : message.body
  await postponeMessage(parts.database, message.id, {
    nextMs: atMs + (failure.retryAfterMs ?? backoffMs),
    body,
  })
}
