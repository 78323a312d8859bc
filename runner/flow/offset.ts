// From a position inside a text value to its place in the file: quotes, escapes, folding and indentation between.

import type { Scalar } from 'yaml'

/** Offset in `file` of the character at `index` of the node's value; the start of the node when it cannot be told. */
export function offsetInFile(file: string, node: Scalar, index: number): number {
  const start = node.range?.[0] ?? 0
  const end = node.range?.[1] ?? start
  const value = String(node.value)
  if (file.startsWith(value, start)) return start + index
  const from = contentStart(file, node, start)
  return aligned({ file, from, end, escapes: node.type === 'QUOTE_DOUBLE' }, value, index) ?? start
}

function contentStart(file: string, node: Scalar, start: number): number {
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') return file.indexOf('\n', start) + 1
  return node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? start + 1 : start
}

interface Written {
  readonly file: string
  readonly from: number
  readonly end: number
  /** Backslashes mean something. */
  readonly escapes: boolean
}

/** Walks value and file side by side; what stands only in the file (indentation, quotes) is passed over. */
function aligned(written: Written, value: string, index: number): number | null {
  const { file, from, end, escapes } = written
  let at = from
  for (let position = 0; position <= index; position++) {
    const wanted = value.charAt(position)
    if (position === index && wanted === '') return at
    if (escapes) at = skipContinuation(file, at)
    const escaped = escapes && file.charAt(at) === '\\'
    const found = escaped ? at : isBlank(wanted) ? nextBlank(file, at, end) : file.indexOf(wanted, at)
    if (found === -1 || found >= end) return null
    if (position === index) return found
    if (escaped) at = found + escapeLength(file.charAt(found + 1))
    else at = isBlank(wanted) ? skipFold(file, found, value.charAt(position + 1)) : found + 1
  }
  return null
}

const longEscapes: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 }

function escapeLength(letter: string): number {
  return longEscapes[letter] ?? 2
}

/** A backslash at the end of a line only joins it with the next. */
function skipContinuation(file: string, at: number): number {
  if (file.charAt(at) !== '\\' || !/[\r\n]/.test(file.charAt(at + 1))) return at
  let after = at + 1
  while (/\s/.test(file.charAt(after))) after += 1
  return after
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n'
}

function nextBlank(file: string, at: number, end: number): number {
  for (let offset = at; offset < end; offset++) if (isBlank(file.charAt(offset))) return offset
  return -1
}

/** One blank of the value can be a line break and the indentation after it. */
function skipFold(file: string, blank: number, next: string): number {
  let after = blank + 1
  if (!isBlank(next)) while (isBlank(file.charAt(after)) || file.charAt(after) === '\r') after += 1
  return after
}
