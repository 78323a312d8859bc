// The subset of JSON Schema that structured outputs accept.

import { exampleOfFormat, isSchema, referred, type Schema } from './fitting.ts'

/** Per request, over the whole schema. */
export const optionalParametersMax = 24
export const unionParametersMax = 16

const keywords = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  'allOf',
  '$ref',
  '$defs',
  'definitions',
  'format',
  'minItems',
  'pattern',
  'title',
  'description',
  'default',
])
const types = new Set(['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'])
/** Look-around, back references and word boundaries are not in the grammar that constrains the output. */
const beyondSimplePattern = /\(\?|\\[1-9bB]|\\k</

interface Count {
  optional: number
  unions: number
}

/** Why the API would refuse the schema; null: it is taken. */
export function schemaRefusal(schema: unknown): string | null {
  const count: Count = { optional: 0, unions: 0 }
  if (!isSchema(schema)) return 'output_config.format.schema: must be an object'
  const refusal = refusalAt(schema, 'schema', { root: schema, count, following: [] })
  if (refusal !== null) return `output_config.format.${refusal}`
  if (count.optional > optionalParametersMax)
    return `output_config.format.schema: ${count.optional} optional parameters, at most ${optionalParametersMax}`
  if (count.unions > unionParametersMax)
    return `output_config.format.schema: ${count.unions} union-typed parameters, at most ${unionParametersMax}`
  return null
}

interface Walk {
  readonly root: Schema
  readonly count: Count
  readonly following: readonly string[]
}

function refusalAt(schema: unknown, at: string, walk: Walk): string | null {
  if (!isSchema(schema)) return `${at}: must be an object`
  const unknown = Object.keys(schema).find((keyword) => !keywords.has(keyword))
  if (unknown !== undefined) return `${at}: '${unknown}' is not supported`
  const type = schema['type']
  const named = Array.isArray(type) ? type : type === undefined ? [] : [type]
  const strange = named.find((name) => !types.has(String(name)))
  if (strange !== undefined) return `${at}.type: '${String(strange)}' is not a type`
  if (Array.isArray(type) || schema['anyOf'] !== undefined) walk.count.unions += 1
  return (
    refusalOfValue(schema, at) ??
    (named.includes('object') || schema['properties'] !== undefined
      ? refusalOfObject(schema, at, walk)
      : null) ??
    refusalOfParts(schema, at, walk)
  )
}

function refusalOfValue(schema: Schema, at: string): string | null {
  const { format, pattern, minItems } = schema
  if (format !== undefined && (typeof format !== 'string' || exampleOfFormat[format] === undefined))
    return `${at}.format: ${JSON.stringify(format)} is not supported`
  if (pattern !== undefined && (typeof pattern !== 'string' || beyondSimplePattern.test(pattern)))
    return `${at}.pattern: is not supported`
  if (minItems !== undefined && minItems !== 0 && minItems !== 1) return `${at}.minItems: must be 0 or 1`
  const values = schema['enum']
  if (values !== undefined && (!Array.isArray(values) || values.length === 0))
    return `${at}.enum: must be a non-empty array`
  return null
}

function refusalOfObject(schema: Schema, at: string, walk: Walk): string | null {
  if (schema['additionalProperties'] !== false)
    return `${at}: for 'object' type, 'additionalProperties' must be explicitly set to false`
  const properties = schema['properties'] ?? {}
  if (!isSchema(properties)) return `${at}.properties: must be an object`
  const required = schema['required'] ?? []
  if (!Array.isArray(required)) return `${at}.required: must be an array`
  const missing = required.find((name) => properties[String(name)] === undefined)
  if (missing !== undefined) return `${at}.required: '${String(missing)}' is not a property`
  walk.count.optional += Object.keys(properties).filter((name) => !required.includes(name)).length
  return firstRefusal(
    Object.entries(properties).map(
      ([name, part]) =>
        () =>
          refusalAt(part, `${at}.properties.${name}`, walk),
    ),
  )
}

function refusalOfParts(schema: Schema, at: string, walk: Walk): string | null {
  const { items, $ref } = schema
  const parts: (() => string | null)[] = []
  if (items !== undefined) parts.push(() => refusalAt(items, `${at}.items`, walk))
  for (const keyword of ['anyOf', 'allOf']) {
    const variants = schema[keyword]
    if (variants === undefined) continue
    if (!Array.isArray(variants) || variants.length === 0)
      return `${at}.${keyword}: must be a non-empty array`
    variants.forEach((part, index) => parts.push(() => refusalAt(part, `${at}.${keyword}[${index}]`, walk)))
  }
  if (typeof $ref === 'string') parts.push(() => refusalOfReference($ref, at, walk))
  return firstRefusal(parts)
}

function refusalOfReference(ref: string, at: string, walk: Walk): string | null {
  if (!ref.startsWith('#/')) return `${at}.$ref: only references inside the schema are supported`
  if (walk.following.includes(ref)) return `${at}.$ref: recursive schemas are not supported`
  const target = referred(walk.root, ref)
  if (target === undefined) return `${at}.$ref: '${ref}' does not exist`
  return refusalAt(target, ref, { ...walk, following: [...walk.following, ref] })
}

function firstRefusal(parts: readonly (() => string | null)[]): string | null {
  for (const part of parts) {
    const refusal = part()
    if (refusal !== null) return refusal
  }
  return null
}
