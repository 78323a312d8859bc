// JSON as a border needs it: the whole text is one value, no key stands twice, nothing that cannot be stored.

import type { Json } from '../model/json.ts'

export type StrictJson =
  | { readonly ok: true; readonly value: Json }
  | {
      readonly ok: false
      readonly why: 'too-long' | 'not-json' | 'too-deep' | 'duplicate-key' | 'unstorable'
    }

/** A full answer is a few kilobytes; what is longer is not one. In UTF-16 units. */
export const answerCharactersMax = 131_072
/** Deeper nesting than any schema that can be asked. */
export const answerDepthMax = 32

/** Reads untrusted text. `JSON.parse` alone takes the last of two equal keys, NUL and lone surrogates. */
export function strictJson(text: string): StrictJson {
  if (text.length > answerCharactersMax) return { ok: false, why: 'too-long' }
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return { ok: false, why: 'not-json' }
  }
  const flaw = flawOf(text)
  return flaw === null ? { ok: true, value } : { ok: false, why: flaw }
}

/** PostgreSQL refuses NUL, and text columns replace lone surrogates silently. */
export function storable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

type Level = { readonly keys: Set<string> | null; atKey: boolean }

/** Walks text that is known to be JSON. */
function flawOf(text: string): 'too-deep' | 'duplicate-key' | 'unstorable' | null {
  const levels: Level[] = []
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1)
    switch (text.charAt(at)) {
      case '{':
      case '[':
        if (levels.length === answerDepthMax) return 'too-deep'
        levels.push({ keys: text[at] === '{' ? new Set() : null, atKey: text[at] === '{' })
        break
      case '}':
      case ']':
        levels.pop()
        break
      case ',':
        if (level !== undefined) level.atKey = level.keys !== null
        break
      case '"': {
        const end = endOfString(text, at)
        const content = JSON.parse(text.slice(at, end + 1)) as string
        if (!storable(content)) return 'unstorable'
        if (level?.atKey === true && level.keys !== null) {
          if (level.keys.has(content)) return 'duplicate-key'
          level.keys.add(content)
          level.atKey = false
        }
        at = end
        break
      }
      default:
    }
  }
  return null
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
