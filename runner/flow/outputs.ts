// The type of a flow's outputs as another flow gets them: through JSON, where times are texts and numbers just numbers.

import type { Json } from '../model/json.ts'
import type { Typed } from './compile-value.ts'
import { any, bool, int, joined, listOf, record, text, type Field, type Type } from './type.ts'

export function outputsType(outputs: readonly (readonly [string, Typed])[]): Type {
  return record(Object.fromEntries(outputs.map(([name, typed]) => [name, asJson(typeOfTyped(typed))])))
}

function typeOfTyped({ json, value, type, parts }: Typed): Type {
  if (value.is === 'literal') return typeOfLiteral(json)
  if (value.is === 'list') return listOf(joined(parts.map(([, part]) => typeOfTyped(part))))
  if (value.is === 'map')
    return record(Object.fromEntries(parts.map(([name, part]) => [name, typeOfTyped(part)])))
  return type
}

function typeOfLiteral(json: Json): Type {
  switch (typeof json) {
    case 'string':
      return text
    case 'boolean':
      return bool
    case 'number':
      return Number.isInteger(json) ? int : any
    default:
      return any
  }
}

/**
 * A run that goes on with a stored version does not know the flow it calls, and reads its outputs without a type. So
 * here stand only types that read the same either way.
 */
function asJson(type: Type): Type {
  switch (type.is) {
    case 'text':
    case 'bool':
    case 'int':
    case 'null':
      return type
    case 'time':
    case 'duration':
      return text
    case 'list':
      return listOf(asJson(type.of))
    case 'map': {
      const fields = [...type.fields].map(([name, { type: inner, certain }]): [string, Field] => [
        name,
        { type: certain ? asJson(inner) : any, certain, trust: null },
      ])
      return { is: 'map', fields: new Map(fields), rest: type.rest === null ? null : asJson(type.rest) }
    }
    default:
      return any
  }
}
