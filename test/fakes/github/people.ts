// People at the web page: what they do to issues and comments without the API. The product never acts through here.

import {
  changeIssue,
  createComment,
  createIssue,
  deleteComment,
  deleteIssue,
  editComment,
  type IssueChange,
  type Place,
  transferIssue,
} from './changes.ts'
import {
  type App,
  type Comment,
  type Issue,
  mayAct,
  type Repository,
  repositoryOf,
  type Role,
  type User,
  userOf,
  type World,
} from './world.ts'

export interface Person {
  /** Gives the number of the issue. */
  issue(repository: string, title: string, body?: string): number
  /** Gives the id of the comment. */
  comment(repository: string, issue: number, text: string): number
  edit(repository: string, comment: number, text: string): void
  delete(repository: string, comment: number): void
  editIssue(repository: string, issue: number, change: IssueChange): void
  close(repository: string, issue: number): void
  reopen(repository: string, issue: number): void
  lock(repository: string, issue: number): void
  deleteIssue(repository: string, issue: number): void
  /** Gives its number in the other repository. */
  transfer(repository: string, issue: number, to: string): number
}

/** A person can do no more here than the web page would let them: a test that asks for more fails. */
export function person(world: World, login: string, app: App | null): Person {
  const place = (name: string): Place => {
    const user = userOf(world, login)
    const repository = repositoryOf(world, name)
    need(repository, user, 'read')
    return {
      world,
      repository,
      by: { user, app, via: 'person' },
    }
  }
  return {
    issue: (repository, title, body) =>
      createIssue(place(repository), { title, body: body ?? null, labels: [], assignees: [] }).number,
    comment: (repository, number, text) => {
      const at = place(repository)
      const issue = issueOf(at, number)
      if (issue.locked) need(at.repository, at.by.user, 'write')
      return createComment(at, issue, text).id
    },
    edit: (repository, id, text) => {
      const at = place(repository)
      editComment(at, own(at, commentOf(at, id), 'write'), text)
    },
    delete: (repository, id) => {
      const at = place(repository)
      deleteComment(at, own(at, commentOf(at, id), 'write'))
    },
    editIssue: (repository, number, change) => {
      const at = place(repository)
      changeIssue(at, own(at, issueOf(at, number), 'triage'), change)
    },
    close: (repository, number) => {
      const at = place(repository)
      changeIssue(at, own(at, issueOf(at, number), 'triage'), { state: 'closed' })
    },
    reopen: (repository, number) => {
      const at = place(repository)
      changeIssue(at, own(at, issueOf(at, number), 'triage'), { state: 'open' })
    },
    lock: (repository, number) => {
      const at = place(repository)
      need(at.repository, at.by.user, 'triage')
      issueOf(at, number).locked = true
    },
    deleteIssue: (repository, number) => {
      const at = place(repository)
      need(at.repository, at.by.user, 'admin')
      deleteIssue(at, issueOf(at, number))
    },
    transfer: (repository, number, to) => {
      const at = place(repository)
      need(at.repository, at.by.user, 'write')
      return transferIssue(at, issueOf(at, number), place(to).repository).number
    },
  }
}

function need(repository: Repository, user: User, least: Role): void {
  if (mayAct(repository, user, least)) return
  throw new Error(`${user.login} would need the role ${least} in ${repository.name}: permit it first`)
}

/** One's own, or with the role that lets one touch what others wrote. */
function own<T extends { readonly author: User }>({ repository, by }: Place, written: T, least: Role): T {
  if (written.author !== by.user) need(repository, by.user, least)
  return written
}

function issueOf({ repository }: Place, number: number): Issue {
  const issue = repository.issues.get(number)
  if (issue === undefined || issue.gone !== null) throw new Error(`there is no issue ${number} to act on`)
  return issue
}

function commentOf({ repository }: Place, id: number): Comment {
  const comment = repository.comments.get(id)
  if (comment === undefined) throw new Error(`there is no comment ${id} to act on`)
  return comment
}
