// GitHub's answers, read field by field: what has another shape is a failure, never half an issue.

import { Failure } from '../model/error.ts'

export interface GitHubUser {
  readonly id: number
  readonly login: string
  /** `User`, `Bot`, `Organization`, `Mannequin` … */
  readonly type: string
}

export interface GitHubIssue {
  readonly number: number
  /** Global id; another one after a transfer. */
  readonly node: string
  readonly url: string
  readonly body: string
  readonly state: string
  /** Null: the account was deleted. */
  readonly author: GitHubUser | null
  readonly createdMs: number
}

export interface GitHubComment {
  readonly id: string
  readonly issue: number
  readonly url: string
  readonly body: string
  readonly author: GitHubUser | null
  /** Written by an app on behalf of its author. */
  readonly viaApp: boolean
  /** As GitHub writes them, to the second. */
  readonly createdAt: string
  readonly updatedAt: string
}

type Fields = Readonly<Record<string, unknown>>

export function readUser(value: unknown): GitHubUser {
  const user = fields(value, 'user')
  return { id: whole(user, 'id'), login: text(user, 'login'), type: text(user, 'type') }
}

export function readIssue(value: unknown): GitHubIssue {
  const issue = fields(value, 'issue')
  return {
    number: whole(issue, 'number'),
    node: text(issue, 'node_id'),
    url: text(issue, 'html_url'),
    body: textOrEmpty(issue, 'body'),
    state: text(issue, 'state'),
    author: issue['user'] === null ? null : readUser(issue['user']),
    createdMs: time(issue, 'created_at'),
  }
}

export function readComment(value: unknown): GitHubComment {
  const comment = fields(value, 'comment')
  time(comment, 'created_at')
  time(comment, 'updated_at')
  return {
    id: String(whole(comment, 'id')),
    issue: issueNumber(text(comment, 'issue_url')),
    url: text(comment, 'html_url'),
    body: textOrEmpty(comment, 'body'),
    author: comment['user'] === null ? null : readUser(comment['user']),
    viaApp: (comment['performed_via_github_app'] ?? null) !== null,
    createdAt: text(comment, 'created_at'),
    updatedAt: text(comment, 'updated_at'),
  }
}

export function readList<T>(value: unknown, read: (item: unknown) => T): T[] {
  if (!Array.isArray(value)) throw unreadable('a list')
  return value.map(read)
}

export function fields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(what)
  return value as Fields
}

export function text(of: Fields, name: string): string {
  const value = of[name]
  if (typeof value !== 'string') throw unreadable(name)
  return value
}

function textOrEmpty(of: Fields, name: string): string {
  return of[name] === null || of[name] === undefined ? '' : text(of, name)
}

export function whole(of: Fields, name: string): number {
  const value = of[name]
  if (!Number.isSafeInteger(value)) throw unreadable(name)
  return value as number
}

function time(of: Fields, name: string): number {
  const ms = Date.parse(text(of, name))
  if (Number.isNaN(ms)) throw unreadable(name)
  return ms
}

function issueNumber(url: string): number {
  const number = Number(url.slice(url.lastIndexOf('/') + 1))
  if (!Number.isSafeInteger(number) || number < 1) throw unreadable('issue_url')
  return number
}

function unreadable(what: string): Failure {
  return new Failure('unavailable', `GitHub's answer cannot be read: ${what} has another shape`)
}
