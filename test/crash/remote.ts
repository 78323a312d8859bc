// The outside of real runners: an HTTP server that remembers every request by what it is about and by its key.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen, received } from '../fakes/loopback.ts'

export interface Request {
  /** `/once 17`: the path, and the number in the body. */
  readonly effect: string
  /** Of the header `Idempotency-Key`; empty without one. */
  readonly key: string
  readonly atMs: number
}

export interface Remote {
  readonly url: string
  readonly requests: readonly Request[]
  /** Every request about this, the first one first. */
  of(effect: string): readonly Request[]
  /** Resolves when another request arrives. */
  next(): Promise<void>
  /** From now on requests for these paths get no answer until there is another word. */
  hold(...paths: readonly string[]): void
  close(): Promise<void>
}

/** @param delayMs before each answer */
export async function startRemote(delayMs: number): Promise<Remote> {
  const requests: Request[] = []
  const byEffect = new Map<string, Request[]>()
  let held: readonly string[] = []
  let changed = Promise.withResolvers<void>()
  let arrived = Promise.withResolvers<void>()
  const remember = (request: Request): void => {
    requests.push(request)
    const known = byEffect.get(request.effect)
    if (known === undefined) byEffect.set(request.effect, [request])
    else known.push(request)
    arrived.resolve()
    arrived = Promise.withResolvers()
  }
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { path, headers, body } = await received(incoming)
    const about = typeof body === 'object' && body !== null && 'n' in body ? String(body.n) : ''
    const effect = `${path} ${about}`
    remember({ effect, key: headers['idempotency-key'] ?? '', atMs: performance.now() })
    if (delayMs > 0) await sleep(delayMs)
    while (held.includes(path)) await changed.promise
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }
  const { url, close } = await listen(serve)
  return {
    url,
    requests,
    of: (effect) => byEffect.get(effect) ?? [],
    next: () => arrived.promise,
    hold: (...paths) => {
      held = paths
      changed.resolve()
      changed = Promise.withResolvers()
    },
    close,
  }
}
