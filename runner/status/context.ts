// What every page of one request shares: the reader's language, the moment, the runner, and how links are made.

import type { Speech } from './format.ts'
import type { Language } from './language.ts'
import type { RunnerView } from '../model/runner-view.ts'

export interface Context extends Speech {
  /** The language stands in the address and stays there. */
  readonly chosen: Language | null
  readonly runner: RunnerView
  /** Questions that wait for people. */
  readonly waiting: number
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly assets: { readonly style: string; readonly script: string; readonly icon: string }
}

type Query = Readonly<Record<string, string | null | undefined>>

/** An address of this page that keeps the chosen language. `path` is made with `at`. */
export function to(context: Pick<Context, 'chosen'>, path: string, query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, lang: query['lang'] ?? context.chosen }))
    if (value !== null && value !== undefined && value !== '') parameters.set(name, value)
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
}

/** A path from parts that come from data. */
export function at(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`
}
