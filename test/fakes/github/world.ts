// What the fake GitHub knows: people, repositories, issues, comments. Only `changes.ts` changes issues and comments.

import { randomBytes } from 'node:crypto'

export const roles = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const
export type Role = (typeof roles)[number]

export interface User {
  readonly id: number
  login: string
  readonly type: 'User' | 'Bot' | 'Organization'
  readonly email: string
  readonly createdMs: number
}

export interface App {
  readonly id: number
  readonly slug: string
}

export interface Token {
  readonly user: User
  /** What acts for the user; for a bot, the app it belongs to. */
  readonly app: App | null
  readonly scopes: readonly string[]
  readonly expiresMs: number | null
}

export interface Issue {
  readonly id: number
  readonly number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  stateReason: 'completed' | 'reopened' | 'not_planned' | 'duplicate' | null
  readonly author: User
  readonly app: App | null
  readonly createdMs: number
  updatedMs: number
  closedMs: number | null
  closedBy: User | null
  locked: boolean
  labels: readonly string[]
  assignees: readonly User[]
  /** Where it went; null: it is here. */
  gone: 'deleted' | { readonly repository: Repository; readonly number: number } | null
}

export interface Comment {
  readonly id: number
  readonly issue: number
  body: string
  readonly author: User
  readonly app: App | null
  readonly createdMs: number
  updatedMs: number
}

export interface Repository {
  readonly id: number
  readonly owner: User
  readonly name: string
  private: boolean
  hasIssues: boolean
  /** The bare repository on disk. */
  readonly folder: string
  readonly createdMs: number
  readonly grants: Map<User, Role>
  readonly issues: Map<number, Issue>
  readonly comments: Map<number, Comment>
}

/** What happened, for tests to look at: the oracle beside what the product believes. */
export interface Effect {
  readonly is:
    | 'issue.created'
    | 'issue.edited'
    | 'issue.closed'
    | 'issue.reopened'
    | 'issue.deleted'
    | 'comment.created'
    | 'comment.edited'
    | 'comment.deleted'
    | 'status.created'
    | 'pushed'
  readonly atMs: number
  readonly by: string
  readonly via: 'api' | 'person'
  readonly repository: string
  readonly issue?: number
  readonly comment?: number
  readonly text?: string
}

export interface World {
  readonly now: () => number
  /** Base of the API and base of what people see and git talks to. */
  readonly api: string
  readonly web: string
  readonly users: Map<string, User>
  readonly removed: Set<User>
  readonly apps: Map<string, App>
  readonly tokens: Map<string, Token>
  readonly repositories: Map<string, Repository>
  readonly teams: Map<string, Set<User>>
  readonly effects: Effect[]
  readonly nextId: () => number
}

export function emptyWorld({ now, web }: { readonly now: () => number; readonly web: string }): World {
  let lastId = 1_000
  return {
    now,
    web,
    api: `${web}/api/v3`,
    users: new Map(),
    removed: new Set(),
    apps: new Map(),
    tokens: new Map(),
    repositories: new Map(),
    teams: new Map(),
    effects: [],
    nextId: () => (lastId += 1),
  }
}

export function addUser(world: World, login: string, given: { type?: User['type']; id?: number } = {}): User {
  const key = login.toLowerCase()
  if (world.users.has(key)) throw new Error(`the login ${login} is taken`)
  const user: User = {
    id: given.id ?? world.nextId(),
    login,
    type: given.type ?? 'User',
    email: `${key.replace('[bot]', '')}@example.com`,
    createdMs: world.now(),
  }
  world.users.set(key, user)
  return user
}

/** The old login is free from then on: somebody else may take it. */
export function renameUser(world: World, from: string, to: string): void {
  const user = userOf(world, from)
  if (world.users.has(to.toLowerCase())) throw new Error(`the login ${to} is taken`)
  world.users.delete(from.toLowerCase())
  world.users.set(to.toLowerCase(), user)
  user.login = to
}

/** What they wrote stays, as the ghost's. */
export function removeUser(world: World, login: string): void {
  const user = userOf(world, login)
  world.users.delete(login.toLowerCase())
  world.removed.add(user)
  for (const [token, { user: owner }] of world.tokens) if (owner === user) world.tokens.delete(token)
  for (const { grants } of world.repositories.values()) grants.delete(user)
}

export function userOf(world: World, login: string): User {
  const user = world.users.get(login.toLowerCase())
  if (user === undefined) throw new Error(`nobody is called ${login} here: add the user first`)
  return user
}

/** Made on first mention. */
export function knownUser(world: World, login: string): User {
  const type = login.endsWith('[bot]') ? 'Bot' : 'User'
  return world.users.get(login.toLowerCase()) ?? addUser(world, login, { type })
}

export function addToken(
  world: World,
  login: string,
  given: { app?: string; scopes?: readonly string[]; expiresMs?: number } = {},
): string {
  const user = knownUser(world, login)
  const slug = given.app ?? (user.type === 'Bot' ? user.login.replace('[bot]', '') : null)
  const token = `ghp_${randomBytes(18).toString('hex')}`
  world.tokens.set(token, {
    user,
    app: slug === null ? null : appOf(world, slug),
    scopes: given.scopes ?? ['repo', 'read:org'],
    expiresMs: given.expiresMs ?? null,
  })
  return token
}

export function appOf(world: World, slug: string): App {
  const app = world.apps.get(slug) ?? { id: world.nextId(), slug }
  world.apps.set(slug, app)
  return app
}

export const fullName = (repository: Repository): string => `${repository.owner.login}/${repository.name}`

export function repositoryOf(world: World, name: string): Repository {
  const repository = world.repositories.get(name.toLowerCase())
  if (repository === undefined) throw new Error(`there is no repository ${name} here: add it first`)
  return repository
}

/** What somebody may do in a repository; null: somebody without an account. */
export function roleOf(repository: Repository, user: User | null): Role {
  if (user !== null && repository.owner === user) return 'admin'
  const granted = user === null ? undefined : repository.grants.get(user)
  return granted ?? (repository.private ? 'none' : 'read')
}

export const mayAct = (repository: Repository, user: User | null, least: Role): boolean =>
  roles.indexOf(roleOf(repository, user)) >= roles.indexOf(least)
