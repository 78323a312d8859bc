// A real hook server on loopback, and senders that prove themselves one way or another.

import { createHmac } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { Head } from '../../runner/model/head.ts'
import { createHookServer, type HookParts } from '../../runner/trigger/webhook.ts'
import { silentLog } from '../../runner/world/log.ts'
import { systemRandom } from '../../runner/world/random.ts'
import { fakeClock } from '../fakes/clock.ts'
import { arrivals, headOf } from './heads.ts'

export const startMs = Date.parse('2026-11-22T09:00:00Z')
export const hookKey = 'the-hook-key-of-this-runner'

export const flows = {
  open: 'on:\n  hook:\n    webhook: {}',
  signed: 'on:\n  hook:\n    webhook: { auth: hmac }',
  secret: 'on:\n  hook:\n    webhook: { secret: SHOP }',
  empty: 'on:\n  hook:\n    webhook: { secret: EMPTY }',
  unset: 'on:\n  hook:\n    webhook: { secret: UNSET }',
  shaped: `on:
  hook:
    webhook:
      id: event.webhook.body.order.id
      body:
        type: object
        properties:
          order: { type: object, properties: { id: { type: string, maxLength: 500 }, count: { type: integer, minimum: 1, maximum: 9 } }, required: [id] }
        required: [order]`,
  paused: 'suspend: true\non:\n  hook:\n    webhook: {}',
  timed: 'on:\n  hook:\n    schedule: { every: 15m }',
}

export interface Sent {
  readonly status: number
  readonly body: unknown
  readonly headers: Headers
}

export async function hooks(t: TestContext, more: Partial<HookParts> = {}) {
  const now: { head: Head } = { head: headOf(flows) }
  const clock = fakeClock(startMs)
  const arrived = arrivals()
  const server = createHookServer({
    host: '127.0.0.1',
    port: 0,
    clock,
    random: systemRandom,
    log: silentLog,
    head: () => now.head,
    hookKey: () => hookKey,
    secret: (name) => (name === 'SHOP' ? 'the-secret-of-the-shop' : name === 'EMPTY' ? '' : null),
    admit: arrived.admit,
    hear: arrived.hear,
    ...more,
  })
  const { port } = await server.listen()
  t.after(() => server.close())
  const url = `http://127.0.0.1:${port}`
  const send = async (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>>,
  ): Promise<Sent> => {
    const response = await fetch(`${url}/hooks/${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers }
  }
  return {
    url,
    port,
    clock,
    arrived,
    now,
    send,
    close: () => server.close(),
    /** With the hook key as a bearer token, unless `headers` say otherwise. */
    bear: (
      path: string,
      body: string | Uint8Array<ArrayBuffer>,
      headers: Readonly<Record<string, string>> = {},
    ) => send(path, body, { authorization: `Bearer ${hookKey}`, ...headers }),
    /** Signed with the hook key at a time, now unless said. */
    sign: (path: string, body: string, atMs = clock.now()) =>
      send(path, body, { 'x-watchbill-signature': signature(body, atMs, hookKey) }),
  }
}

export function signature(body: string, atMs: number, key: string): string {
  const seconds = Math.floor(atMs / 1_000)
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`
}
