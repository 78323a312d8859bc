// `each`: the list, and the name of its element.

import type { Expression, Scope } from '../model/flow.ts'
import type { Json } from '../model/json.ts'
import { placeAt } from './source.ts'
import { reportValue, slot, spotOf, type Bench } from './bench.ts'
import { compileValue, type Typed } from './compile-value.ts'
import type { StepDocument } from './document.ts'
import { any, field, joined, showType, text, type Type } from './type.ts'
import { expressionsIn, renderValue, sourcesOf, trustOfValue } from './value.ts'
import { withRoots, type View } from './view.ts'

export interface Each {
  readonly list: Expression
  readonly as: string
  readonly item: Type
  /** The step's own view: with the element under its name. */
  readonly view: View
}

const maxParallelDefault = 1

export function compileEach(bench: Bench, step: StepDocument, view: View): Each | null {
  if (step.each === undefined) return null
  const at = slot(step, 'each')
  const typed = compileValue(bench, { at, json: step.each }, view)
  const as = step.as ?? 'item'
  if (view.roots.has(as))
    reportValue(bench, slot(step, step.as === undefined ? 'each' : 'as'), {
      code: 'schema',
      message: `${as} already has a meaning`,
      hint: 'choose another name for the element',
    })
  const item = itemType(typed)
  if (item === null && !typed.broken)
    reportValue(bench, at, {
      code: 'expression-type',
      message: `each takes a list, and this is ${showType(typed.type)}`,
      hint:
        typeof step.each === 'string' && !step.each.includes('${')
          ? 'put the expression into ${ }'
          : 'give it a list',
    })
  const trust = trustOfValue(typed.value)
  const element = field(item ?? any, 'certain', trust)
  return {
    list: listExpression(bench, step, typed),
    as,
    item: item ?? any,
    view: withRoots(view, new Map([[as, element]])),
  }
}

export function parallelOf(step: StepDocument): number {
  return step.max_parallel ?? maxParallelDefault
}

/** Null: not a list. */
function itemType({ json, type, value, parts }: Typed): Type | null {
  if (Array.isArray(json))
    return joined(
      parts.map(([, part]) =>
        part.value.is === 'literal' && typeof part.json === 'string' ? text : part.type,
      ),
    )
  if (value.is === 'literal') return value.value === null ? any : null
  return type.is === 'list' ? type.of : type.is === 'any' ? any : null
}

/** A list that is written out evaluates like an expression. */
function listExpression(bench: Bench, step: StepDocument, { value }: Typed): Expression {
  if (value.is === 'expression') return value.expression
  const reads = new Set(expressionsIn(value).flatMap((expression) => expression.reads))
  return {
    source: value.is === 'literal' ? 'the list as written' : sourcesOf(value),
    place: placeAt(bench.parsed.source, spotOf(bench, slot(step, 'each')).valueAt),
    reads: [...reads],
    trust: trustOfValue(value),
    evaluate: (scope: Scope): Json => renderValue(value, scope),
  }
}
