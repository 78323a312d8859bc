// One step: its words compiled, with what it can see, and what others will see of it.

import type { Retry, Step } from '../model/flow.ts'
import { stepPath } from '../model/id.ts'
import { slot, spotOf, type Bench } from './bench.ts'
import { checkWords, type Standing } from './check-words.ts'
import { compileEach, parallelOf } from './compile-each.ts'
import { compileBare, expressionOf } from './compile-expression.ts'
import { compileRepeat } from './compile-repeat.ts'
import { compileWork } from './compile-work.ts'
import type { StepDocument } from './document.ts'
import { spanMs } from './duration.ts'
import type { Ordered } from './order.ts'
import { roundView } from './place-view.ts'
import { type Known, knownOf } from './result.ts'
import { placeAt } from './source.ts'
import { withCertain, type View } from './view.ts'

export interface StepPlace extends Standing {
  readonly flow: string
  readonly path: string
  readonly ordered: Ordered
  /** What can be read before any step has run. */
  readonly start: View
  /** Compiles the steps of this one, when it is a group, with what it sees itself. */
  readonly group: (view: View) => Grouped
}

export interface Grouped {
  readonly steps: readonly Step[]
  readonly inside: readonly Known[]
}

export interface CompiledStep {
  readonly step: Step
  readonly known: Known
}

export function compileStep(bench: Bench, place: StepPlace, view: View): CompiledStep {
  const { flow, path, ordered, start } = place
  const { step, needs } = ordered
  checkWords(bench, step, place)
  const each = compileEach(bench, step, view)
  const own = each?.view ?? view
  const when =
    step.when === undefined
      ? null
      : compileBare(
          bench,
          { slot: slot(step, 'when'), text: step.when, type: 'bool', what: 'true or false' },
          own,
        )
  const sees = withCertain(own, when?.facts ?? [])
  const grouped = step.steps === undefined ? null : place.group(sees)
  const known = knownOf(bench, { step, item: each?.item ?? null, inside: grouped?.inside ?? [] })
  const compiled: Step = {
    path: stepPath(path),
    id: step.id,
    name: step.name ?? step.id,
    place: placeAt(bench.parsed.source, spotOf(bench, slot(step, 'id')).keyAt),
    when: expressionOf(when),
    needs,
    each: each === null ? null : { list: each.list, as: each.as, maxParallel: parallelOf(step) },
    repeat: compileRepeat(bench, step, roundView(sees, known)),
    retry: compileRetry(step),
    timeoutMs: spanMs(step.timeout),
    onError: step.on_error ?? 'fail',
    work:
      grouped === null
        ? compileWork(bench, { flow, path, step, start }, sees)
        : { is: 'group', steps: grouped.steps },
  }
  return { step: compiled, known }
}

const backoffDefault = { from: '1s', to: '1m' } as const

function compileRetry({ retry }: StepDocument): Retry | null {
  if (retry === undefined) return null
  const fromMs = spanMs(retry.backoff?.from ?? backoffDefault.from) ?? 0
  return {
    times: retry.times,
    fromMs,
    toMs: Math.max(fromMs, spanMs(retry.backoff?.to ?? backoffDefault.to) ?? 0),
    on: retry.on ?? ['timeout', 'unavailable', 'rate_limited'],
  }
}
