// How long an answer may get, in tokens: what `max_tokens` and the reservation are computed from.
//
// The formula, worst case on purpose:
//   answer tokens = ceil(rate × (envelope + twice the reason + the longest variant's characters))
// `rate` is tokens per character of the script that is used. Characters of a variant are those of its JSON:
// names, punctuation and the bounds of every value.

/** What people are shown of a reason; what is longer is cut, not refused. */
export const reasonCharactersMax = 280

/** Braces, the five names, priority, risk, and a choice's name of up to 64 characters. */
const envelopeCharacters = 190

/**
 * English prose takes about 0.3 tokens a character and up to 0.7 when it is identifiers or figures; Korean about
 * 1.5, and the tokenizers since 4.7 count about 30 % more than those before.
 */
const tokensPerCharacter = { latin: 0.75, wide: 2.5 } as const

export type Script = keyof typeof tokensPerCharacter

/** `wide` as soon as one letter is not Latin: the answer may then be written in that script. */
export function scriptOf(...texts: readonly string[]): Script {
  const notLatin = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u
  return texts.some((text) => notLatin.test(text)) ? 'wide' : 'latin'
}

/** Tokens that a whole answer can take when its longest variant has so many characters. */
export function answerTokens(variantCharacters: number, script: Script): number {
  const characters = envelopeCharacters + 2 * reasonCharactersMax + variantCharacters
  return Math.ceil(tokensPerCharacter[script] * characters)
}

/** A choice set whose answer could be longer is refused. With thinking it must stay below the SDK's 21,333. */
export const answerTokensMax = 16_000
