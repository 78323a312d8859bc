// Rules that raise the risk.

import type { RiskRule } from '../model/flow.ts'
import { slot, type Bench } from './bench.ts'
import { compileBare, expressionOf } from './compile-expression.ts'
import type { RiskDocument } from './document.ts'
import type { View } from './view.ts'

export function compileRisks(bench: Bench, rules: readonly RiskDocument[], view: View): readonly RiskRule[] {
  return rules.map((rule) => ({ when: condition(bench, rule, view), atLeast: rule.at_least }))
}

function condition(bench: Bench, rule: RiskDocument, view: View): RiskRule['when'] {
  if (rule.when === undefined) return null
  return expressionOf(
    compileBare(
      bench,
      { slot: slot(rule, 'when'), text: rule.when, type: 'bool', what: 'true or false' },
      view,
    ),
  )
}
