// What an author asks for, as two schemas: the subset that the API takes, and the full one that decides.
//
// The API's subset knows no bounds and wants every property required and no others
// (https://platform.claude.com/docs/en/build-with-claude/structured-outputs). Bounds go into the description for
// the model and into the full schema for us. Keywords that cannot be kept in both are problems, never dropped.

import type { Json, JsonObject, JsonSchema } from '../model/json.ts'
import { storable } from './strict-json.ts'

export interface AskedPart {
  readonly output: JsonSchema
  readonly full: JsonSchema
  /** Of the JSON of the longest value. */
  readonly characters: number
  readonly unions: number
  /** Every value it allows was written by the author: then choosing one is no more than choosing. */
  readonly closed: boolean
}

export const textCharactersDefault = 2_000
export const listItemsDefault = 20
/** A number without bounds of its own: 1e26 would pass `minimum: 0`. */
export const numberDefault = 1_000_000_000_000
export const askedDepthMax = 8
export const enumValuesMax = 200
export const propertiesMax = 40
const numberCharacters = 24
const sizeMax = 100_000
/** Begins with a letter, so that no name of JavaScript's own objects is among them. */
export const propertyName = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/

const formats = ['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid']
const notes = ['title', 'description', 'default']
const numeric = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
const keywordsOf: ReadonlyMap<unknown, readonly string[]> = new Map<string, readonly string[]>([
  ['string', ['minLength', 'maxLength', 'format']],
  ['integer', numeric],
  ['number', numeric],
  ['boolean', []],
  ['null', []],
  ['array', ['items', 'minItems', 'maxItems', 'uniqueItems']],
  ['object', ['properties', 'required', 'additionalProperties']],
])

/** Where the walk is, and what it found wrong so far (in words, for the author). */
export interface Walk {
  readonly at: string
  readonly depth: number
  readonly problems: string[]
}

/** Both schemas of one parameter. With problems the result is there, but must not be used. */
export function askedPart(schema: JsonObject, walk: Walk): AskedPart {
  if (walk.depth > askedDepthMax) return wrong(walk, `is nested deeper than ${askedDepthMax}`)
  if (schema['enum'] !== undefined || schema['const'] !== undefined) return closedSet(schema, walk)
  if (schema['anyOf'] !== undefined) return union(schema, schema['anyOf'], walk)
  const type = schema['type']
  if (Array.isArray(type)) {
    const { type: _, ...rest } = schema
    const variants = type.map((one): JsonObject => pick(rest, one as Json))
    return union({ anyOf: variants }, variants, walk)
  }
  const known = keywordsOf.get(type)
  if (typeof type !== 'string' || known === undefined)
    return wrong(walk, `needs \`type\`: string, integer, number, boolean, null, array, object`)
  refuseUnknown(schema, ['type', ...known], walk)
  return ofType(type, schema, walk)
}

function ofType(type: string, schema: JsonObject, walk: Walk): AskedPart {
  switch (type) {
    case 'string':
      return text(schema, walk)
    case 'integer':
    case 'number':
      return figure(type, schema, walk)
    case 'array':
      return list(schema, walk)
    case 'object':
      return object(schema, walk)
    default:
      return { ...leaf({ type }, { type }, 5), output: described(schema, { type }), closed: true }
  }
}

/** Of several types, each takes the keywords that are its own. */
function pick(schema: JsonObject, type: Json): JsonObject {
  const own = new Set([...(keywordsOf.get(type) ?? []), ...notes])
  const known = new Set([...keywordsOf.values()].flat())
  const kept = Object.entries(schema).filter(([keyword]) => own.has(keyword) || !known.has(keyword))
  return { ...Object.fromEntries(kept), type }
}

function text(schema: JsonObject, walk: Walk): AskedPart {
  const maxLength = count(schema, 'maxLength', walk) ?? textCharactersDefault
  const minLength = count(schema, 'minLength', walk) ?? 0
  if (minLength > maxLength) wrong(walk, '`minLength` is above `maxLength`')
  const format = schema['format']
  if (format !== undefined && (typeof format !== 'string' || !formats.includes(format)))
    wrong(walk, `\`format\` must be one of ${formats.join(', ')}`)
  const shape = format === undefined ? { type: 'string' } : { type: 'string', format }
  const bounds = [`at most ${maxLength} characters`, ...(minLength > 0 ? [`at least ${minLength}`] : [])]
  const output = described(schema, shape, bounds.join(', '))
  return leaf(output, { ...shape, minLength, maxLength }, maxLength + 2)
}

function figure(type: string, schema: JsonObject, walk: Walk): AskedPart {
  const said: Record<string, number> = {}
  for (const keyword of numeric) {
    const value = schema[keyword]
    if (value === undefined) continue
    if (typeof value !== 'number' || !Number.isFinite(value)) wrong(walk, `\`${keyword}\` must be a number`)
    else said[keyword] = value
  }
  if ((said['multipleOf'] ?? 1) <= 0) wrong(walk, '`multipleOf` must be above 0')
  const bounds = Object.entries(said).map(([keyword, value]) => `${keyword} ${value}`)
  const full = { type, minimum: -numberDefault, maximum: numberDefault, ...said }
  return leaf(described(schema, { type }, bounds.join(', ')), full, numberCharacters)
}

