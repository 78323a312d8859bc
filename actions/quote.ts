// Values inside the sentence of a ticket: on one line, nothing invisible, not endless.

const charactersMax = 160

/**
 * A text as a JSON string; what could hide or reorder the sentence around it stands as an escape. The ticket shows
 * every parameter in full beside the sentence, so that long ones are cut here, with a word that says so.
 */
export function quote(text: string): string {
  const cut = text.length > charactersMax ? text.slice(0, charactersMax) : text
  const more = text.length > charactersMax ? ` (and ${text.length - charactersMax} more characters)` : ''
  return JSON.stringify(cut).replace(hidden, escaped) + more
}

/** Controls, format characters (directions, zero widths), line and paragraph separators, odd spaces. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
