// How many requests of an address may be refused a minute: a fixed window each, in bounded memory. Who is taken is
// not counted: how many runs may start is a matter of the flow.

import { isIPv6 } from 'node:net'

export interface RateLimit {
  /** How long the address has to wait before it is listened to; 0: not at all. */
  waitMs(address: string, nowMs: number): number
  /** Counts one request that was refused. */
  refused(address: string, nowMs: number): void
}

const windowMs = 60_000
/** Beyond this everybody is forgotten, which is kinder than to refuse those who are new. */
const addressesMax = 10_000

export function createRateLimit(refusedPerMinuteMax: number): RateLimit {
  const windows = new Map<string, { readonly sinceMs: number; count: number }>()
  return {
    waitMs: (address, nowMs) => {
      // Nearly always nobody was refused: then no address has to be read.
      if (windows.size === 0) return 0
      const known = windows.get(networkOf(address))
      if (known === undefined || isOver(known, nowMs)) return 0
      return known.count < refusedPerMinuteMax ? 0 : known.sinceMs + windowMs - nowMs
    },
    refused: (address, nowMs) => {
      const key = networkOf(address)
      const known = windows.get(key)
      if (known !== undefined && !isOver(known, nowMs)) {
        known.count += 1
        return
      }
      if (windows.size >= addressesMax) windows.clear()
      windows.set(key, { sinceMs: nowMs, count: 1 })
    },
  }
}

/** A clock that was set back ends the window too. */
function isOver({ sinceMs }: { readonly sinceMs: number }, nowMs: number): boolean {
  return nowMs - sinceMs >= windowMs || nowMs < sinceMs
}

/** Whoever has one IPv6 address has 2^64 of them. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':')
}
