// What a route is asked and what it may answer, errors in the shapes GitHub gives them.

import type { Role, Token, World } from './world.ts'
import { mayAct, type Repository, repositoryOf } from './world.ts'

export interface Ask {
  readonly world: World
  /** Null: nobody has signed in. */
  readonly token: Token | null
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Below the base of the API. */
  readonly pathname: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown by a route: the answer is no. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(status: number, message: string, more: Omit<Answer, 'status'> = {}) {
    super(message)
    const body = { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }
    this.answer = {
      status,
      body: { ...body, ...(more.body as object | undefined) },
      headers: more.headers ?? {},
    }
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found')
export const forbidden = (message: string): Refusal => new Refusal(403, message)

export function invalid(resource: string, field: string, message: string): Refusal {
  const error = { resource, field, code: 'custom', message }
  return new Refusal(422, 'Validation Failed', { body: { errors: [error] } })
}

/** The repository of the path; one that may not be seen is not there. */
export function repositoryAsked({ world, path, token }: Ask): Repository {
  const name = `${path['owner']}/${path['repo']}`
  if (!world.repositories.has(name.toLowerCase())) throw notFound()
  const repository = repositoryOf(world, name)
  if (!mayAct(repository, token?.user ?? null, 'read')) throw notFound()
  return repository
}

export function signedIn({ token }: Ask): Token {
  if (token === null) throw new Refusal(401, 'Requires authentication')
  return token
}

export function needRole(ask: Ask, repository: Repository, least: Role): void {
  const { user, app } = signedIn(ask)
  if (mayAct(repository, user, least)) return
  throw forbidden(
    app === null ? 'Must have admin rights to Repository.' : 'Resource not accessible by integration',
  )
}

export const whole = (ask: Ask, name: string): number => Number(ask.path[name])

/** Whether something changed at or after the `since` of the query; times count in whole seconds. */
export function changedSince({ query }: Ask, updatedMs: number): boolean {
  const since = query.get('since')
  return since === null || Math.floor(updatedMs / 1_000) * 1_000 >= Date.parse(since)
}

/** As GitHub writes times: to the second, so that two changes within one look the same. */
export const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`
