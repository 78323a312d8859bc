// A text with `${ }` in it, taken apart: literal pieces and the sources of expressions with their positions.

export type Piece =
  | { readonly is: 'text'; readonly text: string }
  /** `start`: where the source begins in the whole text. */
  | { readonly is: 'expression'; readonly source: string; readonly start: number }

/** `unclosed`: where a `${` without its `}` begins. */
export type Pieces = { readonly pieces: readonly Piece[] } | { readonly unclosed: number }

export function takeApart(text: string): Pieces {
  const pieces: Piece[] = []
  let literal = ''
  let at = 0
  while (at < text.length) {
    const next = text.indexOf('${', at)
    if (next === -1) break
    if (next > at && text.charAt(next - 1) === '$') {
      literal += `${text.slice(at, next - 1)}\${`
      at = next + 2
      continue
    }
    const end = closing(text, next + 2)
    if (end === null) return { unclosed: next }
    literal += text.slice(at, next)
    if (literal !== '') pieces.push({ is: 'text', text: literal })
    literal = ''
    const source = text.slice(next + 2, end)
    const lead = source.length - source.trimStart().length
    pieces.push({ is: 'expression', source: source.trim(), start: next + 2 + lead })
    at = end + 1
  }
  literal += text.slice(at)
  if (literal !== '') pieces.push({ is: 'text', text: literal })
  return { pieces }
}

/** The `}` that ends an expression: not one inside a text or a map of it. */
function closing(text: string, from: number): number | null {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"' || character === "'") {
      const end = quoteEnd(text, at, character)
      if (end === null) return null
      at = end
    } else if (character === '{') depth += 1
    else if (character === '}') {
      if (depth === 0) return at
      depth -= 1
    }
  }
  return null
}

function quoteEnd(text: string, start: number, quote: string): number | null {
  const raw = /[rR]$/.test(text.slice(Math.max(0, start - 1), start))
  const triple = text.startsWith(quote.repeat(3), start)
  const mark = triple ? quote.repeat(3) : quote
  for (let at = start + mark.length; at < text.length; at++) {
    if (!raw && text.charAt(at) === '\\') at += 1
    else if (text.startsWith(mark, at)) return at + mark.length - 1
  }
  return null
}
