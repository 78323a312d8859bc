// Routes of issues.

import {
  type Answer,
  type Ask,
  changedSince,
  forbidden,
  notFound,
  Refusal,
  repositoryAsked,
  signedIn,
  whole,
} from './answer.ts'
import { changeIssue, commentsOf, createIssue, type IssueChange, type Place } from './changes.ts'
import { page } from './paging.ts'
import { renderIssue } from './render-issue.ts'
import { fullName, type Issue, mayAct, type Repository } from './world.ts'

export const issueRoutes = {
  'issues/list-for-repo': list,
  'issues/create': create,
  'issues/get': get,
  'issues/update': update,
} as const

/** Where a request acts, and in whose name. */
export function placeAsked(ask: Ask): Place {
  const repository = repositoryAsked(ask)
  const { user, app } = signedIn(ask)
  return { world: ask.world, repository, by: { user, app, via: 'api' } }
}

/** The issue of the path: deleted ones are gone, transferred ones are elsewhere. */
export function issueAsked(ask: Ask, repository: Repository): Issue {
  const issue = repository.issues.get(whole(ask, 'issue_number'))
  if (!repository.hasIssues) throw new Refusal(410, 'Issues has been disabled in this repository.')
  if (issue === undefined) throw notFound()
  if (issue.gone === 'deleted') throw new Refusal(410, 'This issue was deleted')
  if (issue.gone === null) return issue
  const { repository: to, number } = issue.gone
  const url = `${ask.world.api}/repos/${fullName(to)}/issues/${number}`
  throw new Refusal(301, 'Moved Permanently', { body: { url }, headers: { location: url } })
}

/** Filters of the API that nobody here asks for yet: answering as if they were not there would be a lie. */
const filtersLeftOut = ['milestone', 'assignee', 'type', 'mentioned', 'issue_field_values']

function list(ask: Ask): Answer {
  const repository = repositoryAsked(ask)
  const leftOut = filtersLeftOut.find((name) => ask.query.has(name))
  if (leftOut !== undefined) throw new Error(`this fake does not filter by ${leftOut}`)
  if (!repository.hasIssues) throw new Refusal(410, 'Issues has been disabled in this repository.')
  const state = ask.query.get('state') ?? 'open'
  const creator = ask.query.get('creator')?.toLowerCase()
  const labels = ask.query.get('labels')?.split(',') ?? []
  const found = [...repository.issues.values()].filter(
    (issue) =>
      issue.gone === null &&
      (state === 'all' || issue.state === state) &&
      changedSince(ask, issue.updatedMs) &&
      (creator === undefined || issue.author.login.toLowerCase() === creator) &&
      labels.every((label) => issue.labels.includes(label)),
  )
  return page(ask, sorted(ask, repository, found), (issue) => renderIssue(ask.world, repository, issue))
}

function sorted(ask: Ask, repository: Repository, issues: readonly Issue[]): readonly Issue[] {
  const by = ask.query.get('sort') ?? 'created'
  const key = (issue: Issue): number => {
    if (by === 'updated') return issue.updatedMs
    return by === 'comments' ? commentsOf(repository, issue.number).length : issue.createdMs
  }
  const sign = ask.query.get('direction') === 'asc' ? 1 : -1
  return [...issues].sort((a, b) => sign * (key(a) - key(b) || a.number - b.number))
}

function create(ask: Ask): Answer {
  const place = placeAsked(ask)
  const { title, body } = ask.body
  const text = { title: String(title), body: typeof body === 'string' ? body : null }
  const issue = createIssue(place, { ...text, labels: [], assignees: [], ...grantedText(ask, place) })
  const shown = renderIssue(ask.world, place.repository, issue)
  return { status: 201, body: shown, headers: { location: shown.url } }
}

function get(ask: Ask): Answer {
  const repository = repositoryAsked(ask)
  return { status: 200, body: renderIssue(ask.world, repository, issueAsked(ask, repository)) }
}

function update(ask: Ask): Answer {
  const place = placeAsked(ask)
  const issue = issueAsked(ask, place.repository)
  const own = issue.author === place.by.user
  if (!own && !mayAct(place.repository, place.by.user, 'triage'))
    throw forbidden('Must have admin rights to Repository.')
  const { title, body, state, state_reason: reason } = ask.body
  changeIssue(place, issue, {
    ...(typeof title === 'string' || typeof title === 'number' ? { title: String(title) } : {}),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : null }),
    ...(state === undefined ? {} : { state: state as Issue['state'] }),
    ...(reason === undefined ? {} : { stateReason: reason as Issue['stateReason'] }),
    ...grantedText(ask, place),
  })
  return { status: 200, body: renderIssue(ask.world, place.repository, issue) }
}

/** Labels and assignees of somebody without the right to set them are dropped without a word. */
function grantedText({ world, body }: Ask, { repository, by }: Place): IssueChange {
  if (!mayAct(repository, by.user, 'triage')) return {}
  const { labels, assignees } = body as {
    labels?: readonly (string | { name: string })[]
    assignees?: string[]
  }
  return {
    ...(labels === undefined
      ? {}
      : { labels: labels.map((label) => (typeof label === 'string' ? label : label.name)) }),
    ...(assignees === undefined
      ? {}
      : { assignees: assignees.flatMap((login) => world.users.get(login.toLowerCase()) ?? []) }),
  }
}
