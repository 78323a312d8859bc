// What goes into the store: secrets redacted, and no characters that PostgreSQL refuses or changes silently.

import type { Json, JsonObject } from '../model/json.ts'

export type Redact = (text: string) => string

/** Every text of the value, keys too. The value is not nested deeper than JSON that was read with a limit. */
export function clean(value: Json, redact: Redact): Json {
  if (typeof value === 'string') return cleanText(value, redact)
  if (Array.isArray(value)) return value.map((item: Json) => clean(item, redact))
  if (typeof value !== 'object' || value === null) return value
  return cleanObject(value as JsonObject, redact)
}

export function cleanObject(value: JsonObject, redact: Redact): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [cleanText(key, redact), clean(inner, redact)]),
  )
}

export function cleanText(text: string, redact: Redact): string {
  return redact(text).replaceAll('\0', '\u{FFFD}').toWellFormed()
}
