// Which endpoint answers what. Batches join here, beside messages, when the product asks for them.

import type Anthropic from '@anthropic-ai/sdk'

import type { Received } from '../loopback.ts'
import { breakpointsMax, breakpointsOf, type InputTokens, promptCache } from './cache.ts'
import { message } from './message.ts'
import { knownModels } from './models.ts'
import { errorBody, errorOfStatus, type Reply, reply, type ReplyParts, replyParts } from './reply.ts'
import { isRefused, readRequest, type ReadRequest } from './request.ts'

export interface Stub {
  /** Null: any key is let in. */
  readonly keys: readonly string[] | null
  readonly now: () => number
  /** What a test wants said next; null: nothing, the stub answers by itself. */
  readonly next: (request: Anthropic.MessageCreateParamsNonStreaming) => object | Reply | null
  readonly refused: (what: string) => void
}

/** `begun`: to be called when the answer leaves. */
export type Outgoing = ReplyParts & { readonly begun?: () => void }

const version = '2026-10-21'

export function endpoints(stub: Stub): (call: Received) => Outgoing {
  const cache = promptCache(stub.now)
  return (call) => {
    const { pathname, searchParams } = new URL(call.path, 'http://stub')
    const denied = refusalOfHeaders(call)
    if (denied !== null) return denied
    if (call.method === 'GET' && pathname === '/v1/models') return { body: modelPage(searchParams) }
    if (call.method === 'GET' && pathname.startsWith('/v1/models/'))
      return modelReply(decodeURIComponent(pathname.slice('/v1/models/'.length)))
    if (call.method === 'POST' && pathname === '/v1/messages')
      return asked(call, 'create', (read) => messageReply(read))
    if (call.method === 'POST' && pathname === '/v1/messages/count_tokens')
      return asked(call, 'count', (read) => ({ body: count(cache.lookUp(read)) }))
    return failed(404, 'not_found_error', `${call.method} ${pathname}`)
  }

  function asked(call: Received, kind: 'create' | 'count', then: (read: ReadRequest) => Outgoing): Outgoing {
    if (call.body === undefined)
      return failed(400, 'invalid_request_error', 'The request body is not valid JSON')
    const read = readRequest(call.body, kind)
    if (isRefused(read)) return failed(read.status, read.type, read.message)
    if (breakpointsOf(read) > breakpointsMax)
      return failed(400, 'invalid_request_error', `at most ${breakpointsMax} blocks with cache_control`)
    return then(read)
  }

  function messageReply(read: ReadRequest): Outgoing {
    const parts = replyParts(stub.next(read.params) ?? reply({}))
    if (parts.raw !== undefined || parts.body !== undefined) return parts
    const status = parts.status ?? 200
    if (status !== 200) return { ...parts, body: errorOfStatus(status) }
    const input = cache.lookUp(read)
    return { ...parts, body: message(read, parts, input), begun: input.begun }
  }

  function modelReply(id: string): Outgoing {
    const found = knownModels.find(({ info }) => info.id === id)
    return found === undefined ? failed(404, 'not_found_error', `model: ${id}`) : { body: found.info }
  }

  function refusalOfHeaders({ headers }: Received): Outgoing | null {
    const key = headers['x-api-key'] ?? /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? ''
    if (key === '' || stub.keys?.includes(key) === false)
      return failed(401, 'authentication_error', 'invalid x-api-key')
    return headers['anthropic-version'] === version
      ? null
      : failed(400, 'invalid_request_error', `anthropic-version: must be ${version}`)
  }

  function failed(status: number, type: Anthropic.ErrorType, text: string): Outgoing {
    stub.refused(`${status} ${text}`)
    return { status, body: errorBody(type, text) }
  }
}

const count = ({ plain, read, written }: InputTokens): Anthropic.MessageTokensCount => ({
  input_tokens: plain + read + written['5m'] + written['1h'],
})

function modelPage(query: URLSearchParams): unknown {
  const limit = Number(query.get('limit') ?? 20)
  const after = query.get('after_id')
  const from = after === null ? 0 : knownModels.findIndex(({ info }) => info.id === after) + 1
  const data = knownModels.slice(from, from + limit).map(({ info }) => info)
  const has_more = from + limit < knownModels.length
  return { data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}
