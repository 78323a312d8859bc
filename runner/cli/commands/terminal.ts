// Writing for people: tables, colours only on a terminal, times in their zone.

import { stripVTControlCharacters, styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

/** Coloured on a terminal, plain elsewhere and with NO_COLOR. */
export function coloured(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true })
}

const marks: Readonly<Record<string, readonly [string, Style]>> = {
  running: ['▶', 'blue'],
  ready: ['▷', 'blue'],
  queued: ['▷', 'blue'],
  people: ['✋', 'yellow'],
  waiting: ['◷', 'cyan'],
  parked: ['◷', 'cyan'],
  succeeded: ['✓', 'green'],
  failed: ['✕', 'red'],
  denied: ['✕', 'red'],
  cancelled: ['⊘', 'gray'],
  skipped: ['⊘', 'gray'],
  unknown: ['?', 'magenta'],
}

const words: Readonly<Record<string, string>> = { people: 'waits for people', unknown: 'outcome unknown' }

/** Only the shape of a state, coloured. */
export function mark(name: string): string {
  const [shape, style] = marks[name] ?? ['·', 'reset']
  return coloured(style, shape)
}

/** Shape, word and colour of a state, the same as on the page. */
export function state(name: string): string {
  const [mark, style] = marks[name] ?? ['·', 'reset']
  return coloured(style, `${mark} ${words[name] ?? name}`)
}

/** Columns as wide as their widest cell; the last one is cut at the terminal's edge. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => width(row[column] ?? ''))),
  )
  const lines = [head.map((title) => coloured('dim', title)), ...rows]
  for (const row of lines)
    print(
      row
        .map((cell, column) => padded(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

const wide =
  /\p{Emoji_Presentation}|\p{Script=Hangul}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/gu
const characters = new Intl.Segmenter()

/** Columns on a terminal; emoji and East Asian letters take two. */
function width(text: string): number {
  const plain = stripVTControlCharacters(text)
  return Array.from(characters.segment(plain)).length + (plain.match(wide)?.length ?? 0)
}

function padded(cell: string, to: number): string {
  return cell + ' '.repeat(Math.max(0, to - width(cell)))
}

/** `14:03:07` today, else `2026-11-22 14:03`, in the zone of this machine. */
export function time(ms: number | null): string {
  if (ms === null) return '–'
  const at = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  if (at.toDateString() === new Date().toDateString()) return `${clock}:${two(at.getSeconds())}`
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`
}

/** `0.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`
}

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `24h` to milliseconds; null when it is not such a duration. */
export function readDuration(text: string): number | null {
  const match = /^(\d{1,5})([smhd])$/.exec(text)
  return match === null ? null : Number(match[1]) * (unitsMs[match[2] ?? ''] ?? 0)
}
