// A real HTTP server on loopback, and the outside as a test sees it: its names, its rules, its requests.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { HttpRequest } from '../../runner/model/action.ts'
import { createHttp } from '../../runner/world/network.ts'
import type { NetworkRules, NetworkSeams } from '../../runner/world/network-rules.ts'

export interface Served {
  readonly port: number
  readonly url: string
  /** What arrived, in order. */
  readonly requests: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[]
}

/** Serves until the test ends; `answer` is called when the body of the request is there. */
export async function serve(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Served> {
  const requests: Served['requests'] = []
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      requests.push({ method, path, headers, body: Buffer.concat(chunks).toString() })
      answer(request, response)
    })
  }
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}`, requests }
}

/** Requests under rules that allow what is listed; names resolve as the test says. */
export function outside(
  rules: Partial<NetworkRules>,
  names: Readonly<Record<string, readonly string[]>> = {},
  seams: Partial<NetworkSeams> = {},
) {
  const looked: string[] = []
  const http = createHttp(
    () => ({ egressHosts: null, privateHosts: [], secretHosts: {}, secret: () => null, ...rules }),
    {
      resolve: (host) => {
        looked.push(host)
        const found = names[host]
        return found === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(found)
      },
      certificates: [],
      ...seams,
    },
  )
  return {
    looked,
    request: (request: Partial<HttpRequest>, signal: AbortSignal = new AbortController().signal) =>
      http.request({ ...plainRequest, ...request }, signal),
  }
}

const plainRequest: HttpRequest = {
  method: 'GET',
  url: '',
  headers: {},
  body: null,
  bearer: null,
  timeoutMs: 10_000,
  responseBytesMax: 65_536,
  redirectsMax: 5,
}
