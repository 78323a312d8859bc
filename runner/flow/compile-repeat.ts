// `repeat`: when the rounds end, which the step's own result says.

import type { Repeat } from '../model/flow.ts'
import { reportValue, slot, type Bench } from './bench.ts'
import { compileBare } from './compile-expression.ts'
import type { StepDocument } from './document.ts'
import { compileSpan, yearBounds } from './span.ts'
import type { View } from './view.ts'

/** `view`: with the step's own result. Null without `repeat`, or when its expression has a problem. */
export function compileRepeat(bench: Bench, { repeat }: StepDocument, view: View): Repeat | null {
  if (repeat === undefined) return null
  const everyMs = compileSpan(bench, { ...slot(repeat, 'every'), text: repeat.every }, yearBounds)
  const withinMs = compileSpan(bench, { ...slot(repeat, 'within'), text: repeat.within }, yearBounds)
  if (everyMs > withinMs)
    reportValue(bench, slot(repeat, 'every'), {
      code: 'schema',
      message: `every ${repeat.every} is longer than within ${repeat.within}, so there is no second round`,
      hint: 'make within longer',
    })
  const until = compileBare(
    bench,
    { slot: slot(repeat, 'until'), text: repeat.until, type: 'bool', what: 'true or false' },
    view,
  )
  return until === null ? null : { until: until.expression, everyMs, withinMs }
}
