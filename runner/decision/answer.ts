// Claude's text to an answer, or to the reason why it is none. Nothing is repaired but the case of known words.

import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

import type { Answer, Priority } from '../model/decision.ts'
import type { Json, JsonObject, JsonSchema } from '../model/json.ts'
import type { Risk } from '../model/risk.ts'
import type { Trust } from '../model/trust.ts'
import { reasonCharactersMax } from './bounds.ts'
import type { AnswerSchema, Variant, VariantParameter } from './schema.ts'
import { strictJson } from './strict-json.ts'

export type ReadAnswer =
  | { readonly is: 'valid'; readonly answer: Answer }
  | { readonly is: 'invalid'; readonly code: InvalidCode; readonly why: string }

type InvalidCode =
  | 'too-long'
  | 'not-json'
  | 'too-deep'
  | 'duplicate-key'
  | 'unstorable'
  | 'unknown-choice'
  | 'wrong-shape'

const words: Readonly<Record<InvalidCode, string>> = {
  'too-long': 'the answer is longer than any answer can be',
  'not-json': 'the answer is not JSON, or more than one JSON value',
  'too-deep': 'the answer is nested too deeply',
  'duplicate-key': 'the answer has the same key twice',
  unstorable: 'the answer holds characters that cannot be stored',
  'unknown-choice': 'the answer chose something that was not offered',
  'wrong-shape': 'the answer does not have the shape that was asked for',
}

/**
 * @param text what the model wrote; may be anything
 * @param seen the join of the labels of what the model saw: free text of it is labelled so
 */
export function readAnswer(text: string, schema: AnswerSchema, seen: Trust): ReadAnswer {
  const read = strictJson(text)
  if (!read.ok) return invalid(read.why)
  if (!isObject(read.value)) return invalid('wrong-shape')
  const variant = variantOf(read.value['choice'], schema)
  if (variant === null) return invalid('unknown-choice')
  const value = canonical(read.value, variant.full)
  const validate = validator(variant.full)
  if (!validate(value)) return invalid('wrong-shape', validate.errors?.[0]?.instancePath ?? '')
  return { is: 'valid', answer: answerOf(value as unknown as Valid, variant, seen) }
}

/** What a value is after the full schema let it pass. */
interface Valid {
  readonly reason: string
  readonly choice: string
  readonly parameters: JsonObject
  readonly priority: Priority
  readonly risk: Risk
}

function variantOf(choice: Json | undefined, schema: AnswerSchema): Variant | null {
  if (typeof choice !== 'string') return null
  const name = sameWord(choice, [...schema.variants.keys()])
  return schema.variants.get(name ?? '') ?? null
}

/** The API does not promise the case of enum values: known words are written as the author wrote them. */
function canonical(value: Json, schema: unknown): Json {
  if (!isSchema(schema)) return value
  const among = schema['enum'] ?? (schema['const'] === undefined ? undefined : [schema['const']])
  if (typeof value === 'string')
    return (Array.isArray(among) ? sameWord(value, among) : singleVariant(value, schema)) ?? value
  if (Array.isArray(value)) return value.map((item: Json) => canonical(item, schema['items']))
  if (!isObject(value)) return value
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      canonical(inner, Object.hasOwn(properties, name) ? properties[name] : undefined),
    ]),
  )
}

/** Inside a union only words are put right: objects of a union must come as they were asked for. */
function singleVariant(value: string, schema: JsonSchema): string | null {
  const variants = Array.isArray(schema['anyOf']) ? (schema['anyOf'] as JsonSchema[]) : []
  return sameWord(
    value,
    variants.flatMap((variant) => (Array.isArray(variant['enum']) ? (variant['enum'] as Json[]) : [])),
  )
}

/** The word itself if it is known, else the only known word that differs in the case of ASCII letters. */
function sameWord(word: string, known: readonly unknown[]): string | null {
  if (known.includes(word)) return word
  const alike = known.filter((one) => typeof one === 'string' && lowered(one) === lowered(word))
  return alike.length === 1 ? String(alike[0]) : null
}

/** ASCII only: `toLowerCase` would take the Kelvin sign for a k. */
function lowered(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function answerOf(value: Valid, variant: Variant, seen: Trust): Answer {
  const { parameters } = variant
  return {
    choice: variant.choice,
    parameters: Object.fromEntries(
      parameters.map((one) => [one.name, looked(one, value.parameters[one.name])]),
    ),
    reason: cut(value.reason),
    priority: value.priority,
    risk: value.risk,
    provenance: Object.fromEntries(parameters.map((one) => [one.name, one.closed ? 'trusted' : seen])),
  }
}

function looked(parameter: VariantParameter, value: Json | undefined): Json {
  const picked = parameter.options === null ? value : parameter.options[Number(value)]
  if (picked === undefined) throw new Error(`a valid answer lacks ${parameter.name}`)
  return picked
}

/** By whole characters: half a surrogate pair cannot be stored. */
function cut(reason: string): string {
  const characters = Array.from(reason)
  return characters.length <= reasonCharactersMax
    ? reason
    : `${characters.slice(0, reasonCharactersMax - 1).join('')}…`
}

const validators = new WeakMap<JsonSchema, ValidateFunction>()

/** Schemas are ours (asked.ts writes them from a closed set of keywords), so compiling them cannot be abused. */
function validator(schema: JsonSchema): ValidateFunction {
  const known = validators.get(schema)
  if (known !== undefined) return known
  ajv ??= newAjv()
  const made = ajv.compile(schema)
  // It would keep every schema for ever; what it compiled lives without it.
  ajv.removeSchema(schema)
  validators.set(schema, made)
  return made
}

let ajv: Ajv | null = null

function newAjv(): Ajv {
  const made = new Ajv({ strict: true, strictTypes: false, ownProperties: true, validateSchema: false })
  addFormats.default(made)
  return made
}

function invalid(code: InvalidCode, at = ''): ReadAnswer {
  return { is: 'invalid', code, why: at === '' ? words[code] : `${words[code]} (at ${at.slice(0, 100)})` }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
