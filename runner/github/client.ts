// The runner's GitHub: what actions call and what tickets need, over one throttled client.

import type { GitHubCalls } from '../model/action.ts'
import { type Call, type CallParts, createCall } from './call.ts'
import { createTicketGitHub, named, type TicketGitHub } from './tickets.ts'
import { fields, readIssue, text, whole } from './read.ts'

export interface GitHub {
  readonly actions: GitHubCalls
  readonly tickets: TicketGitHub
}

export function createGitHub(parts: CallParts): GitHub {
  const call = createCall(parts)
  const tickets = createTicketGitHub(call)
  return { actions: actionCalls(call, tickets), tickets }
}

function actionCalls(call: Call, tickets: TicketGitHub): GitHubCalls {
  return {
    createIssue: async ({ repository, ...issue }) => {
      const { data } = await call('POST /repos/{owner}/{repo}/issues', { ...named(repository), ...issue })
      const { number, node: id, url } = readIssue(data)
      return { number, id, url }
    },
    createComment: async ({ repository, issue, body }) => {
      const route = 'POST /repos/{owner}/{repo}/issues/{number}/comments'
      const { data } = await call(route, { ...named(repository), number: issue, body })
      const comment = fields(data, 'comment')
      return { id: String(whole(comment, 'id')), url: text(comment, 'html_url') }
    },
    recentIssues: async (repository) => {
      const issues = await tickets.newestIssues(repository, 1)
      const { id: me } = await tickets.me()
      return issues.map(({ number, node: id, url, body, author }) => ({
        number,
        id,
        url,
        body,
        mine: author?.id === me,
      }))
    },
    recentComments: async (repository, issue) => {
      const comments = await tickets.newestComments(repository, issue)
      const { id: me } = await tickets.me()
      return comments.map(({ issue: number, id, url, body, author }) => ({
        number,
        id,
        url,
        body,
        mine: author?.id === me,
      }))
    },
  }
}
