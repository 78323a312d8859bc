// Exactly one issue per ticket: recorded before it is posted, found again after a crash, doubles closed.

import type { GitHubIssue } from '../github/read.ts'
import type { TicketGitHub } from '../github/tickets.ts'
import { appendAudit } from '../store/audit.ts'
import { rewindCursor } from '../store/cursors.ts'
import { endMessage, type Message, postponeMessage } from '../store/outbox.ts'
import { pinIssue, type Ticket, ticketById } from '../store/tickets.ts'
import { bodyHash, bodyOf } from './body.ts'
import { announce, changeTickets, move, type TicketParts } from './change.ts'
import { hasMarker, markerKey } from './marker.ts'
import { issueTitle } from './render.ts'

export const lookAgainMs = 15_000
const missesMax = 2
const publicAgainMs = 600_000

/** One attempt; throws `Failure`, and then the message stays. `message.attempts` counts the earlier ones. */
export async function open(parts: TicketParts, github: TicketGitHub, message: Message): Promise<void> {
  const ticket = await ticketById(parts.database, message.ticket)
  const end = { state: 'sent', atMs: parts.clock.now() } as const
  if (ticket === null || ticket.repository === null) return endMessage(parts.database, message.id, end)
  if (ticket.issueNumber !== null) {
    if (ticket.state === 'opening') await restore(parts, github, ticket)
    return endMessage(parts.database, message.id, end)
  }
  const isOpening = ticket.state === 'opening'
  // Nothing was ever posted for a ticket that ended before its first attempt.
  if (!isOpening && message.attempts === 0 && ticket.revision === 1)
    return endMessage(parts.database, message.id, end)
  if (isOpening && (await github.isPublic(ticket.repository))) return refusePublic(parts, ticket, message)
  const key = await markerKey(parts)
  const issue = await findOrPost(parts, github, { ticket, key, message })
  if (issue === 'look again') return
  if (issue === 'nothing') return endMessage(parts.database, message.id, end)
  const hash = bodyHash(bodyOf(ticket, key))
  if (bodyHash(issue.body) !== hash)
    await github.editIssue({ repository: ticket.repository, number: issue.number, body: bodyOf(ticket, key) })
  await pin(parts, { ticket, issue, hash })
  await endMessage(parts.database, message.id, end)
}

async function refusePublic(parts: TicketParts, ticket: Ticket, message: Message): Promise<void> {
  const why = `${ticket.repository} is public, and a ticket shows every value in full`
  parts.log.warn(
    { ticket: ticket.id, why },
    'a ticket is not opened; name a private repository in the policy',
  )
  if (message.attempts === 0)
    await changeTickets(parts, (tx) =>
      appendAudit(tx, { atMs: parts.clock.now(), ticket: ticket.id, kind: 'blocked', body: { why } }),
    )
  const again = { nextMs: parts.clock.now() + publicAgainMs, body: message.body }
  await postponeMessage(parts.database, message.id, again)
}

interface Search {
  readonly ticket: Ticket
  readonly key: string
  readonly message: Message
}

async function findOrPost(
  parts: TicketParts,
  github: TicketGitHub,
  search: Search,
): Promise<GitHubIssue | 'look again' | 'nothing'> {
  const { ticket, key, message } = search
  const repository = ticket.repository ?? ''
  // Whoever has tried before cannot know whether it happened, and looks first: twice, because lists lag.
  if (message.attempts > 0 || ticket.revision > 1) {
    const found = await ours(github, search)
    if (found !== null) return keepLowest(github, repository, found)
    const misses = Number(message.body['misses'] ?? 0) + 1
    if (misses < missesMax) {
      const again = { nextMs: parts.clock.now() + lookAgainMs, body: { misses } }
      await postponeMessage(parts.database, message.id, again)
      return 'look again'
    }
  }
  if (ticket.state !== 'opening') return 'nothing'
  const posted = await github.openIssue({ repository, title: issueTitle(ticket), body: bodyOf(ticket, key) })
  const all = (await ours(github, search)) ?? []
  const others = all.filter((issue) => issue.number !== posted.number)
  return keepLowest(github, repository, [...others, posted])
}

