// Server-sent events: open pages hear that something changed and fetch themselves again.

import type { ServerResponse } from 'node:http'
import type { Clock } from '../world/clock.ts'

/** Windows that may follow along at once. */
export const listenersMax = 100
/** A browser that falls behind by this many bytes is let go; it comes back by itself. */
export const backlogBytesMax = 65_536
export const heartbeatMs = 15_000
/** Changes are gathered for this long. */
const gatherMs = 200
/** More changes than this at once are told as one: everything may have changed. */
const changesMax = 50

export interface Events {
  /** Takes a response whose head was sent; not to be called when `full`. */
  add(response: ServerResponse): void
  notify(topic: string, id: string): void
  /** No more listeners fit, or it is closed. */
  readonly full: boolean
  close(): void
}

export function makeEvents(clock: Clock): Events {
  const listeners = new Set<ServerResponse>()
  const gathered = new Map<string, string>()
  let cancelFlush: (() => void) | null = null
  let cancelBeat = clock.after(heartbeatMs, beat)
  let closed = false

  function send(message: string): void {
    for (const response of listeners) {
      if (response.writableLength > backlogBytesMax) drop(response)
      else response.write(message)
    }
  }

  function drop(response: ServerResponse): void {
    listeners.delete(response)
    response.destroy()
  }

  function beat(): void {
    send('event: beat\ndata: {}\n\n')
    cancelBeat = clock.after(heartbeatMs, beat)
  }

  function flush(): void {
    cancelFlush = null
    const changes =
      gathered.size > changesMax ? [JSON.stringify({ topic: '*', id: '*' })] : [...gathered.values()]
    gathered.clear()
    send(changes.map((data) => `event: change\ndata: ${data}\n\n`).join(''))
  }

  return {
    get full() {
      return closed || listeners.size >= listenersMax
    },
    add: (response) => {
      listeners.add(response)
      response.on('close', () => listeners.delete(response))
      response.write(`retry: 3000\n: welcome\n\n`)
    },
    notify: (topic, id) => {
      if (closed || listeners.size === 0) return
      if (gathered.size <= changesMax) gathered.set(`${topic}\n${id}`, JSON.stringify({ topic, id }))
      cancelFlush ??= clock.after(gatherMs, flush)
    },
    close: () => {
      closed = true
      cancelBeat()
      cancelFlush?.()
      for (const response of listeners) response.end()
      listeners.clear()
    },
  }
}
