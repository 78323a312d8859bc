// HTML that cannot be got wrong by forgetting: every value in a template is escaped, only `html` makes markup.

/** What may stand in a template. `null`, `undefined` and `false` are nothing; arrays are joined. */
export type Part = Html | string | number | bigint | null | undefined | false | readonly Part[]

class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}
export type { Html }

/** Markup from a template of this program; values go in escaped. Attribute values must stand in quotes. */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const texts = withoutIndent(template)
  let markup = texts[0] ?? ''
  for (const [index, part] of parts.entries()) markup += markupOf(part) + (texts[index + 1] ?? '')
  return new Html(markup)
}

const compact = new WeakMap<TemplateStringsArray, readonly string[]>()

/** The program's own text without the indentation of its source; values keep theirs. */
function withoutIndent(template: TemplateStringsArray): readonly string[] {
  const known = compact.get(template)
  if (known !== undefined) return known
  const texts = template.map((text) => text.replaceAll(/\n\s+/g, '\n'))
  compact.set(template, texts)
  return texts
}

function markupOf(part: Part): string {
  if (part === null || part === undefined || part === false) return ''
  if (part instanceof Html) return part.toString()
  if (typeof part === 'string') return escaped(visible(part))
  if (typeof part === 'number' || typeof part === 'bigint') return String(part)
  return part.map(markupOf).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}

// Controls, direction changes, zero-width spaces, byte order marks, tag characters and lone surrogates. Joiners
// stay: scripts and emoji need them.
const hidden =
  // oxlint-disable-next-line no-control-regex -- these are what must not reach a page as they are
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B\u202A-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]|\p{Surrogate}/gu

/** The text with invisible and direction-changing characters written out, so that it reads as it is. */
export function visible(text: string): string {
  return text.replaceAll(hidden, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code === 13 ? '' : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}

/** A link target from data: only web addresses; anything else leads nowhere. */
export function webAddress(url: string | null): string | null {
  return url !== null && /^https?:\/\/[^\s"'<>\\]+$/i.test(url) ? url : null
}
