// Puts an answer on the wire: late, cut, or whole.

import type { ServerResponse } from 'node:http'

import { waited } from '../loopback.ts'
import type { Leaving } from './api.ts'

/** `date` comes from the fake's clock: the product judges expiry by it. */
export async function send(
  response: ServerResponse,
  { answer, fault }: Leaving,
  now: () => number,
): Promise<void> {
  if (fault?.delayMs !== undefined && !(await waited(response, fault.delayMs))) return
  if (fault?.cut === true) {
    response.destroy()
    return
  }
  const text = answer.raw ?? (answer.body === undefined ? '' : JSON.stringify(answer.body))
  const bytes = Buffer.from(text)
  response.writeHead(answer.status, {
    date: new Date(now()).toUTCString(),
    server: 'github.com',
    ...(bytes.length === 0 ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...(answer.status === 204 || answer.status === 304 ? {} : { 'content-length': bytes.length }),
    ...answer.headers,
  })
  if (fault?.cut === undefined) response.end(bytes)
  else response.write(bytes.subarray(0, fault.cut.afterBytes), () => response.destroy())
}
