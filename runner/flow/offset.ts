// From a position inside a text value to its place in the file: quotes, escapes, folding and indentation between.

import type { Scalar } from 'yaml'

/** Offset in `file` of the character at `index` of the node's value; the start of the node when it cannot be told. */
export function offsetInFile(file: string, node: Scalar, index: number): number {
  const start = node.range?.[0] ?? 0
  const end = node.range?.[1] ?? start
  const value = String(node.value)
  if (file.startsWith(value, start)) return start + index
  const from = contentStart(file, node, start)
  return aligned({ file, from, end }, value, index) ?? start
}

function contentStart(file: string, node: Scalar, start: number): number {
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') return file.indexOf('\n', start) + 1
  return node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? start + 1 : start
}

interface Written {
  readonly file: string
  readonly from: number
  readonly end: number
}

/** Walks value and file side by side; what stands only in the file (indentation, backslashes) is passed over. */
function aligned({ file, from, end }: Written, value: string, index: number): number | null {
  let at = from
  for (let position = 0; position <= index; position++) {
    const wanted = value.charAt(position)
    if (position === index && wanted === '') return at
    const found = isBlank(wanted) ? nextBlank(file, at, end) : file.indexOf(wanted, at)
    if (found === -1 || found >= end) return null
    if (position === index) return found
    at = isBlank(wanted) ? skipFold(file, found, value.charAt(position + 1)) : found + 1
  }
  return null
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n'
}

function nextBlank(file: string, at: number, end: number): number {
  for (let offset = at; offset < end; offset++)
    if (isBlank(file.charAt(offset)) || file.startsWith('\\n', offset)) return offset
  return -1
}

/** One blank of the value can be a line break and the indentation after it. */
function skipFold(file: string, blank: number, next: string): number {
  if (file.startsWith('\\n', blank)) return blank + 2
  let after = blank + 1
  if (!isBlank(next)) while (isBlank(file.charAt(after)) || file.charAt(after) === '\r') after += 1
  return after
}
