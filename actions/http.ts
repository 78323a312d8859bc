// http.request: one request to the outside, guarded, capped, and honest about what a repetition would mean.

import type { Action, ActionContext, HttpRequest, Repetition } from '../runner/model/action.ts'
import { Failure } from '../runner/model/error.ts'
import type { Json, JsonObject } from '../runner/model/json.ts'
import { jsonOf } from './http-json.ts'
import { answered } from './http-outcome.ts'
import { httpInput, httpOutput } from './http-schema.ts'
import { quote } from './quote.ts'

interface Input {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Json
  readonly connection?: string
  readonly bearer?: string
  readonly timeout_seconds: number
  readonly response_bytes_max: number
  readonly redirects_max: number
  readonly expect?: readonly number[]
  readonly repetition?: Repetition
}

export const httpRequest: Action = {
  name: 'http.request',
  version: 1,
  summary: 'Sends an HTTP request and gives the answer.',
  input: httpInput,
  output: httpOutput,
  sinks: {
    method: 'identifier',
    url: 'url',
    headers: 'identifier',
    body: 'text',
    connection: 'recipient',
    bearer: 'identifier',
    timeout_seconds: 'quantity',
    response_bytes_max: 'quantity',
    redirects_max: 'quantity',
    expect: 'identifier',
    repetition: 'identifier',
  },
  repetition: (input) => repetitionOf(read(input)),
  floor: (input) => (reads(read(input).method) ? 'low' : 'high'),
  undo: { none: 'only the other side can take back what a request changed there' },
  describe: (input) => {
    const { method, url, connection, bearer } = read(input)
    const through = connection === undefined ? '' : ` through the connection ${quote(connection)}`
    const secret = bearer === undefined ? '' : ` with the secret ${quote(bearer)}`
    return `Send ${method} to ${quote(url)}${through}${secret}`
  },
  uses: (input) => {
    const { connection, bearer } = read(input)
    return {
      connections: connection === undefined ? [] : [connection],
      secrets: bearer === undefined ? [] : [bearer],
    }
  },
  run: sendRequest,
}

async function sendRequest(given: JsonObject, context: ActionContext): Promise<Json> {
  const input = read(given)
  const response = await context.http.request(requestOf(input, context), context.signal)
  answered({ method: input.method, expect: input.expect ?? null }, response)
  return {
    status: response.status,
    headers: response.headers,
    body: response.body,
    json: jsonOf(response),
    url: response.url,
    truncated: response.truncated,
  }
}

function requestOf(input: Input, context: ActionContext): HttpRequest {
  const target = targetOf(input, context)
  const repetition = repetitionOf(input)
  const headers: Record<string, string> = { ...input.headers }
  const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  if (input.body !== undefined && reads(input.method))
    throw new Failure('invalid', `A ${input.method} request carries no body`, { effect: 'none' })
  if (input.body !== undefined && typeof input.body !== 'string' && !named.has('content-type'))
    headers['content-type'] = 'application/json'
  if ((repetition === 'keyed' || repetition === 'once') && !named.has('idempotency-key'))
    headers['idempotency-key'] = context.key
  return {
    method: input.method,
    url: target.url,
    headers,
    body: bodyOf(input.body),
    bearer: target.bearer,
    timeoutMs: input.timeout_seconds * 1_000,
    responseBytesMax: input.response_bytes_max,
    redirectsMax: input.redirects_max,
  }
}

function bodyOf(body: Json | undefined): string | null {
  if (body === undefined) return null
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** Where it goes and with which secret: the url as it stands, or below the base of a connection. */
function targetOf(input: Input, context: ActionContext): { url: string; bearer: string | null } {
  if (input.connection === undefined) return { url: input.url, bearer: input.bearer ?? null }
  const connection = Object.hasOwn(context.connections, input.connection)
    ? context.connections[input.connection]
    : undefined
  if (connection === undefined)
    throw new Failure('invalid', `The policy has no connection ${quote(input.connection)}`, {
      remedy: 'Name it under `connections` in the policy.',
      effect: 'none',
    })
  if (connection.bearer !== null && input.bearer !== undefined)
    throw new Failure('invalid', `The connection ${quote(input.connection)} has a secret of its own`, {
      remedy: 'Leave `bearer` out.',
      effect: 'none',
    })
  return { url: below(connection.base, input.url), bearer: connection.bearer ?? input.bearer ?? null }
}

/** A path below the base; whatever would leave it (another host, `..`) is refused. */
function below(base: string, path: string): string {
  const folder = new URL(base.endsWith('/') ? base : `${base}/`)
  const full = URL.parse(folder.href + path.replace(/^\//, ''))
  if (full === null || full.origin !== folder.origin || !full.pathname.startsWith(folder.pathname))
    throw new Failure('refused', `${quote(path)} does not stay below ${quote(base)}`, {
      remedy: "Give the path below the connection's base, like `/v1/orders`.",
      effect: 'none',
    })
  return full.href
}

function repetitionOf({ method, repetition }: Input): Repetition {
  if (reads(method)) return 'read'
  return repetition ?? (method === 'PUT' || method === 'DELETE' ? 'idempotent' : 'once')
}

function reads(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

const defaults = {
  method: 'GET',
  headers: {},
  timeout_seconds: 30,
  response_bytes_max: 262_144,
  redirects_max: 5,
}

function read(input: JsonObject): Input {
  return { ...defaults, ...input } as unknown as Input
}
