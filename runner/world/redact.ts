// Keeps secrets out of everything that is stored, shown or logged: known values in any dress, and what looks like a key.

import { secretLimits } from './secrets.ts'
import type { Json } from '../model/json.ts'

export const redacted = '[redacted]'

/**
 * Takes time linear in the text. Values shorter than six characters are left alone; `createSecrets` refuses them.
 * @param values asked each time, so that a secret is covered from the moment it is known
 */
export function createRedactor(values: () => readonly string[]): (text: string) => string {
  let known: readonly string[] = []
  let pattern: RegExp | null = null
  return (text) => {
    const now = values()
    if (now.length !== known.length || now.some((value, i) => value !== known[i])) {
      known = [...now]
      pattern = patternOf(known)
    }
    const hidden = pattern === null ? text : text.replace(pattern, redacted)
    return withoutKeys(hidden)
  }
}

const depthMax = 200

/** Every text of a JSON value, names too. What nests deeper than any honest value is left out whole. */
export function redactJson(redact: (text: string) => string, value: Json, depth = 0): Json {
  if (typeof value === 'string') return redact(value)
  if (value === null || typeof value !== 'object') return value
  if (depth >= depthMax) return redacted
  if (Array.isArray(value)) return value.map((item: Json) => redactJson(redact, item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [redact(name), redactJson(redact, item, depth + 1)]),
  )
}

/** One alternation of literals, longest first, so that a secret inside another one leaves nothing of it behind. */
function patternOf(values: readonly string[]): RegExp | null {
  const forms = new Set(values.filter((value) => value.length >= secretLimits.charactersMin).flatMap(formsOf))
  if (forms.size === 0) return null
  const longestFirst = [...forms].sort((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map(literal).join('|'), 'g')
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** Part of a text of several lines, such as a key, that is long enough to be told from chance. */
const lineCharactersMin = 16

/** How a value may look after it went through something. */
function formsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim())
  const parts = lines.length > 1 ? lines.filter((line) => line.length >= lineCharactersMin) : []
  return [value, ...parts].flatMap((text) => {
    const url = encodeURIComponent(text.toWellFormed())
    const bytes = Buffer.from(text)
    const packed = [0, 1, 2].flatMap((shift) => base64Core(bytes, shift))
    return [
      text,
      text.trim(),
      JSON.stringify(text).slice(1, -1),
      JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
      url,
      url.replaceAll('%20', '+'),
      url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
      bytes.toString('hex'),
      ...packed,
    ].filter((form) => form.length >= secretLimits.charactersMin)
  })
}

/**
 * What stays the same of base64 wherever the value begins in the text that was packed: `shift` bytes stand before it,
 * and the characters that also hold bits of its neighbours are left out. Both alphabets of RFC 4648.
 */
function base64Core(bytes: Buffer, shift: number): readonly string[] {
  const packed = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replaceAll('=', '')
  const from = Math.ceil((shift * 8) / 6)
  const to = Math.floor(((shift + bytes.length) * 8) / 6)
  const core = packed.slice(from, to)
  return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
}

/**
 * Keys by their look. Each pattern has a fixed beginning, and no part of it can be read in two ways, so that a long
 * text without its end is walked through once.
 */
const keys = [
  /gh[pousr]_[A-Za-z0-9]{30,255}/g,
  /github_pat_[A-Za-z0-9_]{22,255}/g,
  /sk-ant-[A-Za-z0-9_-]{16,255}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}/g,
  /\bglpat-[A-Za-z0-9_-]{20,255}/g,
  /\bnpm_[A-Za-z0-9]{36,255}/g,
  /\bAIza[A-Za-z0-9_-]{35}/g,
  /\b[rs]k_live_[A-Za-z0-9]{16,255}/g,
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
] as const

/** A name and password in an address; the address itself may stay. */
const login = /:\/\/[^\s/:@"'\\]{0,256}:[^\s/@"'\\]{1,256}@/g

function withoutKeys(text: string): string {
  const hidden = keys.reduce((rest, key) => rest.replace(key, redacted), withoutKeyBlocks(text))
  return hidden.replace(login, `://${redacted}@`)
}

/** A block without its end is hidden to the end of the text: better too much than half a key. */
function withoutKeyBlocks(text: string): string {
  if (!text.includes('PRIVATE KEY-----')) return text
  const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/g
  let shown = ''
  let from = 0
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    shown += text.slice(from, found.index) + redacted
    const end = text.indexOf('-----END', begin.lastIndex)
    const close = end === -1 ? -1 : text.indexOf('-----', end + 8)
    from = close === -1 ? text.length : close + 5
    begin.lastIndex = from
  }
  return shown + text.slice(from)
}
