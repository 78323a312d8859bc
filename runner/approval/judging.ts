// What a comment does: weighed once, written down with the reason, answered where the writer may expect one.

import { sha256 } from '../model/digest.ts'
import type { GitHubComment } from '../github/read.ts'
import { appendAudit } from '../store/audit.ts'
import type { Transaction } from '../store/database.ts'
import { addMessage } from '../store/outbox.ts'
import { type Ticket, ticketById } from '../store/tickets.ts'
import { type Vote, votesOf } from '../store/votes.ts'
import type { TicketParts } from './change.ts'
import type { Command } from './command.ts'
import { inlineCode } from './neutral.ts'
import { peopleNow } from './people.ts'
import { reask } from './reask.ts'
import { speak } from './speak.ts'
import { type Said, type Void, voids, type Weighed, weigh } from './ticket.ts'

export interface Heard {
  readonly ticket: string
  readonly comment: GitHubComment
  /** Null: there is none that could be weighed. */
  readonly command: Command | null
  /** Why it cannot count, before its words are weighed; null: nothing speaks against it. */
  readonly why: Void | null
  /** Why there is no command, for the audit. */
  readonly note: string
  /** Its writer may answer this ticket, and meant to: then a word that does not count gets a reply. */
  readonly answers: boolean
}

export async function judge(tx: Transaction, parts: TicketParts, heard: Heard): Promise<void> {
  const ticket = await ticketById(tx, heard.ticket)
  if (ticket === null) throw new Error(`ticket ${heard.ticket} vanished`)
  const votes = await votesOf(tx, ticket.id)
  const counted = votes.filter((vote) => vote.counted && vote.revision === ticket.revision)
  const former = votes.find((vote) => vote.comment === heard.comment.id)
  const spoken = { ticket, heard, counted }
  if (former !== undefined) return again(tx, parts, { ...spoken, former })
  if (heard.command === null) return unclear(tx, parts, spoken)
  const { comment, command, why } = heard
  const said = saidIn(comment, command, Date.parse(comment.createdAt))
  const { selfAllowed } = peopleNow(parts.policy(), ticket)
  const weighed: Weighed =
    why === null ? weigh(ticket, said, { votes: counted, selfAllowed }) : { is: 'void', why }
  await speak(tx, parts, { ticket, said, weighed, comment: asSeen(comment) })
  if (weighed.is === 'void') await reply(tx, parts, { ...spoken, words: voids[weighed.why] })
  if (why === 'tampered' && ticket.state === 'pending')
    await reask(tx, parts, { ticket, why: 'edited by somebody' })
}

interface Spoken {
  readonly ticket: Ticket
  readonly heard: Heard
  /** The votes that count for the present form. */
  readonly counted: readonly Vote[]
}

/** Read before: only that it was changed since is news, and that takes back what it said. */
async function again(
  tx: Transaction,
  parts: TicketParts,
  { ticket, heard, counted, former }: Spoken & { readonly former: Vote },
): Promise<void> {
  const comment = asSeen(heard.comment)
  const stillCounts = counted.some((vote) => vote.comment === comment.id)
  if (!stillCounts || (heard.why !== 'edited' && former.bodyHash === comment.bodyHash)) return
  const said = saidIn(heard.comment, { is: 'revoke' }, parts.clock.now())
  const weighed = weigh(ticket, said, { votes: counted, selfAllowed: true })
  await speak(tx, parts, { ticket, said, weighed, comment })
}

function asSeen(comment: GitHubComment): { readonly id: string; readonly bodyHash: string } {
  return { id: comment.id, bodyHash: sha256(comment.body) }
}

/** Every comment on an open ticket is in the audit, with the reason why it did not count. */
async function unclear(tx: Transaction, parts: TicketParts, spoken: Spoken): Promise<void> {
  const { ticket, heard } = spoken
  if (ticket.state !== 'pending' && ticket.state !== 'approved') return
  const { id, author } = heard.comment
  const body = { comment: id, actor: author?.id ?? null, counted: false, why: heard.note }
  await appendAudit(tx, { atMs: parts.clock.now(), ticket: ticket.id, kind: 'comment', body })
  await reply(tx, parts, { ...spoken, words: heard.note })
}

async function reply(
  tx: Transaction,
  parts: TicketParts,
  { ticket, heard, words }: Spoken & { readonly words: string },
): Promise<void> {
  if (!heard.answers) return
  const { id, author } = heard.comment
  const text = `${inlineCode(author?.login ?? 'ghost')}, this did not count: ${words}.`
  const message = {
    id: `${ticket.id}:reply:${id}`,
    ticket: ticket.id,
    kind: 'comment',
    body: { text },
  } as const
  await addMessage(tx, { ...message, nextMs: parts.clock.now() })
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
