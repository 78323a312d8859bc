// The types of expressions: what JSON Schema says of a value, as far as an expression can use it.

import type { JsonSchema } from '../model/json.ts'
import type { Trust } from '../model/trust.ts'

export type Type =
  /** Nothing is known before it is evaluated. */
  | { readonly is: 'any' }
  | { readonly is: 'bool' | 'int' | 'double' | 'null' | 'time' | 'duration' | 'bytes' | 'type' }
  /** `among`: the only values it can have. */
  | { readonly is: 'text'; readonly among: readonly string[] | null }
  | { readonly is: 'list'; readonly of: Type }
  /** `rest`: the type under other keys than `fields`; null: there are none. */
  | { readonly is: 'map'; readonly fields: Fields; readonly rest: Type | null }
  /** CEL's optional value. */
  | { readonly is: 'maybe'; readonly of: Type }

export type Fields = ReadonlyMap<string, Field>

export interface Field {
  readonly type: Type
  /** False: it may be absent, and reading it wants `has()`. */
  readonly certain: boolean
  /** Null: as the value that it is a part of. */
  readonly trust: Trust | null
}

export const any: Type = { is: 'any' }
export const bool: Type = { is: 'bool' }
export const int: Type = { is: 'int' }
export const double: Type = { is: 'double' }
export const time: Type = { is: 'time' }
export const text: Type = { is: 'text', among: null }
export const listOf = (of: Type): Type => ({ is: 'list', of })
export const oneOf = (among: readonly string[]): Type => ({ is: 'text', among })

/** A map with exactly these fields, all there. */
export function record(fields: Readonly<Record<string, Type | Field>>): Type {
  const entries = Object.entries(fields).map(([name, field]): [string, Field] => [
    name,
    'certain' in field ? field : { type: field, certain: true, trust: null },
  ])
  return { is: 'map', fields: new Map(entries), rest: null }
}

export function field(type: Type, certain: 'certain' | 'uncertain', trust: Trust | null = null): Field {
  return { type, certain: certain === 'certain', trust }
}

const known = new WeakMap<JsonSchema, Type>()

/** The type of what fits a JSON Schema; remembered by the schema object. */
export function typeOfSchema(schema: JsonSchema): Type {
  const remembered = known.get(schema)
  if (remembered !== undefined) return remembered
  const type = fromSchema(schema)
  known.set(schema, type)
  return type
}

function fromSchema(schema: JsonSchema): Type {
  const among = valuesOf(schema)
  if (among !== null)
    return among.every((value) => typeof value === 'string') ? oneOf(among) : joined(among.map(typeOfValue))
  switch (schema['type']) {
    case 'string':
      return schema['format'] === 'date-time' ? time : text
    case 'integer':
      return int
    case 'number':
      return double
    case 'boolean':
      return bool
    case 'null':
      return { is: 'null' }
    case 'array':
      return listOf(isSchema(schema['items']) ? typeOfSchema(schema['items']) : any)
    case 'object':
      return mapFromSchema(schema)
    default:
      return any
  }
}

function valuesOf(schema: JsonSchema): readonly unknown[] | null {
  if ('const' in schema) return [schema['const']]
  return Array.isArray(schema['enum']) ? schema['enum'] : null
}

function typeOfValue(value: unknown): Type {
  if (typeof value === 'number') return Number.isInteger(value) ? int : double
  if (typeof value === 'boolean') return bool
  return typeof value === 'string' ? text : any
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Properties close a map, unless the schema says that there may be others. */
function mapFromSchema(schema: JsonSchema): Type {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const properties = Object.entries(isSchema(schema['properties']) ? schema['properties'] : {})
  const fields = properties.map(([name, property]): [string, Field] => [
    name,
    {
      type: isSchema(property) ? typeOfSchema(property) : any,
      certain: required.includes(name),
      trust: null,
    },
  ])
  const others = schema['additionalProperties']
  const open = others === undefined ? properties.length === 0 : others !== false
  return {
    is: 'map',
    fields: new Map(fields),
    rest: open ? (isSchema(others) ? typeOfSchema(others) : any) : null,
  }
}

/** The type of a value that is of one of several types. A field that not all have is uncertain. */
export function joined(types: readonly Type[]): Type {
  const [first, ...others] = types
  if (first === undefined) return any
  return others.reduce((one, other) => joinedTwo(one, other), first)
}

function joinedTwo(one: Type, other: Type): Type {
  if (one === other) return one
  if (one.is === 'text' && other.is === 'text')
    return one.among === null || other.among === null
      ? text
      : oneOf([...new Set([...one.among, ...other.among])])
  if (one.is === 'list' && other.is === 'list') return listOf(joinedTwo(one.of, other.of))
  if (one.is === 'map' && other.is === 'map') return joinedMaps(one, other)
  if (one.is === 'maybe' && other.is === 'maybe') return { is: 'maybe', of: joinedTwo(one.of, other.of) }
  if (isNumber(one) && isNumber(other)) return one.is === 'int' && other.is === 'int' ? int : double
  return one.is === other.is ? one : any
}

function isNumber(type: Type): boolean {
  return type.is === 'int' || type.is === 'double'
}

type MapType = Extract<Type, { is: 'map' }>

function joinedMaps(one: MapType, other: MapType): Type {
  const fields = new Map<string, Field>()
  for (const name of new Set([...one.fields.keys(), ...other.fields.keys()])) {
    const both = [one.fields.get(name), other.fields.get(name)].filter((field) => field !== undefined)
    fields.set(name, {
      type: joined(both.map((field) => field.type)),
      certain: both.length === 2 && both.every((field) => field.certain),
      trust: joinedLabel(both.map((field) => field.trust)),
    })
  }
  const rest =
    one.rest === null ? other.rest : other.rest === null ? one.rest : joinedTwo(one.rest, other.rest)
  return { is: 'map', fields, rest }
}

function joinedLabel(labels: readonly (Trust | null)[]): Trust | null {
  if (labels.includes('untrusted')) return 'untrusted'
  return labels.includes(null) ? null : 'trusted'
}

const inWords: Readonly<Record<Type['is'], string>> = {
  any: 'a value of unknown type',
  bool: 'true or false',
  int: 'a whole number',
  double: 'a number',
  text: 'a text',
  time: 'a time',
  duration: 'a time span',
  list: 'a list',
  map: 'a map',
  maybe: 'a value that may be absent',
  null: 'null',
  bytes: 'bytes',
  type: 'a type',
}

/** For people. */
export function showType(type: Type): string {
  return inWords[type.is]
}
