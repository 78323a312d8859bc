// One request to the API, from the contract through limits and routes back to the contract.

import { type Answer, type Ask, Refusal } from './answer.ts'
import { commentRoutes } from './comments.ts'
import { match, type Match, requestViolation, responseViolation } from './contract.ts'
import { conditional } from './etags.ts'
import { comesBefore, type Fault, type Faults, faulty } from './faults.ts'
import { issueRoutes } from './issues.ts'
import type { Limits } from './limits.ts'
import type { Received } from '../loopback.ts'
import { repositoryRoutes } from './repositories.ts'
import { tokenHeaders, tokenOf } from './sign-in.ts'
import { userRoutes } from './users.ts'
import type { Token, World } from './world.ts'

export interface Api {
  readonly world: World
  readonly limits: Limits
  readonly faults: Faults
  /** Requests and answers against the contract, in words. */
  readonly violations: string[]
}

/** What leaves: the answer, and what a fault does to it on the way. */
export interface Leaving {
  readonly answer: Answer & { readonly raw?: string }
  readonly fault: Fault | null
}

const routes: Readonly<Record<string, (ask: Ask) => Answer | Promise<Answer>>> = {
  ...userRoutes,
  ...repositoryRoutes,
  ...issueRoutes,
  ...commentRoutes,
}

export async function answerApi(api: Api, call: Received): Promise<Leaving> {
  const url = new URL(call.path, api.world.web)
  const pathname = url.pathname.slice(new URL(api.world.api).pathname.length)
  const fault = api.faults.meet(call.method, pathname)
  if (fault !== null && comesBefore(fault)) return { answer: faulty(fault, null), fault }
  const answer = await routed(api, call, { pathname, query: url.searchParams })
  return { answer: fault === null ? answer : faulty(fault, answer), fault }
}

interface Where {
  readonly pathname: string
  readonly query: URLSearchParams
}

async function routed(api: Api, call: Received, where: Where): Promise<Answer> {
  const found = match(call.method, where.pathname)
  const body = call.raw === '' ? undefined : call.body
  const wrong =
    found === null
      ? `${call.method} ${where.pathname}: no such operation in the extract`
      : requestViolation(found, { query: where.query, body })
  if (found === null || wrong !== null) return violated(api, wrong ?? '')
  if (call.headers['user-agent'] === undefined)
    return new Refusal(403, 'Request forbidden by administrative rules.').answer
  const token = tokenOf(api.world, call.headers['authorization'])
  if (token === 'unknown') return new Refusal(401, 'Bad credentials').answer
  const asking = { token: token === 'anonymous' ? null : token, body, where }
  const answer = await limited(api, found, { ...asking, ifNoneMatch: call.headers['if-none-match'] })
  const wrongAnswer = responseViolation(found, answer.status, answer.body)
  return wrongAnswer === null ? answer : violated(api, wrongAnswer)
}

interface Asking {
  readonly token: Token | null
  readonly body: unknown
  readonly where: Where
  readonly ifNoneMatch: string | undefined
}

async function limited(api: Api, found: Match, asking: Asking): Promise<Answer> {
  const { world, limits } = api
  const user = asking.token?.user ?? null
  const answer = await refusalAsAnswer(async () => {
    if (found.operation.id === 'rate-limit/get') return limits.overview(user)
    limits.take(user, found.operation.method === 'GET' ? 'read' : 'write')
    const { token, body, where } = asking
    const ask: Ask = { world, token, ...where, path: found.path, body: (body ?? {}) as Ask['body'] }
    const route = routes[found.operation.id]
    if (route === undefined) throw new Error(`no route for ${found.operation.id}`)
    return route(ask)
  })
  const reading = found.operation.method === 'GET'
  const final = reading ? conditional(answer, asking.ifNoneMatch) : answer
  if (final.status === 304 && user !== null) limits.giveBack(user)
  const headers = { ...limits.headers(user), ...tokenHeaders(asking.token), ...final.headers }
  return { ...final, headers }
}

async function refusalAsAnswer(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

function violated(api: Api, what: string): Answer {
  api.violations.push(what)
  return new Refusal(500, `against the contract: ${what}`).answer
}
