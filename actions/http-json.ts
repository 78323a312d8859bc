// The body of an answer as JSON, when it says that it is and the run's record can hold it.

import type { HttpResponse } from '../runner/model/action.ts'
import type { Json } from '../runner/model/json.ts'

const depthMax = 64

/** Null when the answer is no JSON, was cut, nests too deep, or holds numbers that no record can hold. */
export function jsonOf({ headers, body, truncated }: HttpResponse): Json {
  if (truncated || !/^application\/(?:[\w.-]{1,100}\+)?json\b/i.test(headers['content-type'] ?? ''))
    return null
  try {
    return clean(JSON.parse(body) as Json, 0)
  } catch {
    // The text is there for whoever wants to look; a wrong label is no reason to lose the answer.
    return null
  }
}

/** The same value; NUL and halves of surrogate pairs, which no database takes, become U+FFFD. */
function clean(value: Json, depth: number): Json {
  if (depth > depthMax) throw new Error('nests too deep')
  if (typeof value === 'string') return cleanText(value)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('not a number that JSON holds')
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item: Json) => clean(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [cleanText(name), clean(item, depth + 1)]),
  )
}

function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
