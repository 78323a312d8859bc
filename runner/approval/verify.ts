// Before a yes is used: whether every vote behind it still stands, as GitHub says now.

import { sha256 } from '../model/digest.ts'
import { Failure } from '../model/error.ts'
import type { TicketGitHub } from '../github/tickets.ts'
import type { Ticket } from '../store/tickets.ts'
import type { Vote } from '../store/votes.ts'
import { bodyHash } from './body.ts'
import type { TicketParts } from './change.ts'
import { type People, peopleNow } from './people.ts'
import { isOwn } from './ticket.ts'
import { mayNotAnswer, pinApprovers, type Pins } from './voters.ts'

export type Verified =
  | { readonly is: 'holds' }
  /** It cannot be had any more in this form; the ticket is refused. */
  | { readonly is: 'fails'; readonly why: string }
  /** What people saw was changed, or others have to answer: it is asked again. */
  | { readonly is: 'ask again'; readonly why: string }

/** Throws `Failure` when GitHub cannot say. */
export async function verify(parts: TicketParts, ticket: Ticket, votes: readonly Vote[]): Promise<Verified> {
  const yes = votes.filter(
    (vote) =>
      vote.counted &&
      vote.revision === ticket.revision &&
      vote.verdict === 'approve' &&
      vote.atMs < ticket.expiresMs,
  )
  const people = peopleNow(parts.policy(), ticket)
  const standing =
    ticket.transport === 'local'
      ? local(parts, { ticket, yes, people })
      : await onGitHub(parts, { ticket, yes, people })
  if (!Array.isArray(standing)) return standing
  const count = new Set(standing).size
  if (count >= people.need) return { is: 'holds' }
  return { is: 'fails', why: `${count} of ${people.need} people stand behind it now` }
}

interface Behind {
  readonly ticket: Ticket
  readonly yes: readonly Vote[]
  readonly people: People
}

function local(parts: TicketParts, { ticket, yes, people }: Behind): string[] | Verified {
  if (parts.policy().approvals.repository !== null && parts.github !== null)
    return { is: 'ask again', why: 'the policy asks people on GitHub now' }
  return yes.filter((vote) => people.selfAllowed || !isOwn(ticket, byOf(vote))).map((vote) => vote.actor)
}

function byOf(vote: Vote): { readonly actor: string; readonly name: string } {
  return { actor: vote.actor, name: vote.actorName }
}

async function onGitHub(parts: TicketParts, behind: Behind): Promise<string[] | Verified> {
  const { ticket, yes, people } = behind
  const { github } = parts
  if (github === null || ticket.repository === null)
    throw new Failure('unavailable', 'there are no credentials for GitHub now')
  if (parts.policy().approvals.repository !== ticket.repository)
    return { is: 'fails', why: 'the policy names another place for tickets now' }
  const issue = await github.issue(ticket.repository, ticket.issueNumber ?? 0)
  if (issue === null || issue.node !== ticket.issueNode)
    return { is: 'fails', why: 'its issue was deleted or moved' }
  if (bodyHash(issue.body) !== ticket.bodyHash) return { is: 'ask again', why: 'its issue was edited' }
  const pins = await pinApprovers(parts, github)
  const standing: string[] = []
  for (const vote of yes) {
    if (!people.selfAllowed && isOwn(ticket, byOf(vote))) continue
    const stands = await commentStands(github, { behind, vote, pins })
    if (stands === 'changed') return { is: 'fails', why: `${vote.actorName} edited or deleted the comment` }
    if (stands === 'yes') standing.push(vote.actor)
  }
  return standing
}

/** `changed` takes the yes back; `no`: this person may not say it any more. */
async function commentStands(
  github: TicketGitHub,
  of: { readonly behind: Behind; readonly vote: Vote; readonly pins: Pins },
): Promise<'yes' | 'no' | 'changed'> {
  const { behind, vote, pins } = of
  const { ticket, people } = behind
  const repository = ticket.repository ?? ''
  const comment = await github.comment(repository, vote.comment ?? '')
  if (comment === null || comment.issue !== ticket.issueNumber) return 'changed'
  if (comment.updatedAt !== comment.createdAt || sha256(comment.body) !== vote.bodyHash) return 'changed'
  if (`github:${comment.author?.id ?? 0}` !== vote.actor) return 'no'
  const asker = { repository, approvers: people.approvers, pins }
  const against = await mayNotAnswer(github, asker, { user: comment.author, viaApp: comment.viaApp })
  return against === null ? 'yes' : 'no'
}