const pagesMax = 10
/** Between the runner's clock and GitHub's. */
const clockSkewMs = 300_000

/** Our issues of this ticket among the newest ones, by author and marker; null: none. */
async function ours(github: TicketGitHub, { ticket, key }: Search): Promise<GitHubIssue[] | null> {
  const { id: me } = await github.me()
  const found: GitHubIssue[] = []
  for (let page = 1; page <= pagesMax; page++) {
    const issues = await github.newestIssues(ticket.repository ?? '', page)
    found.push(...issues.filter((issue) => issue.author?.id === me && hasMarker(key, ticket, issue.body)))
    const oldest = issues.at(-1)
    if (oldest === undefined || oldest.createdMs < ticket.createdMs - clockSkewMs) break
  }
  return found.length === 0 ? null : found
}

async function keepLowest(
  github: TicketGitHub,
  repository: string,
  issues: readonly GitHubIssue[],
): Promise<GitHubIssue> {
  const [lowest, ...doubles] = [...issues].sort((one, other) => one.number - other.number)
  if (lowest === undefined) throw new Error('of no issues none is the lowest')
  for (const { number, state } of doubles)
    if (state === 'open') await github.editIssue({ repository, number, closed: 'not_planned' })
  return lowest
}

/** From here on its code is valid. A ticket that ended meanwhile says so on the issue. */
async function pin(
  parts: TicketParts,
  of: { readonly ticket: Ticket; readonly issue: GitHubIssue; readonly hash: string },
): Promise<void> {
  const { issue, hash } = of
  await changeTickets(parts, async (tx) => {
    const ticket = await ticketById(tx, of.ticket.id)
    if (ticket === null || ticket.issueNumber !== null || ticket.revision !== of.ticket.revision) return
    const atMs = parts.clock.now()
    const place = { number: issue.number, node: issue.node, url: issue.url, bodyHash: hash, atMs }
    const pinned = await pinIssue(tx, ticket, place)
    if (pinned === null) throw new Error('a ticket changed under the lock of tickets')
    await rewindCursor(tx, ticket.repository ?? '', issue.createdMs)
    if (pinned.state !== 'opening') return announce(tx, pinned, atMs)
    const because = { issue: issue.number, url: issue.url }
    await move(tx, parts, { ticket: pinned, change: { path: ['pending'], verdict: null, because } })
  })
}

/** A new form of a ticket that has its issue: the body is replaced, which may be done twice. */
async function restore(parts: TicketParts, github: TicketGitHub, ticket: Ticket): Promise<void> {
  const body = bodyOf(ticket, await markerKey(parts))
  const [repository, number] = [ticket.repository ?? '', ticket.issueNumber ?? 0]
  const issue = await github.issue(repository, number)
  const isHere = issue !== null && issue.node === ticket.issueNode
  if (isHere) await github.editIssue({ repository, number, body })
  await changeTickets(parts, async (tx) => {
    const now = await ticketById(tx, ticket.id)
    if (now === null || now.version !== ticket.version) return
    if (!isHere) {
      const because = { why: 'the issue is gone' }
      await move(tx, parts, { ticket: now, change: { path: ['cancelled'], verdict: null, because } })
      return
    }
    const place = {
      number,
      node: issue.node,
      url: issue.url,
      bodyHash: bodyHash(body),
      atMs: parts.clock.now(),
    }
    const pinned = await pinIssue(tx, now, place)
    if (pinned === null) throw new Error('a ticket changed under the lock of tickets')
    await move(tx, parts, {
      ticket: pinned,
      change: { path: ['pending'], verdict: null, because: { issue: number } },
    })
  })
}
