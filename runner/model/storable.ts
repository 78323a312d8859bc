// Text that the store refuses (NUL, lone surrogates) and values beyond a size are turned away at the door.

import type { Json } from './json.ts'

const loneSurrogate = /\p{Surrogate}/u

/** Why a value cannot be stored, in words; null when it can. Refuses what is not JSON at all. */
export function storable(value: Json, bytesMax: number): string | null {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    return 'it is not JSON'
  }
  if (text === undefined) return 'it is not JSON'
  const bytes = Buffer.byteLength(text)
  if (bytes > bytesMax) return `it has ${bytes} bytes, the limit is ${bytesMax}`
  if (text.includes('\\u0000')) return 'it holds a NUL character'
  // JSON.stringify writes lone surrogates as escapes, so look at what it would read back.
  if (/\\ud[89a-f]/i.test(text) && holdsLoneSurrogate(value)) return 'it holds half of a surrogate pair'
  return null
}

function holdsLoneSurrogate(value: Json): boolean {
  if (typeof value === 'string') return loneSurrogate.test(value)
  if (value === null || typeof value !== 'object') return false
  return Object.entries(value).some(([key, item]) => loneSurrogate.test(key) || holdsLoneSurrogate(item))
}
