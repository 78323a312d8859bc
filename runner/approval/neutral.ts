// Foreign text made safe to look at: every hidden character visible, nothing that can become markup or a command.

import type { Json } from '../model/json.ts'

/**
 * Characters that show nothing, reorder their neighbours or break lines: controls, format characters (zero-width,
 * bidirectional), everything Unicode lets a renderer ignore, line separators, unassigned and private ones, lone
 * surrogates, and spaces that are not the space bar's (the ideographic one stays: it is ordinary text).
 */
const hidden =
  /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?![ \u3000])\p{Zs}/u
const everyHidden = new RegExp(hidden.source, 'gu')

export function holdsHidden(text: string): boolean {
  return hidden.test(text)
}

/** On one line, hidden characters as `\u{202e}`, and a backslash doubled so that nothing can imitate that. */
export function oneLine(text: string): string {
  return text.replaceAll('\\', '\\\\').replace(everyHidden, escaped)
}

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`
}

export const columnsMax = 100
const continued = '    '

/**
 * A value in full as lines of JSON. Text keeps its quotes, breaks after each `\n` and at 100 columns, so that
 * nothing hides beyond the edge; a raw line break inside quotes is always ours, and so are four spaces after it.
 */
export function valueLines(value: Json): string[] {
  const text = JSON.stringify(value, null, 2)
  return text.split('\n').flatMap((line) => brokenLines(line.replace(everyHidden, escaped)))
}

function brokenLines(line: string): string[] {
  const lines: string[] = []
  for (const part of afterEscapedBreaks(line)) {
    let columns = 0
    let start = 0
    let at = 0
    for (const character of part) {
      columns += widthOf(character)
      if (columns > columnsMax) {
        lines.push(part.slice(start, at))
        start = at
        columns = widthOf(character)
      }
      at += character.length
    }
    lines.push(part.slice(start))
  }
  return lines.map((part, index) => (index === 0 ? part : continued + part))
}

/** East Asian letters and pictures take two columns; from U+1100 on that is assumed of everything. */
function widthOf(character: string): 1 | 2 {
  return (character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2
}

/** Parts that end with the escape `\n`, and the rest; a doubled backslash before an `n` is no escape. */
function afterEscapedBreaks(line: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < line.length; at++) {
    if (line.charAt(at) !== '\\') continue
    at++
    if (line.charAt(at) !== 'n') continue
    parts.push(line.slice(start, at + 1))
    start = at + 1
  }
  if (start < line.length || parts.length === 0) parts.push(line.slice(start))
  return parts
}

/** Code in a line of Markdown, in which nothing links, mentions or formats. */
export function inlineCode(text: string): string {
  const line = oneLine(text)
  const ticks = '`'.repeat(longestTicks(line) + 1)
  const padded = line === '' || line.startsWith('`') || line.endsWith('`') ? ` ${line} ` : line
  return `${ticks}${padded}${ticks}`
}

/** A fence longer than any run of backticks in it. */
export function fenced(lines: readonly string[]): string {
  const ticks = '`'.repeat(Math.max(3, longestTicks(lines.join('\n')) + 1))
  return `${ticks}text\n${lines.join('\n')}\n${ticks}`
}

function longestTicks(text: string): number {
  let longest = 0
  let run = 0
  for (let at = 0; at < text.length; at++) {
    run = text.charCodeAt(at) === 96 ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}
