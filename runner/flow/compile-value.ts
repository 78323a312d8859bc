// A YAML value with `${ }` in it to a Value, with the type of every part, so that inputs can be checked.

import type { Expression, Value } from '../model/flow.ts'
import type { Json } from '../model/json.ts'
import { reportValue, slot, type Bench, type Slot } from './bench.ts'
import { compileInside } from './compile-expression.ts'
import { takeApart, type Piece } from './template.ts'
import { any, text as textType, type Type } from './type.ts'
import type { View } from './view.ts'

/** A compiled value beside what was written. */
export interface Typed {
  readonly slot: Slot
  readonly json: Json
  readonly value: Value
  /** Of expressions and texts; lists and maps are told by their parts. */
  readonly type: Type
  readonly parts: readonly (readonly [key: string, part: Typed])[]
  /** A problem was reported; what stands in for it is not worth another. */
  readonly broken: boolean
}

/** Never fails: what has a problem is reported and stands in as null. */
export function compileValue(
  bench: Bench,
  { at, json }: { readonly at: Slot; readonly json: Json },
  view: View,
): Typed {
  if (typeof json === 'string') return compileText(bench, { at, text: json }, view)
  if (typeof json !== 'object' || json === null) return literal(at, json)
  const keys = Array.isArray(json) ? [...json.keys()].map(String) : Object.keys(json)
  const parts = keys.map((key): readonly [string, Typed] => [
    key,
    compileValue(
      bench,
      { at: slot(json, key), json: (json as Readonly<Record<string, Json>>)[key] ?? null },
      view,
    ),
  ])
  const broken = parts.some(([, part]) => part.broken)
  if (parts.every(([, part]) => part.value.is === 'literal'))
    return {
      broken,
      slot: at,
      json,
      value: { is: 'literal', value: literalOf(json, parts) },
      type: any,
      parts,
    }
  const value: Value = Array.isArray(json)
    ? { is: 'list', items: parts.map(([, part]) => part.value) }
    : { is: 'map', entries: parts.map(([key, part]) => [key, part.value]) }
  return { slot: at, json, value, type: any, parts, broken }
}

/** As written, except that `$${` became `${`. */
function literalOf(json: Json, parts: Typed['parts']): Json {
  const entries = parts.map(([key, { value }]): [string, Json] => [
    key,
    value.is === 'literal' ? value.value : null,
  ])
  return Array.isArray(json) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

function literal(at: Slot, json: Json): Typed {
  return { slot: at, json, value: { is: 'literal', value: json }, type: any, parts: [], broken: false }
}

function failed(at: Slot): Typed {
  return { ...literal(at, null), broken: true }
}

function compileText(
  bench: Bench,
  { at, text }: { readonly at: Slot; readonly text: string },
  view: View,
): Typed {
  if (!text.includes('${')) return literal(at, text)
  const apart = takeApart(text)
  if ('unclosed' in apart) {
    const hint = 'close it with }, or write $${ for the two characters themselves'
    reportValue(bench, at, { code: 'expression-syntax', message: 'a ${ has no }', hint })
    return failed(at)
  }
  const [first, ...others] = apart.pieces
  if (first === undefined || (first.is === 'text' && others.length === 0))
    return literal(at, first?.text ?? '')
  const alone = onlyExpression(apart.pieces)
  if (alone === null) return textWithExpressions(bench, { at, text, pieces: apart.pieces }, view)
  const compiled = compileInside(bench, { slot: at, ...alone }, view)
  if (compiled === null) return failed(at)
  return {
    slot: at,
    json: text,
    value: { is: 'expression', expression: compiled.expression },
    type: compiled.type,
    parts: [],
    broken: false,
  }
}

/** A value that is wholly one expression keeps its type; the line break of a block text does not count. */
function onlyExpression(pieces: readonly Piece[]): Extract<Piece, { is: 'expression' }> | null {
  const said = pieces.filter((piece) => piece.is === 'expression' || piece.text.trim() !== '')
  const [only] = said
  return said.length === 1 && only?.is === 'expression' ? only : null
}

interface Mixed {
  readonly at: Slot
  readonly text: string
  readonly pieces: readonly Piece[]
}

const scalars = ['bool', 'int', 'double', 'text', 'time', 'duration', 'null'] as const

function textWithExpressions(bench: Bench, { at, text, pieces }: Mixed, view: View): Typed {
  const parts: (string | Expression)[] = []
  for (const piece of pieces) {
    if (piece.is === 'text') {
      parts.push(piece.text)
      continue
    }
    const what = 'a single value inside a text (text(…) makes one)'
    const compiled = compileInside(bench, { slot: at, ...piece, type: scalars, what }, view)
    if (compiled === null) return failed(at)
    parts.push(compiled.expression)
  }
  return { slot: at, json: text, value: { is: 'text', parts }, type: textType, parts: [], broken: false }
}
