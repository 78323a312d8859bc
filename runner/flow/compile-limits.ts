// How much of a flow may happen: at once, in a span of time, in working time, in money.

import type { Expression, Limits } from '../model/flow.ts'
import { slot, type Bench } from './bench.ts'
import { compileBare, expressionOf } from './compile-expression.ts'
import type { FlowDocument } from './document.ts'
import { durationMs } from './duration.ts'
import { compileSpan, yearBounds } from './span.ts'
import type { View } from './view.ts'

const timeoutDefault = '1h'

export function compileLimits(bench: Bench, { limits = {} }: FlowDocument, view: View): Limits {
  const { concurrency, rate, timeout, budget } = limits
  return {
    concurrency:
      concurrency === undefined
        ? null
        : {
            key: compileKey(bench, concurrency, view),
            max: concurrency.max,
            whenFull: concurrency.when_full ?? 'queue',
            whileWaiting: concurrency.while_waiting ?? 'hold',
          },
    rate:
      rate === undefined
        ? null
        : {
            key: compileKey(bench, rate, view),
            max: rate.max,
            perMs: compileSpan(bench, { ...slot(rate, 'per'), text: rate.per }, yearBounds),
            whenFull: rate.when_full ?? 'queue',
          },
    timeoutMs: durationMs(timeout ?? timeoutDefault) ?? 0,
    budget: { perRunUsd: budget?.per_run_usd ?? null, perDayUsd: budget?.per_day_usd ?? null },
  }
}

function compileKey(bench: Bench, limit: { readonly key?: string }, view: View): Expression | null {
  if (limit.key === undefined) return null
  const type = ['text', 'int', 'double', 'bool'] as const
  const what = 'a text, a number, true or false'
  return expressionOf(compileBare(bench, { slot: slot(limit, 'key'), text: limit.key, type, what }, view))
}
