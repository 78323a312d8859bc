// How many requests an address may send a minute: a fixed window each, in bounded memory.

import { isIPv6 } from 'node:net'

export interface RateLimit {
  /** Counts one request; gives how long the address has to wait, or 0. */
  waitMs(address: string, nowMs: number): number
}

const windowMs = 60_000
/** Beyond this everybody is forgotten, which is kinder than to refuse those who are new. */
const addressesMax = 10_000

export function createRateLimit(perMinuteMax: number): RateLimit {
  const windows = new Map<string, { readonly sinceMs: number; count: number }>()
  return {
    waitMs: (address, nowMs) => {
      const key = networkOf(address)
      const known = windows.get(key)
      if (known === undefined || nowMs - known.sinceMs >= windowMs || nowMs < known.sinceMs) {
        if (windows.size >= addressesMax) windows.clear()
        windows.set(key, { sinceMs: nowMs, count: 1 })
        return 0
      }
      known.count += 1
      return known.count <= perMinuteMax ? 0 : known.sinceMs + windowMs - nowMs
    },
  }
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
