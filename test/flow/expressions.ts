// One expression on its own: a view with a few names, compiled and evaluated.

import { compileExpression, type Compiled } from '../../runner/flow/expression.ts'
import { field, typeOfSchema, type Field } from '../../runner/flow/type.ts'
import type { Fault, View } from '../../runner/flow/view.ts'
import type { Json, JsonSchema } from '../../runner/model/json.ts'
import { emptyScope } from './bring.ts'

/** Shapes by name; a name without a shape can be anything. Names that start with `un_` are untrusted. */
export function viewOf(shapes: Readonly<Record<string, JsonSchema>>, files: readonly string[] = []): View {
  const roots = Object.entries(shapes).map(([name, schema]): [string, Field] => [
    name,
    field(typeOfSchema(schema), 'certain', name.startsWith('un_') ? 'untrusted' : 'trusted'),
  ])
  return {
    roots: new Map(roots),
    certain: new Set(),
    grants: new Map(),
    elsewhere: new Map(),
    files: new Set(files),
  }
}

const place = { file: 'demo.yaml', line: 7, column: 5 }
const texts = new Map([['knowledge/faq.md', 'We open at nine.']])

export function faultsIn(source: string, view: View): readonly Fault[] {
  const result = compileExpression({ source, place, files: texts }, view)
  return 'faults' in result ? result.faults : []
}

export function compiledIn(source: string, view: View): Compiled {
  const result = compileExpression({ source, place, files: texts }, view)
  if ('faults' in result) throw new Error(JSON.stringify(result.faults))
  return result.compiled
}

/** What an expression gives for these values, each with any shape unless one is given. */
export function valueOf(
  source: string,
  values: Readonly<Record<string, Json>> = {},
  shapes: Readonly<Record<string, JsonSchema>> = {},
): Json {
  const open = Object.fromEntries(Object.keys(values).map((name) => [name, {}]))
  const { expression } = compiledIn(source, viewOf({ ...open, ...shapes }, [...texts.keys()]))
  return expression.evaluate({ ...emptyScope, ...values })
}
