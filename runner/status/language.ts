// Which language a reader gets: the one in the address, else the first of Accept-Language that there is.

import { en, type Text } from './text-en.ts'
import { ko } from './text-ko.ts'

export const languages = ['en', 'ko'] as const
export type Language = (typeof languages)[number]

export type { Text }

export const texts: Readonly<Record<Language, Text>> = { en, ko }

/** What `Intl` is asked for, so that days come before months as the texts have them. */
export const locales: Readonly<Record<Language, string>> = { en: 'en-GB', ko: 'ko-KR' }

/**
 * The language of a request.
 * @param chosen value of `?lang=`, if any
 * @param accepted the header `Accept-Language` (RFC 9110, 12.5.4)
 */
export function chooseLanguage(chosen: string | undefined, accepted: string | undefined): Language {
  const asked = languages.find((language) => language === chosen)
  if (asked !== undefined) return asked
  const ranges = (accepted ?? '').slice(0, acceptedCharactersMax).split(',').map(rangeOf)
  const wanted = ranges.filter((range) => range.weight > 0).sort((a, b) => b.weight - a.weight)
  for (const range of wanted) {
    const known = languages.find((language) => range.language === language || range.language === '*')
    if (known !== undefined) return known
  }
  return 'en'
}

const acceptedCharactersMax = 200

function rangeOf(text: string): { readonly language: string; readonly weight: number } {
  const [tag = '', ...parameters] = text.trim().toLowerCase().split(';')
  const q = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='))
  const weight = q === undefined ? 1 : Number(q.slice(2))
  return { language: tag.split('-')[0] ?? '', weight: Number.isFinite(weight) ? weight : 0 }
}
