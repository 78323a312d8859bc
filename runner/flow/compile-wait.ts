// What a step waits for: a span, a time, or an event that another trigger would have brought.

import type { EventWait, WaitWork } from '../model/flow.ts'
import { reportKey, slot, type Bench } from './bench.ts'
import { compileBare, expressionOf } from './compile-expression.ts'
import { compileTrigger } from './compile-trigger.ts'
import type { WaitDocument } from './document.ts'
import { durationMs } from './duration.ts'
import { eventField } from './names.ts'
import { compileSpan, yearBounds } from './span.ts'
import { withRoots, type View } from './view.ts'

export interface Waiting {
  /** Path of the step: an event for it is named after it. */
  readonly path: string
  readonly wait: WaitDocument
  /** What can be read before any step has run. */
  readonly start: View
}

export function compileWait(bench: Bench, { path, wait, start }: Waiting, view: View): WaitWork['wait'] {
  if (wait.match !== undefined && wait.event === undefined)
    reportKey(bench, slot(wait, 'match'), {
      code: 'schema',
      message: 'match means nothing without event',
      hint: 'remove it, or add event:',
    })
  if (wait.event !== undefined) return compileEvent(bench, { path, wait, start }, view)
  if (wait.until === undefined) return { forMs: durationMs(wait.for ?? '') ?? 0 }
  const compiled = compileBare(
    bench,
    { slot: slot(wait, 'until'), text: wait.until, type: 'time', what: 'a time' },
    view,
  )
  return compiled === null ? { forMs: 0 } : { until: compiled.expression }
}

function compileEvent(bench: Bench, { path, wait, start }: Waiting, view: View): WaitWork['wait'] {
  const { event = {}, match } = wait
  const own = new Map([['event', eventField(event)]])
  const at = slot(event, Object.keys(event)[0] ?? 'webhook')
  const trigger = compileTrigger(bench, { at, trigger: event }, withRoots(start, own))
  const text = wait.for ?? ''
  const compiled =
    match === undefined
      ? null
      : compileBare(
          bench,
          { slot: slot(wait, 'match'), text: match, type: 'bool', what: 'true or false' },
          withRoots(view, own),
        )
  return {
    event: { ...(trigger as EventWait['event']), id: path },
    match: expressionOf(compiled),
    forMs: compileSpan(bench, { ...slot(wait, 'for'), text }, yearBounds),
  }
}
