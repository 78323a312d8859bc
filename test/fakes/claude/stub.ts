// A stand-in for the Claude API on loopback: real HTTP, strict about requests, scripted where a test wants it.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

import type Anthropic from '@anthropic-ai/sdk'

import { breakpointsMax, breakpointsOf, promptCache } from './cache.ts'
import { message } from './message.ts'
import { knownModels } from './models.ts'
import { errorBody, errorOfStatus, type Reply, reply, replyParts } from './reply.ts'
import { isRefused, readRequest, type ReadRequest } from './request.ts'
import { type Outgoing, send } from './send.ts'

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Parsed; undefined when there was none or it is not JSON. */
  readonly body: unknown
  readonly raw: string
}

export interface Claude {
  readonly url: string
  /** Every request that arrived, refused ones too, oldest first. */
  readonly calls: readonly Call[]
  /** What the API would have refused (4xx not asked for by a test): a test of good requests asserts it empty. */
  readonly refused: readonly string[]
  /** What the next requests for a message get, one each; a plain object is what the model answers. */
  script(...replies: readonly (object | Reply)[]): void
  /** What they get once the script is used up, instead of an answer made to fit the schema. */
  answerWith(answer: (request: Anthropic.MessageCreateParamsNonStreaming) => object | Reply): void
  close(): Promise<void>
}

export interface ClaudeOptions {
  /** Keys that are let in; without it any key is. */
  readonly keys?: readonly string[]
  /** Epoch milliseconds, for the times to live of the prompt cache. */
  readonly now?: () => number
}

const version = '2026-10-21'
const bodyBytesMax = 32 * 1024 * 1024

export async function startClaude(t?: TestContext, options: ClaudeOptions = {}): Promise<Claude> {
  const calls: Call[] = []
  const refused: string[] = []
  const scripted: (object | Reply)[] = []
  let answer: ((request: Anthropic.MessageCreateParamsNonStreaming) => object | Reply) | null = null
  const cache = promptCache(options.now ?? Date.now)
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  const url = await listen(server)
  const close = (): Promise<void> => stop(server)
  t?.after(close)
  return {
    url,
    calls,
    refused,
    script: (...replies) => void scripted.push(...replies),
    answerWith: (given) => void (answer = given),
    close,
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await received(request)
    calls.push(call)
    const parts = replyTo(call)
    await send(response, parts)
  }

  function replyTo(call: Call): Outgoing {
    const denied = refusalOfHeaders(call, options.keys)
    if (denied !== null) return denied
    const { pathname, searchParams } = new URL(call.path, url)
    if (call.method === 'GET' && pathname === '/v1/models') return { body: modelPage(searchParams) }
    if (call.method === 'GET' && pathname.startsWith('/v1/models/'))
      return modelReply(decodeURIComponent(pathname.slice('/v1/models/'.length)))
    if (call.method !== 'POST') return failed(404, 'not_found_error', `${call.method} ${pathname}`)
    if (pathname === '/v1/messages') return messageReply(call)
    if (pathname === '/v1/messages/count_tokens') return countReply(call)
    return failed(404, 'not_found_error', `POST ${pathname}`)
  }

  function messageReply(call: Call): Outgoing {
    const read = readRequest(call.body, 'create')
    if (isRefused(read)) return failed(read.status, read.type, read.message)
    if (breakpointsOf(read) > breakpointsMax)
      return failed(400, 'invalid_request_error', `at most ${breakpointsMax} blocks with cache_control`)
    const parts = replyParts(scripted.shift() ?? answer?.(read.params) ?? reply({}))
    if (parts.raw !== undefined || parts.body !== undefined) return parts
    const status = parts.status ?? 200
    return status === 200 ? messageParts(read, parts) : { ...parts, body: errorOfStatus(status) }
  }

  function messageParts(read: ReadRequest, parts: Outgoing): Outgoing {
    const input = cache.lookUp(read)
    return {
      ...parts,
      body: message(read, parts, { input, id: `msg_stub_${calls.length}` }),
      begun: input.begun,
    }
  }

  function countReply(call: Call): Outgoing {
    const read = readRequest(call.body, 'count')
    if (isRefused(read)) return failed(read.status, read.type, read.message)
    const input = cache.lookUp(read)
    const body: Anthropic.MessageTokensCount = {
      input_tokens: input.plain + input.read + input.written['5m'] + input.written['1h'],
    }
    return { body }
  }

  function modelReply(id: string): Outgoing {
    const found = knownModels.find(({ info }) => info.id === id)
    return found === undefined ? failed(404, 'not_found_error', `model: ${id}`) : { body: found.info }
  }

  function refusalOfHeaders(call: Call, keys: readonly string[] | undefined): Outgoing | null {
    const key = call.headers['x-api-key'] ?? /^Bearer (.+)$/.exec(call.headers['authorization'] ?? '')?.[1]
    if (key === undefined || key === '' || keys?.includes(key) === false)
      return failed(401, 'authentication_error', 'invalid x-api-key')
    if (call.headers['anthropic-version'] !== version)
      return failed(400, 'invalid_request_error', `anthropic-version: must be ${version}`)
    if (call.method === 'POST' && call.body === undefined)
      return failed(400, 'invalid_request_error', 'The request body is not valid JSON')
    return null
  }

  function failed(status: number, type: Anthropic.ErrorType, text: string): Outgoing {
    refused.push(`${status} ${text}`)
    return { status, body: errorBody(type, text) }
  }
}

function modelPage(query: URLSearchParams): unknown {
  const limit = Number(query.get('limit') ?? 20)
  const after = query.get('after_id')
  const ids = knownModels.map(({ info }) => info.id)
  const from = after === null ? 0 : ids.indexOf(after) + 1
  const data = knownModels.slice(from, from + limit).map(({ info }) => info)
  const has_more = from + limit < knownModels.length
  return { data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

async function received(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new Error(`a body of more than ${bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  const raw = Buffer.concat(chunks).toString('utf8')
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  )
  return { method: request.method ?? '', path: request.url ?? '', headers, raw, body: parsed(raw) }
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown
  } catch {
    return undefined
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
