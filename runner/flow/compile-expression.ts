// An expression at its place in the file: its mistakes become problems with the column inside the text.

import type { Expression } from '../model/flow.ts'
import { reportValue, spotOf, type Bench, type Slot } from './bench.ts'
import { findHidden } from './decode.ts'
import { compileExpression, type Compiled } from './expression.ts'
import { offsetInFile } from './offset.ts'
import { placeAt, problemAt, sourceOf } from './source.ts'
import { showType, type Type } from './type.ts'
import type { View } from './view.ts'

export interface Wanted {
  /** What the place takes; `any` value when absent. */
  readonly type?: Type['is'] | readonly Type['is'][]
  /** In words, for the problem. */
  readonly what?: string
}

export interface Inside {
  readonly slot: Slot
  readonly source: string
  /** Where the source begins in the text of the slot. */
  readonly start: number
}

/** A bare expression, as in `when`. Null when it has a problem, which is reported. */
export function compileBare(
  bench: Bench,
  { slot, text, ...wanted }: Wanted & { readonly slot: Slot; readonly text: string },
  view: View,
): Compiled | null {
  const wrapped = /^\s*\$\{(.*)\}\s*$/s.exec(text)
  if (wrapped !== null) {
    const hint = `write it bare: ${(wrapped[1] ?? '').trim().slice(0, 80)}`
    reportValue(bench, slot, {
      code: 'expression-syntax',
      message: `${slot.key} takes an expression without \${ }`,
      hint,
    })
    return null
  }
  const lead = text.length - text.trimStart().length
  return compileInside(bench, { slot, source: text.trim(), start: lead, ...wanted }, view)
}

export function compileInside(bench: Bench, inside: Inside & Wanted, view: View): Compiled | null {
  const { slot, source, start, type, what } = inside
  const at = (index: number): number => offsetAt(bench, slot, start + index)
  const place = placeAt(bench.parsed.source, at(0))
  const result = compileExpression({ source, place, files: filesOf(bench) }, view)
  if ('faults' in result) {
    for (const { start: index, ...finding } of result.faults)
      bench.problems.push(problemAt(bench.parsed.source, at(index), finding))
    return null
  }
  const { compiled } = result
  if (type === undefined || compiled.type.is === 'any' || [type].flat().includes(compiled.type.is))
    return compiled
  bench.problems.push(
    problemAt(bench.parsed.source, at(0), {
      code: 'expression-type',
      message: `${slot.key} takes ${what ?? 'another type'}, and this gives ${showType(compiled.type)}`,
      hint: adviceFor(compiled.type),
    }),
  )
  return null
}

function adviceFor(type: Type): string {
  return type.is === 'maybe' ? 'say what holds when it is absent: .orValue(…)' : 'compare or convert it'
}

function offsetAt(bench: Bench, at: Slot, index: number): number {
  const spot = spotOf(bench, at)
  return spot.node === null ? spot.valueAt : offsetInFile(bench.parsed.source.text, spot.node, index)
}

function filesOf(bench: Bench): { get(path: string): string | undefined } {
  return {
    get: (path) => {
      const file = bench.files.read(path)
      if ('text' in file) {
        const hidden = findHidden(sourceOf(path, file.text), 'warning')
        if (hidden !== null) bench.problems.push(hidden)
        return file.text
      }
      if (file.problem !== null) bench.problems.push(file.problem)
      return undefined
    },
  }
}

/** The expression alone, where its type does not matter any more. */
export function expressionOf(compiled: Compiled | null): Expression | null {
  return compiled === null ? null : compiled.expression
}
