// Markdown as tests see it: what stands in code, and the rest, which is what GitHub gives a meaning to.

export interface Anatomy {
  /** The text with every code span and fence replaced by a mark. */
  readonly rest: string
  /** Contents of the fences, in order. */
  readonly fences: readonly string[]
  readonly spans: readonly string[]
}

/** Fences and code spans as CommonMark 0.31 has them (sections 4.5 and 6.1); enough of it for our own bodies. */
export function anatomyOf(markdown: string): Anatomy {
  const fences: string[] = []
  const rest: string[] = []
  let open: { readonly mark: string; readonly lines: string[] } | null = null
  for (const line of markdown.split('\n')) {
    const mark = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1] ?? ''
    if (open === null) {
      if (mark === '') rest.push(line)
      else open = { mark, lines: [] }
    } else if (mark.startsWith(open.mark) && line.trim() === mark) {
      fences.push(open.lines.join('\n'))
      rest.push('<fence>')
      open = null
    } else open.lines.push(line)
  }
  if (open !== null) rest.push('<open fence>')
  const spans: string[] = []
  const without = rest.map((line) =>
    line.replace(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, (_whole, _ticks: string, inside: string) => {
      spans.push(inside)
      return '<code>'
    }),
  )
  return { rest: without.join('\n'), fences, spans }
}

/** The text that lines of `valueLines` show, read back. */
export function readBack(fence: string): unknown {
  const json = fence
    .split('\n')
    .map((line, index) => (index === 0 ? line : line.replace(/^ {4}/, '')))
    .join('')
  return JSON.parse(
    json.replace(/\\(?:u\{([0-9a-f]+)\}|(.))/g, (whole, hex: string | undefined) =>
      hex === undefined ? whole : JSON.stringify(String.fromCodePoint(Number.parseInt(hex, 16))).slice(1, -1),
    ),
  ) as unknown
}