function list(schema: JsonObject, walk: Walk): AskedPart {
  const maxItems = count(schema, 'maxItems', walk) ?? listItemsDefault
  const minItems = count(schema, 'minItems', walk) ?? 0
  if (minItems > maxItems) wrong(walk, '`minItems` is above `maxItems`')
  const unique = schema['uniqueItems'] === true
  const items = part(schema['items'], inside(walk, '[]'))
  const shape = { type: 'array', items: items.output, minItems: Math.min(minItems, 1) }
  const bounds = [`${minItems} to ${maxItems} items`, ...(unique ? ['all different'] : [])]
  return {
    output: described(schema, shape, bounds.join(', ')),
    full: { type: 'array', items: items.full, minItems, maxItems, uniqueItems: unique },
    characters: 2 + maxItems * (items.characters + 1),
    unions: items.unions,
    closed: items.closed,
  }
}

function object(schema: JsonObject, walk: Walk): AskedPart {
  const given = schema['properties'] ?? {}
  if (!isObject(given)) return wrong(walk, '`properties` must be a map')
  if (schema['additionalProperties'] !== undefined && schema['additionalProperties'] !== false)
    wrong(walk, '`additionalProperties` can only be false')
  const names = Object.keys(given)
  if (names.length > propertiesMax) return wrong(walk, `has more than ${propertiesMax} properties`)
  const strange = names.find((name) => !propertyName.test(name))
  if (strange !== undefined) return wrong(walk, `\`${strange}\` is not a name: letters, digits, \`_\`, \`-\``)
  const required = schema['required'] ?? names
  if (!Array.isArray(required) || required.some((name) => !names.includes(String(name))))
    wrong(walk, '`required` must name properties')
  const parts = names.map((name) => [name, part(given[name], inside(walk, `.${name}`))] as const)
  return { ...joinObject(parts), output: described(schema, joinObject(parts).output) }
}

/** An object of parts: every property required, no others. */
export function joinObject(parts: readonly (readonly [string, AskedPart])[]): AskedPart {
  const side = (of: 'output' | 'full'): JsonSchema => ({
    type: 'object',
    properties: Object.fromEntries(parts.map(([name, part]) => [name, part[of]])),
    required: parts.map(([name]) => name),
    additionalProperties: false,
  })
  return {
    output: side('output'),
    full: side('full'),
    characters: parts.reduce((sum, [name, part]) => sum + name.length + 4 + part.characters, 2),
    unions: parts.reduce((sum, [, part]) => sum + part.unions, 0),
    closed: parts.every(([, part]) => part.closed),
  }
}

function union(schema: JsonObject, given: Json, walk: Walk): AskedPart {
  refuseUnknown(schema, ['anyOf'], walk)
  if (!Array.isArray(given) || given.length === 0) return wrong(walk, '`anyOf` must be a list')
  const variants = given.map((one, index) => part(one, inside(walk, `.anyOf[${index}]`)))
  return {
    output: described(schema, { anyOf: variants.map((variant) => variant.output) }),
    full: { anyOf: variants.map((variant) => variant.full) },
    characters: Math.max(...variants.map((variant) => variant.characters)),
    unions: variants.reduce((sum, variant) => sum + variant.unions, 1),
    closed: variants.every((variant) => variant.closed),
  }
}

function closedSet(schema: JsonObject, walk: Walk): AskedPart {
  refuseUnknown(schema, ['type', 'enum', 'const'], walk)
  const values = schema['enum'] ?? [schema['const'] ?? null]
  if (!Array.isArray(values) || values.length === 0 || values.length > enumValuesMax)
    return wrong(walk, `\`enum\` must be a list of 1 to ${enumValuesMax} values`)
  if (values.some((value) => typeof value === 'object' && value !== null))
    return wrong(walk, '`enum` and `const` take texts, numbers, true, false and null')
  if (values.some((value) => typeof value === 'string' && !storable(value)))
    return wrong(walk, '`enum` holds characters that cannot be stored')
  const types = new Set(values.map((value) => (value === null ? 'null' : typeof value)))
  const shape =
    types.size === 1 ? { type: [...types][0], enum: distinct(values) } : { enum: distinct(values) }
  const characters = Math.max(...values.map((value) => JSON.stringify(value).length))
  return { ...leaf(described(schema, shape), shape, characters), closed: true }
}

/** `1` and `1.0` are one number. */
function distinct(values: readonly Json[]): readonly Json[] {
  return [...new Set(values)]
}

function part(schema: Json | undefined, walk: Walk): AskedPart {
  return isObject(schema) ? askedPart(schema, walk) : wrong(walk, 'needs a schema')
}

function leaf(output: JsonSchema, full: JsonSchema, characters: number): AskedPart {
  return { output, full, characters, unions: 0, closed: false }
}

/** The author's words for the model, and the bounds that the subset cannot say. */
function described(schema: JsonObject, shape: JsonSchema, bounds = ''): JsonSchema {
  const own = schema['description']
  const words = [typeof own === 'string' ? own : '', bounds].filter((word) => word !== '')
  return words.length === 0 ? shape : { ...shape, description: words.join(' — ') }
}

function count(schema: JsonObject, keyword: string, walk: Walk): number | null {
  const value = schema[keyword]
  if (value === undefined) return null
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= sizeMax) return value
  wrong(walk, `\`${keyword}\` must be a whole number from 0 to ${sizeMax}`)
  return null
}

function refuseUnknown(schema: JsonObject, known: readonly string[], walk: Walk): void {
  const unknown = Object.keys(schema).find((keyword) => ![...known, ...notes].includes(keyword))
  if (unknown !== undefined) wrong(walk, `\`${unknown}\` cannot be asked here`)
}

function wrong(walk: Walk, message: string): AskedPart {
  walk.problems.push(`${walk.at}: ${message}`)
  return leaf({ type: 'null' }, { type: 'null' }, 4)
}

function inside(walk: Walk, step: string): Walk {
  return { ...walk, at: walk.at + step, depth: walk.depth + 1 }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
