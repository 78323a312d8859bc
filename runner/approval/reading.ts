// Comments become votes: read once each, judged by what GitHub says now, stored together with how far was read.

import { sha256 } from '../model/digest.ts'
import type { GitHubComment } from '../github/read.ts'
import type { TicketGitHub } from '../github/tickets.ts'
import { appendAudit } from '../store/audit.ts'
import { type Cursor, cursorOf, saveCursor } from '../store/cursors.ts'
import type { Transaction } from '../store/database.ts'
import { type Ticket, ticketById, ticketsByIssue } from '../store/tickets.ts'
import { votesOf } from '../store/votes.ts'
import { bodyHash } from './body.ts'
import { changeTickets, type TicketParts } from './change.ts'
import { commandOf, type Command } from './command.ts'
import { peopleNow } from './people.ts'
import { reask } from './reask.ts'
import { speak } from './speak.ts'
import { type Said, type Void, weigh } from './ticket.ts'
import { mayNotAnswer, type Pins } from './voters.ts'

/** Comments may appear in the list later than their own time says. */
const overlapMs = 120_000

export interface Reader {
  readonly repository: string
  readonly pins: Pins
  readonly me: number
}

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

/** A comment with everything that only GitHub can tell about it. */
interface Heard {
  readonly ticket: string
  readonly comment: GitHubComment
  readonly command: Command | null
  /** Why it cannot count, before its words are weighed; null: nothing speaks against it. */
  readonly why: Void | null
  /** What is written into the audit when there is no command to weigh. */
  readonly note: string
}

async function look(
  parts: TicketParts,
  github: TicketGitHub,
  of: { readonly ticket: Ticket; readonly comment: GitHubComment; readonly reader: Reader },
): Promise<Heard> {
  const { ticket, comment, reader } = of
  const read = commandOf(comment.body)
  const note = read.is === 'void' ? read.why : 'no command'
  const about = { ticket: ticket.id, comment, note, command: read.is === 'command' ? read.command : null }
  if (comment.updatedAt !== comment.createdAt) return { ...about, why: 'edited' }
  if (about.command === null) return { ...about, why: null }
  const { approvers } = peopleNow(parts.policy(), ticket)
  const why = await mayNotAnswer(
    github,
    { ...reader, approvers },
    { user: comment.author, viaApp: comment.viaApp },
  )
  if (why !== null || about.command.is === 'reject' || about.command.is === 'revoke') return { ...about, why }
  return { ...about, why: await changedIssue(github, ticket) }
}

/** Whether people still see what was bound. */
async function changedIssue(github: TicketGitHub, ticket: Ticket): Promise<Void | null> {
  const issue = await github.issue(ticket.repository ?? '', ticket.issueNumber ?? 0)
  if (issue === null || issue.node !== ticket.issueNode) return 'gone'
  return bodyHash(issue.body) === ticket.bodyHash ? null : 'tampered'
}

async function judge(tx: Transaction, parts: TicketParts, heard: Heard): Promise<void> {
  const ticket = await ticketById(tx, heard.ticket)
  if (ticket === null) throw new Error(`ticket ${heard.ticket} vanished`)
  const votes = await votesOf(tx, ticket.id)
  const { comment, command } = heard
  const bound = { id: comment.id, bodyHash: sha256(comment.body) }
  const former = votes.find((vote) => vote.comment === comment.id)
  const counted = votes.filter((vote) => vote.counted && vote.revision === ticket.revision)
  if (former !== undefined) {
    // Read before: only that it was changed since is news, and that takes back what it said.
    const stillCounts = counted.some((vote) => vote.comment === comment.id)
    if (!stillCounts || (heard.why !== 'edited' && former.bodyHash === bound.bodyHash)) return
    const said = saidIn(comment, { is: 'revoke' }, parts.clock.now())
    const weighed = weigh(ticket, said, { votes: counted, selfAllowed: true })
    await speak(tx, parts, { ticket, said, weighed, comment: bound })
    return
  }
  if (command === null) return noted(tx, parts, { ticket, heard })
  const said = saidIn(comment, command, Date.parse(comment.createdAt))
  const { selfAllowed } = peopleNow(parts.policy(), ticket)
  const weighed = heard.why === null ? weigh(ticket, said, { votes: counted, selfAllowed }) : void_(heard.why)
  await speak(tx, parts, { ticket, said, weighed, comment: bound })
  if (heard.why === 'tampered' && ticket.state === 'pending')
    await reask(tx, parts, { ticket, why: 'edited by somebody' })
}

function void_(why: Void): { readonly is: 'void'; readonly why: Void } {
  return { is: 'void', why }
}

/** Every comment on an open ticket is in the audit, with the reason why it did not count. */
async function noted(
  tx: Transaction,
  parts: TicketParts,
  { ticket, heard }: { readonly ticket: Ticket; readonly heard: Heard },
): Promise<void> {
  if (ticket.state !== 'pending' && ticket.state !== 'approved') return
  const { id, author } = heard.comment
  const body = { comment: id, actor: author?.id ?? null, counted: false, why: heard.note }
  await appendAudit(tx, { atMs: parts.clock.now(), ticket: ticket.id, kind: 'comment', body })
}

function saidIn(comment: GitHubComment, command: Command, atMs: number): Said {
  return {
    verb: command.is,
    actor: `github:${comment.author?.id ?? 0}`,
    name: comment.author?.login ?? 'ghost',
    code: 'code' in command ? command.code : null,
    choice: 'choice' in command ? command.choice : null,
    reason: 'reason' in command ? command.reason : '',
    atMs,
  }
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
