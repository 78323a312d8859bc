// Puts a reply on the wire: late, cut, or whole.

import type { ServerResponse } from 'node:http'

import { waited } from '../loopback.ts'
import type { Outgoing } from './endpoints.ts'
import { errorOfStatus } from './reply.ts'

/** Budget headers as the API sends them; their figures never run out. */
const rateHeaders = Object.fromEntries(
  ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((what) => [
    [`anthropic-ratelimit-${what}-limit`, '1000000'],
    [`anthropic-ratelimit-${what}-remaining`, '999999'],
    [`anthropic-ratelimit-${what}-reset`, '2026-11-22T09:00:00Z'],
  ]),
)

/** `id`: the request's number. */
export async function send(
  response: ServerResponse,
  parts: Outgoing & { readonly id: number },
): Promise<void> {
  if (parts.delayMs !== undefined && !(await waited(response, parts.delayMs))) return
  const status = parts.status ?? 200
  const body = parts.raw ?? JSON.stringify(parts.body ?? errorOfStatus(status))
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'request-id': `req_stub_${parts.id}`,
    ...rateHeaders,
    ...parts.headers,
  })
  parts.begun?.()
  if (parts.cutAfterBytes === undefined) response.end(bytes)
  else response.write(bytes.subarray(0, parts.cutAfterBytes), () => response.destroy())
}
