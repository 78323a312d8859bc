// The frozen list of an `each`: which of its elements have ended, without looking at them all again and again.

import type { Json } from './json.ts'

/** A longer list keeps only how each element ended in memory; expressions see counts instead of `items`. */
export const listReadMax = 1_000

const endings = ['open', 'succeeded', 'failed', 'denied', 'skipped', 'timed_out'] as const
export type Ending = Exclude<(typeof endings)[number], 'open'>

/** Changed only by `endElement`. */
export interface List {
  readonly items: readonly Json[]
  /** Index into `endings`, per element. */
  readonly ended: Uint8Array
  /** Every element before it has ended. */
  firstOpen: number
  open: number
  /** Failed or denied elements in the order of their end. */
  readonly bad: number[]
}

export function newList(items: readonly Json[]): List {
  return { items, ended: new Uint8Array(items.length), firstOpen: 0, open: items.length, bad: [] }
}

export function endElement(list: List, element: number, ending: Ending): void {
  if (element >= list.ended.length || list.ended[element] !== 0) return
  list.ended[element] = endings.indexOf(ending)
  list.open -= 1
  if (ending === 'failed' || ending === 'denied') list.bad.push(element)
  while (list.firstOpen < list.ended.length && list.ended[list.firstOpen] !== 0) list.firstOpen += 1
}

export function endingOf(list: List, element: number): Ending | null {
  const ending = endings[list.ended[element] ?? 0] ?? 'open'
  return ending === 'open' ? null : ending
}

/** How many elements ended in which way. */
export function countsOf(list: List): Readonly<Record<Ending, number>> {
  const counts = { succeeded: 0, failed: 0, denied: 0, skipped: 0, timed_out: 0 }
  for (const code of list.ended) {
    const ending = endings[code] ?? 'open'
    if (ending !== 'open') counts[ending] += 1
  }
  return counts
}
