// A time span that has to lie between two others.

import { reportValue, type Bench, type Slot } from './bench.ts'
import { durationMs } from './duration.ts'

/** Both ends are fine; written as people write them. */
export interface Bounds {
  readonly from: string
  readonly to: string
}

/** What a round, a rate or a wait may take at the outside. */
export const yearBounds: Bounds = { from: '1s', to: '365d' }

/** In milliseconds; the schema has seen that it is a time span, here its bounds are told. */
export function compileSpan(bench: Bench, at: Slot & { readonly text: string }, bounds: Bounds): number {
  const ms = durationMs(at.text) ?? 0
  if (ms < (durationMs(bounds.from) ?? 0) || ms > (durationMs(bounds.to) ?? 0))
    reportValue(bench, at, {
      code: 'schema',
      message: `${at.key} ${at.text} is out of bounds`,
      hint: `from ${bounds.from} to ${bounds.to}`,
    })
  return ms
}
