// github.issue.create and github.issue.comment: said once, and found again by its marker when the answer was lost.

import type { Action, ActionContext, GitHubCalls, Probed } from '../runner/model/action.ts'
import { Failure } from '../runner/model/error.ts'
import type { JsonObject } from '../runner/model/json.ts'
import { quote } from './quote.ts'

/** GitHub takes 65,536 characters; the marker needs some of them. */
const bodyCharactersMax = 65_000

const repository = {
  type: 'string',
  maxLength: 140,
  pattern: '^[A-Za-z0-9][A-Za-z0-9-]*/(?!\\.{1,2}$)[A-Za-z0-9._-]+$',
  description: 'The repository, as `owner/name`.',
}
const body = {
  type: 'string',
  maxLength: bodyCharactersMax,
  description: 'The text, in the Markdown of GitHub.',
}
const names = { type: 'array', maxItems: 20, items: { type: 'string', minLength: 1, maxLength: 100 } }

export const githubIssueCreate: Action = {
  name: 'github.issue.create',
  version: 1,
  summary: 'Opens an issue on GitHub.',
  input: {
    type: 'object',
    properties: {
      repository,
      title: { type: 'string', minLength: 1, maxLength: 256, description: 'The title of the issue.' },
      body: { ...body, default: '' },
      labels: { ...names, default: [], description: 'Labels to set.' },
      assignees: { ...names, default: [], description: 'Logins of the people it is assigned to.' },
    },
    required: ['repository', 'title'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: {
      number: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      id: { type: 'string' },
      url: { type: 'string' },
    },
    required: ['number', 'id', 'url'],
    additionalProperties: false,
  },
  sinks: {
    repository: 'recipient',
    title: 'text',
    body: 'text',
    labels: 'identifier',
    assignees: 'recipient',
  },
  repetition: () => 'once',
  floor: () => 'medium',
  undo: { none: 'people were told; the issue can be closed by hand' },
  describe: (input) => {
    const { repository, title, assignees } = readIssue(input)
    const to = assignees.length === 0 ? '' : ` for ${assignees.map(quote).join(', ')}`
    return `Open the issue ${quote(title)} in ${repository}${to}`
  },
  run: async (input, context) => {
    const issue = readIssue(input)
    const calls = connected(context)
    return output(await calls.createIssue({ ...issue, body: marked(issue.body, context.key) }))
  },
  probe: probeIssue,
}

export const githubIssueComment: Action = {
  name: 'github.issue.comment',
  version: 1,
  summary: 'Writes a comment under an issue or a pull request on GitHub.',
  input: {
    type: 'object',
    properties: {
      repository,
      issue: { type: 'integer', minimum: 1, maximum: 2_147_483_647, description: 'Number of the issue.' },
      body: { ...body, minLength: 1 },
    },
    required: ['repository', 'issue', 'body'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: { id: { type: 'string' }, url: { type: 'string' } },
    required: ['id', 'url'],
    additionalProperties: false,
  },
  sinks: { repository: 'recipient', issue: 'identifier', body: 'text' },
  repetition: () => 'once',
  floor: () => 'medium',
  undo: { none: 'people were told; the comment can be deleted by hand' },
  describe: (input) => {
    const { repository, issue, body } = input as unknown as CommentInput
    return `Comment on issue ${issue} of ${repository}: ${quote(body)}`
  },
  run: async (input, context) => {
    const comment = input as unknown as CommentInput
    const calls = connected(context)
    const { id, url } = await calls.createComment({ ...comment, body: marked(comment.body, context.key) })
    return { id, url }
  },
  probe: probeComment,
}

interface IssueInput {
  readonly repository: string
  readonly title: string
  readonly body: string
  readonly labels: readonly string[]
  readonly assignees: readonly string[]
}

interface CommentInput {
  readonly repository: string
  readonly issue: number
  readonly body: string
}

async function probeIssue(input: JsonObject, context: ActionContext): Promise<Probed> {
  const texts = await connected(context).recentIssues(readIssue(input).repository)
  const found = texts.findLast((text) => text.mine && hasMarker(text.body, context.key))
  return found === undefined ? notAmong(texts) : { happened: true, output: output(found) }
}

async function probeComment(input: JsonObject, context: ActionContext): Promise<Probed> {
  const { repository, issue } = input as unknown as CommentInput
  const texts = await connected(context).recentComments(repository, issue)
  const found = texts.findLast((text) => text.mine && hasMarker(text.body, context.key))
  if (found === undefined) return notAmong(texts)
  return { happened: true, output: { id: found.id, url: found.url } }
}

/** As many as the client lists at most: then ours may be older than the oldest of them. */
const listedMax = 100

function notAmong(texts: readonly unknown[]): Probed {
  return { happened: texts.length < listedMax ? false : 'unknowable' }
}

function connected(context: ActionContext): GitHubCalls {
  if (context.github !== null) return context.github
  throw new Failure('refused', 'No credentials for GitHub are configured', {
    remedy: 'Set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, and start again.',
    effect: 'none',
  })
}

/** The marker stands last: a copy of it inside the text, put there by somebody else, is not taken for ours. */
function marked(body: string, key: string): string {
  return `${body}\n\n${marker(key)}`
}

function hasMarker(body: string, key: string): boolean {
  return body.trimEnd().endsWith(marker(key))
}

function marker(key: string): string {
  return `<!-- watchbill:effect:${key} -->`
}

function output({ number, id, url }: { number: number; id: string; url: string }): JsonObject {
  return { number, id, url }
}

function readIssue(input: JsonObject): IssueInput {
  return { body: '', labels: [], assignees: [], ...input } as unknown as IssueInput
}
