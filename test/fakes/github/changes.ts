// The only ways issues and comments change; the API and people both go through here, and each leaves an effect.

import { invalid, Refusal } from './answer.ts'
import {
  type Comment,
  type Effect,
  fullName,
  type Issue,
  type Repository,
  type Token,
  type World,
} from './world.ts'

/** Who does it, and how. */
export interface Doer {
  readonly user: Token['user']
  readonly app: Token['app']
  readonly via: Effect['via']
}

export interface Place {
  readonly world: World
  readonly repository: Repository
  readonly by: Doer
}

export const bodyCharactersMax = 65_536
const titleCharactersMax = 256

export interface IssueText {
  readonly title: string
  readonly body: string | null
  readonly labels: readonly string[]
  readonly assignees: Issue['assignees']
}

export function createIssue(place: Place, text: IssueText): Issue {
  const { world, repository, by } = place
  if (!repository.hasIssues) throw new Refusal(410, 'Issues has been disabled in this repository.')
  checkTitle(text.title)
  checkBody('Issue', text.body)
  const issue: Issue = {
    ...text,
    id: world.nextId(),
    number: repository.issues.size + 1,
    state: 'open',
    stateReason: null,
    author: by.user,
    app: by.app,
    createdMs: world.now(),
    updatedMs: world.now(),
    closedMs: null,
    closedBy: null,
    locked: false,
    gone: null,
  }
  repository.issues.set(issue.number, issue)
  record(place, { is: 'issue.created', issue: issue.number, text: issue.title })
  return issue
}

export interface IssueChange extends Partial<IssueText> {
  readonly state?: Issue['state']
  readonly stateReason?: Issue['stateReason']
}

export function changeIssue(place: Place, issue: Issue, change: IssueChange): void {
  if (change.title !== undefined) checkTitle(change.title)
  if (change.body !== undefined) checkBody('Issue', change.body)
  const { state, stateReason, ...text } = change
  Object.assign(issue, text)
  issue.updatedMs = place.world.now()
  if (Object.keys(text).length > 0)
    record(place, { is: 'issue.edited', issue: issue.number, text: issue.body ?? '' })
  if (state === 'closed') close(place, issue, stateReason ?? 'completed')
  if (state === 'open') reopen(place, issue)
}

function close(place: Place, issue: Issue, reason: Issue['stateReason']): void {
  issue.stateReason = reason
  if (issue.state === 'closed') return
  issue.state = 'closed'
  issue.closedMs = place.world.now()
  issue.closedBy = place.by.user
  record(place, { is: 'issue.closed', issue: issue.number })
}

function reopen(place: Place, issue: Issue): void {
  if (issue.state === 'open') return
  issue.state = 'open'
  issue.stateReason = 'reopened'
  issue.closedMs = null
  issue.closedBy = null
  record(place, { is: 'issue.reopened', issue: issue.number })
}

export function deleteIssue(place: Place, issue: Issue): void {
  issue.gone = 'deleted'
  record(place, { is: 'issue.deleted', issue: issue.number })
}

/** The issue goes on in another repository under another number; here it only points there. */
export function transferIssue(place: Place, issue: Issue, to: Repository): Issue {
  const number = to.issues.size + 1
  const moved: Issue = { ...issue, id: place.world.nextId(), number, updatedMs: place.world.now() }
  to.issues.set(number, moved)
  for (const comment of commentsOf(place.repository, issue.number)) {
    place.repository.comments.delete(comment.id)
    to.comments.set(comment.id, { ...comment, issue: number })
  }
  issue.gone = { repository: to, number }
  return moved
}

export function createComment(place: Place, issue: Issue, body: string): Comment {
  const { world, repository, by } = place
  checkBody('IssueComment', body)
  if (body.trim() === '') throw invalid('IssueComment', 'body', 'body cannot be blank')
  const comment: Comment = {
    id: world.nextId(),
    issue: issue.number,
    body,
    author: by.user,
    app: by.app,
    createdMs: world.now(),
    updatedMs: world.now(),
  }
  repository.comments.set(comment.id, comment)
  issue.updatedMs = world.now()
  record(place, { is: 'comment.created', issue: issue.number, comment: comment.id, text: body })
  return comment
}

/** Moves the comment's time, not the issue's. */
export function editComment(place: Place, comment: Comment, body: string): void {
  checkBody('IssueComment', body)
  comment.body = body
  comment.updatedMs = place.world.now()
  record(place, { is: 'comment.edited', issue: comment.issue, comment: comment.id, text: body })
}

export function deleteComment(place: Place, comment: Comment): void {
  place.repository.comments.delete(comment.id)
  record(place, { is: 'comment.deleted', issue: comment.issue, comment: comment.id })
}

export const commentsOf = (repository: Repository, issue: number): readonly Comment[] =>
  [...repository.comments.values()].filter((comment) => comment.issue === issue).sort((a, b) => a.id - b.id)

export function record(place: Place, what: Omit<Effect, 'atMs' | 'by' | 'via' | 'repository'>): void {
  const { world, repository, by } = place
  const where = { repository: fullName(repository), by: by.user.login, via: by.via }
  world.effects.push({ ...what, ...where, atMs: world.now() })
}

function checkTitle(title: string): void {
  if (title.trim() === '') throw invalid('Issue', 'title', "title can't be blank")
  if (characters(title) > titleCharactersMax)
    throw invalid('Issue', 'title', `title is too long (maximum is ${titleCharactersMax} characters)`)
}

function checkBody(resource: string, body: string | null): void {
  if (characters(body ?? '') > bodyCharactersMax)
    throw invalid(resource, 'body', `body is too long (maximum is ${bodyCharactersMax} characters)`)
}

const characters = (text: string): number => Array.from(text).length
