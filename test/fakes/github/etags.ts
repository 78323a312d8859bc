// Conditional requests: an answer that has not changed is not sent again and costs nothing.

import { createHash } from 'node:crypto'

import type { Answer } from './answer.ts'

/** `asked` is the request's `if-none-match`. */
export function conditional(answer: Answer, asked: string | undefined): Answer {
  if (answer.status !== 200) return answer
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`
  const headers = { ...answer.headers, etag }
  const known = (asked ?? '').split(',').map((tag) => tag.trim())
  return known.some((tag) => strong(tag) === strong(etag)) ? { status: 304, headers } : { ...answer, headers }
}

/** Weak and strong validators compare alike here, as RFC 9110 asks for `if-none-match`. */
const strong = (tag: string): string => tag.replace(/^W\//, '')
