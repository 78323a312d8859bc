// Comments become votes: read once each, judged by what GitHub says now, stored together with how far was read.

import type { GitHubComment } from '../github/read.ts'
import type { TicketGitHub } from '../github/tickets.ts'
import { type Cursor, cursorOf, saveCursor } from '../store/cursors.ts'
import { ticketsByIssue } from '../store/tickets.ts'
import { changeTickets, type TicketParts } from './change.ts'
import { type Heard, judge } from './judging.ts'
import { look, type Reader } from './looking.ts'

/** Comments may appear in the list later than their own time says. */
const overlapMs = 120_000

/** Reads what is new. Throws `Failure`, and then nothing was stored and the same is read again. */
export async function readComments(parts: TicketParts, github: TicketGitHub, reader: Reader): Promise<void> {
  const { repository } = reader
  const fresh: Cursor = { repository, sinceMs: parts.clock.now() - overlapMs, etags: {}, seen: {} }
  const cursor = (await cursorOf(parts.database, repository)) ?? fresh
  const etag = cursor.etags[String(cursor.sinceMs)] ?? null
  const batch = await github.commentsSince({ repository, sinceMs: cursor.sinceMs, etag })
  if (batch === 'unchanged') return
  const unseen = batch.comments.filter((one) => cursor.seen[one.id] !== Date.parse(one.updatedAt))
  const numbers = [...new Set(unseen.map((one) => one.issue))]
  const tickets = new Map(
    (await ticketsByIssue(parts.database, repository, numbers)).map((ticket) => [ticket.issueNumber, ticket]),
  )
  const heard: Heard[] = []
  for (const comment of unseen) {
    const ticket = tickets.get(comment.issue)
    if (ticket !== undefined && comment.author?.id !== reader.me)
      heard.push(await look(parts, github, { ticket, comment, reader }))
  }
  const known = unseen.filter((one) => tickets.has(one.issue))
  await changeTickets(parts, async (tx) => {
    for (const one of heard) await judge(tx, parts, one)
    await saveCursor(tx, advanced(cursor, { all: batch.comments, known, etag: batch.etag }))
  })
}

/** `since` stays until something changed, then goes to shortly before the newest; what overlaps is remembered. */
function advanced(
  cursor: Cursor,
  batch: {
    readonly all: readonly GitHubComment[]
    readonly known: readonly GitHubComment[]
    readonly etag: string | null
  },
): Cursor {
  const newest = Math.max(0, ...batch.all.map((one) => Date.parse(one.updatedAt)))
  const sinceMs = Math.max(cursor.sinceMs, newest - overlapMs)
  const entries = [
    ...Object.entries(cursor.seen),
    ...batch.known.map((one): [string, number] => [one.id, Date.parse(one.updatedAt)]),
  ]
  const seen = Object.fromEntries(entries.filter(([, changedMs]) => changedMs >= sinceMs))
  const isSame = sinceMs === cursor.sinceMs && batch.etag !== null
  return {
    repository: cursor.repository,
    sinceMs,
    etags: isSame ? { [String(sinceMs)]: batch.etag ?? '' } : {},
    seen,
  }
}
