// What tickets need of GitHub: one issue each, the comments on it, and who may answer.

import { Failure } from '../model/error.ts'
import type { Call } from './call.ts'
import { createConditional } from './etags.ts'
import { isGone } from './failure.ts'
import {
  fields,
  type GitHubComment,
  type GitHubIssue,
  type GitHubUser,
  readComment,
  readIssue,
  readList,
  readUser,
  text,
  whole,
} from './read.ts'

/** Every method throws `Failure`. Writes are sent once and never repeated here. */
export interface TicketGitHub {
  /** Whom the token belongs to. */
  me(): Promise<GitHubUser>
  openIssue(issue: {
    readonly repository: string
    readonly title: string
    readonly body: string
  }): Promise<GitHubIssue>
  editIssue(issue: {
    readonly repository: string
    readonly number: number
    readonly body?: string
    readonly closed?: 'completed' | 'not_planned'
  }): Promise<void>
  /** Null: deleted, moved to another repository, or out of the token's sight. */
  issue(repository: string, number: number): Promise<GitHubIssue | null>
  /** Newest first, 100 a page from 1, of every state, without filters: search and labels lag behind. */
  newestIssues(repository: string, page: number): Promise<readonly GitHubIssue[]>
  /** All comments of the repository changed since then, oldest change first; `unchanged` by the ETag. */
  commentsSince(asked: {
    readonly repository: string
    readonly sinceMs: number
    readonly etag: string | null
  }): Promise<'unchanged' | { readonly etag: string | null; readonly comments: readonly GitHubComment[] }>
  /** Null: deleted. */
  comment(repository: string, id: string): Promise<GitHubComment | null>
  /** The newest 100 comments of an issue. */
  newestComments(repository: string, number: number): Promise<readonly GitHubComment[]>
  addComment(comment: {
    readonly repository: string
    readonly number: number
    readonly body: string
  }): Promise<void>
  /** What this login may do, as GitHub enforces it, with the id behind the login now; null: nobody. */
  permission(
    repository: string,
    login: string,
  ): Promise<{ readonly id: number; readonly mayWrite: boolean } | null>
  /** Id behind a login; null: nobody has it. */
  userId(login: string): Promise<number | null>
  /** Ids of the members; null: there is no such team, or the token may not see it. */
  teamMembers(organisation: string, team: string): Promise<readonly number[] | null>
  isPublic(repository: string): Promise<boolean>
}

const pagesMax = 20
const perPage = 100

export function createTicketGitHub(call: Call): TicketGitHub {
  const get = createConditional(call)
  return {
    me: async () => readUser((await get('GET /user')).data),
    openIssue: async ({ repository, title, body }) =>
      readIssue(
        (await call('POST /repos/{owner}/{repo}/issues', { ...named(repository), title, body })).data,
      ),
    editIssue: async ({ repository, number, body, closed }) => {
      const state = closed === undefined ? {} : { state: 'closed', state_reason: closed }
      const change = { ...(body === undefined ? {} : { body }), ...state }
      await call('PATCH /repos/{owner}/{repo}/issues/{number}', { ...named(repository), number, ...change })
    },
    issue: (repository, number) =>
      orNull(async () => {
        const { data } = await get('GET /repos/{owner}/{repo}/issues/{number}', {
          ...named(repository),
          number,
        })
        return readIssue(data)
      }),
    newestIssues: async (repository, page) => {
      const order = { state: 'all', sort: 'created', direction: 'desc', per_page: perPage, page }
      const { data } = await call('GET /repos/{owner}/{repo}/issues', { ...named(repository), ...order })
      return readList(data, readIssue)
    },
    commentsSince: (asked) => commentsSince(call, asked),
    comment: (repository, id) =>
      orNull(async () => {
        const route = 'GET /repos/{owner}/{repo}/issues/comments/{id}'
        return readComment((await get(route, { ...named(repository), id })).data)
      }),
    newestComments: (repository, number) => newestComments(call, repository, number),
    addComment: async ({ repository, number, body }) => {
      await call('POST /repos/{owner}/{repo}/issues/{number}/comments', {
        ...named(repository),
        number,
        body,
      })
    },
    permission: (repository, login) =>
      orNull(async () => {
        const route = 'GET /repos/{owner}/{repo}/collaborators/{login}/permission'
        return readPermission((await get(route, { ...named(repository), login })).data)
      }),
    userId: (login) => orNull(async () => readUser((await get('GET /users/{login}', { login })).data).id),
    teamMembers: (organisation, team) => teamMembers(get, organisation, team),
    isPublic: async (repository) =>
      fields((await get('GET /repos/{owner}/{repo}', named(repository))).data, 'repository')['private'] !==
      true,
  }
}

