// One step: its words compiled, with what it can see.

import type { Retry, Step, Work } from '../model/flow.ts'
import { impossible } from '../model/impossible.ts'
import { stepPath } from '../model/id.ts'
import { reportKey, slot, spotOf, type Bench } from './bench.ts'
import { compileDecide } from './compile-decide.ts'
import { compileEach, parallelOf } from './compile-each.ts'
import { compileBare, expressionOf } from './compile-expression.ts'
import { compileRisks } from './compile-risk.ts'
import { compileUse } from './compile-use.ts'
import { compileValue } from './compile-value.ts'
import type { StepDocument } from './document.ts'
import { durationMs } from './duration.ts'
import type { Ordered } from './order.ts'
import { placeAt } from './source.ts'
import type { Type } from './type.ts'
import { withCertain, type View } from './view.ts'

export interface StepPlace {
  readonly flow: string
  /** Before the id in the path: `on_failure.` or nothing. */
  readonly prefix: string
  readonly ordered: Ordered
}

export interface CompiledStep {
  readonly step: Step
  /** Of an element of `each`; null without. */
  readonly item: Type | null
}

export function compileStep(bench: Bench, { flow, prefix, ordered }: StepPlace, view: View): CompiledStep {
  const { step, needs } = ordered
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
  checkWords(bench, step)
  const compiled: Step = {
    path: stepPath(`${prefix}${step.id}`),
    id: step.id,
    name: step.name ?? step.id,
    place: placeAt(bench.parsed.source, spotOf(bench, slot(step, 'id')).keyAt),
    when: expressionOf(when),
    needs,
    each: each === null ? null : { list: each.list, as: each.as, maxParallel: parallelOf(step) },
    repeat: null,
    retry: compileRetry(step),
    timeoutMs: spanMs(step.timeout),
    onError: step.on_error ?? 'fail',
    work: compileWork(bench, { flow, step }, withCertain(own, when?.facts ?? [])),
  }
  return { step: compiled, item: each?.item ?? null }
}

/** Null when absent; the schema has seen that it is a time span. */
export function spanMs(text: string | undefined): number | null {
  return text === undefined ? null : durationMs(text)
}

/** Words that only mean something beside another. */
function checkWords(bench: Bench, step: StepDocument): void {
  const alone = (key: 'with' | 'risk' | 'as' | 'max_parallel', other: string): void =>
    reportKey(bench, slot(step, key), {
      code: 'schema',
      message: `${key} means nothing without ${other}`,
      hint: `remove it, or add ${other}:`,
    })
  if (step.uses === undefined && step.with !== undefined) alone('with', 'uses')
  if (step.uses === undefined && step.risk !== undefined)
    alone('risk', step.decide === undefined ? 'uses' : 'uses (inside decide: it is decide.risk)')
  if (step.each === undefined && step.as !== undefined) alone('as', 'each')
  if (step.each === undefined && step.max_parallel !== undefined) alone('max_parallel', 'each')
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

type Kind = 'uses' | 'decide' | 'approve' | 'wait'

function kindOf(step: StepDocument): Kind {
  if (step.decide !== undefined) return 'decide'
  if (step.approve !== undefined) return 'approve'
  return step.wait === undefined ? 'uses' : 'wait'
}

function compileWork(
  bench: Bench,
  { flow, step }: { readonly flow: string; readonly step: StepDocument },
  view: View,
): Work {
  const kind = kindOf(step)
  switch (kind) {
    case 'uses': {
      const use = compileUse(bench, { flow, in: step, ask: {} }, view)
      return {
        is: 'uses',
        uses: step.uses ?? '',
        with: use.with,
        risk: compileRisks(bench, step.risk ?? [], view),
      }
    }
    case 'decide':
      return compileDecide(bench, { flow, decide: step.decide ?? { prompt: '' } }, view)
    case 'approve': {
      const { show = null, approvers, need, expires } = step.approve ?? {}
      const shown = compileValue(bench, { at: slot(step.approve ?? {}, 'show'), json: show }, view)
      return {
        is: 'approve',
        show: shown.value,
        approvers: approvers ?? null,
        need: need ?? null,
        expiresMs: spanMs(expires),
      }
    }
    case 'wait':
      return { is: 'wait', wait: compileWait(bench, step.wait ?? {}, view) }
    default:
      return impossible(kind)
  }
}

type Wait = Extract<Work, { is: 'wait' }>['wait']

function compileWait(bench: Bench, wait: NonNullable<StepDocument['wait']>, view: View): Wait {
  if (wait.until === undefined) return { forMs: spanMs(wait.for) ?? 0 }
  const compiled = compileBare(
    bench,
    { slot: slot(wait, 'until'), text: wait.until, type: 'time', what: 'a time' },
    view,
  )
  return compiled === null ? { forMs: 0 } : { until: compiled.expression }
}
