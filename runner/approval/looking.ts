// A comment with everything that only GitHub can tell about it, asked before any transaction begins.

import type { GitHubComment } from '../github/read.ts'
import type { TicketGitHub } from '../github/tickets.ts'
import type { Ticket } from '../store/tickets.ts'
import { bodyHash } from './body.ts'
import type { TicketParts } from './change.ts'
import { commandOf } from './command.ts'
import type { Heard } from './judging.ts'
import { peopleNow } from './people.ts'
import type { Void } from './ticket.ts'
import { mayNotAnswer, type Pins } from './voters.ts'

export interface Reader {
  readonly repository: string
  readonly pins: Pins
  /** The runner's own account. */
  readonly me: number
}

export async function look(
  parts: TicketParts,
  github: TicketGitHub,
  of: { readonly ticket: Ticket; readonly comment: GitHubComment; readonly reader: Reader },
): Promise<Heard> {
  const { ticket, comment, reader } = of
  const read = commandOf(comment.body)
  const edited = comment.updatedAt !== comment.createdAt ? 'edited' : null
  const about = { ticket: ticket.id, comment, command: null }
  if (read.is === 'nothing') return { ...about, why: edited, note: 'no command', answers: false }
  const { approvers } = peopleNow(parts.policy(), ticket)
  const by = { user: comment.author, viaApp: comment.viaApp }
  const against = await mayNotAnswer(github, { ...reader, approvers }, by)
  const answers = against === null
  if (read.is === 'void') return { ...about, why: edited, note: read.why, answers }
  const { command } = read
  const why = edited ?? against
  if (why !== null || command.is === 'reject' || command.is === 'revoke')
    return { ...about, command, why, note: '', answers }
  return { ...about, command, why: await changedIssue(github, ticket), note: '', answers }
}

/** Whether people still see what was bound. */
async function changedIssue(github: TicketGitHub, ticket: Ticket): Promise<Void | null> {
  const issue = await github.issue(ticket.repository ?? '', ticket.issueNumber ?? 0)
  if (issue === null || issue.node !== ticket.issueNode) return 'gone'
  return bodyHash(issue.body) === ticket.bodyHash ? null : 'tampered'
}