/** `owner/name` as the two parts of a path. */
export function named(repository: string): { readonly owner: string; readonly repo: string } {
  const [owner = '', repo = '', ...rest] = repository.split('/')
  if (owner === '' || repo === '' || rest.length > 0)
    throw new Failure('invalid', `${repository} is no repository`, {
      remedy: 'write owner/name',
      effect: 'none',
    })
  return { owner, repo }
}

async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (thrown) {
    if (isGone(thrown)) return null
    throw thrown
  }
}

/**
 * Goes on from the time of the last comment read, not from page to page: a comment that changes meanwhile moves
 * to the end and is met there, and nothing slips over a page's edge.
 */
async function commentsSince(
  call: Call,
  asked: Parameters<TicketGitHub['commentsSince']>[0],
): ReturnType<TicketGitHub['commentsSince']> {
  const route = 'GET /repos/{owner}/{repo}/issues/comments'
  const comments = new Map<string, GitHubComment>()
  let since = new Date(asked.sinceMs).toISOString()
  for (let page = 1, requests = 0; requests < pagesMax; requests++) {
    const headers = requests === 0 && asked.etag !== null ? { 'if-none-match': asked.etag } : {}
    const order = { sort: 'updated', direction: 'asc', since, per_page: perPage, page, headers }
    const reply = await call(route, { ...named(asked.repository), ...order })
    if (reply.status === 304) return 'unchanged'
    const batch = readList(reply.data, readComment)
    for (const comment of batch) comments.set(`${comment.id} ${comment.updatedAt}`, comment)
    const etag = reply.headers['etag']
    const last = batch.at(-1)
    // Only a single request is known whole by its ETag.
    if (batch.length < perPage || last === undefined)
      return {
        etag: requests === 0 && typeof etag === 'string' ? etag : null,
        comments: [...comments.values()],
      }
    page = Date.parse(last.updatedAt) > Date.parse(since) ? 1 : page + 1
    since = last.updatedAt
  }
  return { etag: null, comments: [...comments.values()] }
}

async function newestComments(call: Call, repository: string, number: number): Promise<GitHubComment[]> {
  const read = async (page: number): Promise<{ comments: GitHubComment[]; link: string }> => {
    const route = 'GET /repos/{owner}/{repo}/issues/{number}/comments'
    const { data, headers } = await call(route, { ...named(repository), number, per_page: perPage, page })
    return { comments: readList(data, readComment), link: String(headers['link'] ?? '') }
  }
  const first = await read(1)
  const last = lastPage(first.link)
  if (last <= 1) return first.comments.reverse()
  const newest = (await read(last)).comments
  const before = last === 2 ? first.comments : (await read(last - 1)).comments
  return [...before, ...newest].slice(-perPage).reverse()
}

/** The number of the last page from a Link header; 1 when there is none. */
function lastPage(link: string): number {
  const last = link.split(',').find((part) => part.includes('rel="last"')) ?? ''
  const page = Number(new URLSearchParams(last.slice(last.indexOf('?') + 1, last.indexOf('>'))).get('page'))
  return Number.isSafeInteger(page) && page > 1 ? page : 1
}

/** `permission` is what GitHub enforces; `role_name` may be a custom one and is not looked at. */
function readPermission(data: unknown): { readonly id: number; readonly mayWrite: boolean } | null {
  const answer = fields(data, 'permission')
  if (answer['user'] === null || answer['user'] === undefined) return null
  const mayWrite = ['admin', 'write', 'maintain'].includes(text(answer, 'permission'))
  return { id: whole(fields(answer['user'], 'user'), 'id'), mayWrite }
}

async function teamMembers(get: Call, organisation: string, team: string): Promise<number[] | null> {
  return orNull(async () => {
    const ids: number[] = []
    for (let page = 1; page <= pagesMax; page++) {
      const route = 'GET /orgs/{organisation}/teams/{team}/members'
      const { data } = await get(route, { organisation, team, per_page: perPage, page })
      const batch = readList(data, readUser)
      ids.push(...batch.map((user) => user.id))
      if (batch.length < perPage) return ids
    }
    return ids
  })
}
