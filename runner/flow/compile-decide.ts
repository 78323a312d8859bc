// A decision: its prompt, what Claude sees, and the closed set it chooses from.

import type { Ask, Choice, DecideWork, DecisionRule, Value } from '../model/flow.ts'
import type { JsonObject } from '../model/json.ts'
import { reportKey, slot, type Bench } from './bench.ts'
import { checkAnswerSize, checkAskedInput, checkChoiceNames, checkRule } from './check-decide.ts'
import { compileBare, compileInside } from './compile-expression.ts'
import { compilePrompt } from './compile-prompt.ts'
import { compileRisks } from './compile-risk.ts'
import { compileUse } from './compile-use.ts'
import { compileValue } from './compile-value.ts'
import type { AskDocument, ChoiceDocument, DecideDocument } from './document.ts'
import { parametersType } from './result-decide.ts'
import { checkSchema } from './schema.ts'
import { takeApart } from './template.ts'
import { field, oneOf } from './type.ts'
import { withRoots, type View } from './view.ts'

export interface Deciding {
  readonly flow: string
  readonly decide: DecideDocument
}

export function compileDecide(bench: Bench, { flow, decide }: Deciding, view: View): DecideWork {
  const choices = Object.entries(decide.choose ?? {})
  checkChoiceNames(bench, decide)
  checkAnswerSize(bench, decide)
  return {
    is: 'decide',
    prompt: compilePrompt(bench, decide),
    given: compileValues(bench, decide.given ?? {}, view),
    choices: choices.map(([name, choice]) => compileChoice(bench, { flow, name, choice }, view)),
    ask: compileAsk(bench, decide.ask ?? {}, view),
    rules: (decide.rules ?? []).flatMap((rule) => compileRule(bench, { decide, rule }, view)),
    risk: compileRisks(bench, decide.risk ?? [], answerView(decide, view)),
    onOutage: decide.on_outage ?? ['rules', 'park', 'people'],
  }
}

function compileValues(bench: Bench, map: JsonObject, view: View): Readonly<Record<string, Value>> {
  const entries = Object.entries(map).map(([name, json]) => [
    name,
    compileValue(bench, { at: slot(map, name), json }, view).value,
  ])
  return Object.fromEntries(entries)
}

/** Rules about the answer also see what was chosen and filled in. */
function answerView(decide: DecideDocument, view: View): View {
  const choices = Object.entries(decide.choose ?? {})
  const grants = choices.map(
    ([name, choice]) =>
      [`choice=${name}`, Object.keys(choice.ask ?? {}).map((asked) => `parameters.${asked}`)] as const,
  )
  const roots = new Map([
    ['choice', field(oneOf(choices.map(([name]) => name)), 'certain', 'trusted')],
    ['parameters', field(parametersType(decide), 'certain', 'untrusted')],
  ])
  return { ...withRoots(view, roots), grants: new Map([...view.grants, ...grants]) }
}

function compileChoice(
  bench: Bench,
  of: { readonly flow: string; readonly name: string; readonly choice: ChoiceDocument },
  view: View,
): Choice {
  const { flow, name, choice } = of
  const use = compileUse(bench, { flow, in: choice, ask: choice.ask ?? {} }, view)
  const ask = compileAsk(bench, choice.ask ?? {}, view)
  if (use.action !== null) checkAskedInput(bench, { flow, choice, action: use.action })
  return { name, means: choice.means, uses: use.action?.name ?? null, with: use.with, ask }
}

function compileAsk(bench: Bench, ask: AskDocument, view: View): Readonly<Record<string, Ask>> {
  const entries = Object.entries(ask).flatMap(([name, asked]) => {
    const compiled = compileAsked(bench, asked, view)
    return compiled === null ? [] : [[name, compiled] as const]
  })
  return Object.fromEntries(entries)
}

function compileAsked(bench: Bench, asked: JsonObject, view: View): Ask | null {
  const definition = 'from' in asked ? 'from' : 'shape'
  const problems = checkSchema(definition, { parsed: bench.parsed, value: asked, name: 'it' })
  bench.problems.push(...problems)
  if (problems.length > 0) return null
  if (definition === 'shape') return { schema: asked }
  return compileFrom(bench, asked, view)
}

/** A list from which an element is picked by its index; only a trusted one, or picking would launder it. */
function compileFrom(bench: Bench, asked: JsonObject, view: View): Ask | null {
  const at = slot(asked, 'from')
  const apart = takeApart(typeof asked['from'] === 'string' ? asked['from'] : '')
  const [only, more] = 'pieces' in apart ? apart.pieces : []
  if (only?.is !== 'expression' || more !== undefined) {
    reportKey(bench, at, {
      code: 'decide',
      message: 'from takes one expression that gives a trusted list',
      hint: 'write from: "${ policy.lists.… }"',
    })
    return null
  }
  const compiled = compileInside(bench, { slot: at, ...only, type: 'list', what: 'a list' }, view)
  if (compiled === null) return null
  if (compiled.expression.trust === 'trusted') return { from: compiled.expression }
  reportKey(bench, at, {
    code: 'decide',
    message: `the list comes from ${compiled.expression.reads.join(', ')}, which is not trusted`,
    hint: 'take it from the policy, an input or a file of the repository',
  })
  return null
}

type RuleDocument = NonNullable<DecideDocument['rules']>[number]

function compileRule(
  bench: Bench,
  { decide, rule }: { readonly decide: DecideDocument; readonly rule: RuleDocument },
  view: View,
): DecisionRule[] {
  checkRule(bench, decide, rule)
  const compiled = compileBare(
    bench,
    { slot: slot(rule, 'when'), text: rule.when, type: 'bool', what: 'true or false' },
    view,
  )
  return compiled === null
    ? []
    : [{ when: compiled.expression, choose: rule.choose, only: rule.only ?? 'always' }]
}
