// Issues and comments as the API shows them.

import type { RestEndpointMethodTypes } from '@octokit/rest'

import { timeOf } from './answer.ts'
import { commentsOf } from './changes.ts'
import { nodeId, renderApp, renderUser } from './render-user.ts'
import { type Comment, fullName, type Issue, type Repository, type User, type World } from './world.ts'

type Methods = RestEndpointMethodTypes
export type ShownIssue = Methods['issues']['get']['response']['data']
export type ShownComment = Methods['issues']['getComment']['response']['data']
type Association = NonNullable<ShownIssue['author_association']>

export function renderIssue(world: World, repository: Repository, issue: Issue): ShownIssue {
  const place = `repos/${fullName(repository)}`
  const url = `${world.api}/${place}/issues/${issue.number}`
  return {
    id: issue.id,
    node_id: nodeId('Issue', issue.id),
    number: issue.number,
    url,
    repository_url: `${world.api}/${place}`,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${world.web}/${fullName(repository)}/issues/${issue.number}`,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: renderUser(world, issue.author),
    labels: issue.labels.map((name) => renderLabel(world, repository, name)),
    assignee: issue.assignees[0] === undefined ? null : renderUser(world, issue.assignees[0]),
    assignees: issue.assignees.map((user) => renderUser(world, user)),
    milestone: null,
    locked: issue.locked,
    active_lock_reason: null,
    comments: commentsOf(repository, issue.number).length,
    closed_at: issue.closedMs === null ? null : timeOf(issue.closedMs),
    closed_by: issue.closedBy === null ? null : renderUser(world, issue.closedBy),
    created_at: timeOf(issue.createdMs),
    updated_at: timeOf(issue.updatedMs),
    author_association: association(repository, issue.author),
    performed_via_github_app: renderApp(world, issue.app),
    reactions: reactions(`${url}/reactions`),
  }
}

export function renderComment(world: World, repository: Repository, comment: Comment): ShownComment {
  const place = `${world.api}/repos/${fullName(repository)}/issues`
  const url = `${place}/comments/${comment.id}`
  const page = `${world.web}/${fullName(repository)}/issues/${comment.issue}`
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url,
    html_url: `${page}#issuecomment-${comment.id}`,
    issue_url: `${place}/${comment.issue}`,
    body: comment.body,
    user: renderUser(world, comment.author),
    created_at: timeOf(comment.createdMs),
    updated_at: timeOf(comment.updatedMs),
    author_association: association(repository, comment.author),
    performed_via_github_app: renderApp(world, comment.app),
    reactions: reactions(`${url}/reactions`),
  }
}

function renderLabel(world: World, repository: Repository, name: string): ShownIssue['labels'][number] {
  const url = `${world.api}/repos/${fullName(repository)}/labels/${encodeURIComponent(name)}`
  return { id: name.length, node_id: '', url, name, color: 'ededed', default: false, description: null }
}

/** What an association says is no permission: the product must not take it for one. */
function association(repository: Repository, user: User): Association {
  if (repository.owner === user) return 'OWNER'
  return repository.grants.has(user) ? 'COLLABORATOR' : 'NONE'
}

const reactions = (url: string): NonNullable<ShownIssue['reactions']> => ({
  url,
  total_count: 0,
  '+1': 0,
  '-1': 0,
  laugh: 0,
  hooray: 0,
  confused: 0,
  heart: 0,
  rocket: 0,
  eyes: 0,
})
