// Content hashes: SHA-256 over bytes, and over RFC 8785 canonical JSON.

import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Json } from './json.ts'

/** SHA-256 as 64 lower-case hex digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** RFC 8785 canonical JSON: the same value always gives the same text. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value)
  if (text === undefined) throw new Error('not a JSON value')
  return text
}

/** SHA-256 of the canonical JSON of a value. */
export function digestOf(value: Json): string {
  return sha256(canonicalJson(value))
}
