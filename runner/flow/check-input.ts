// Whether what a step gives an action fits the action's schema: literals by Ajv, expressions by their type.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Action } from '../model/action.ts'
import type { JsonSchema } from '../model/json.ts'
import type { Problem } from '../model/problem.ts'
import { reportKey, reportValue, spotOf, type Bench, type Slot } from './bench.ts'
import type { Typed } from './compile-value.ts'
import { explain } from './explain.ts'
import { withoutNoise } from './noise.ts'
import { unchecked } from './schema.ts'
import { problemAt } from './source.ts'
import { inputNames, inputSchema, requiredInputs } from './shelf.ts'
import { didYouMean } from './suggest.ts'
import { showType, type Type } from './type.ts'

export interface GivenInput {
  readonly action: Action
  /** The step or choice that stands for the whole input. */
  readonly slot: Slot
  readonly given: readonly (readonly [name: string, value: Typed])[]
  /** Filled in by Claude. */
  readonly asked: readonly string[]
}

export function checkInput(bench: Bench, { action, slot, given, asked }: GivenInput): void {
  const names = inputNames(action)
  for (const [name, value] of given) {
    const schema = inputSchema(action, name)
    if (schema !== null) fitValue(bench, value, schema)
    else
      reportKey(bench, value.slot, {
        code: 'action-input',
        message: `${action.name} has no input ${name}`,
        hint: didYouMean(name, names),
      })
  }
  const there = new Set([...given.map(([name]) => name), ...asked])
  for (const name of requiredInputs(action).filter((name) => !there.has(name)))
    reportKey(bench, slot, {
      code: 'action-input',
      message: `${action.name} needs the input ${name}`,
      hint: `add ${name}: below with:${describe(inputSchema(action, name))}`,
    })
}

function describe(schema: JsonSchema | null): string {
  const said = schema?.['description']
  return typeof said === 'string' ? ` (${said.replace(/\.$/, '')})` : ''
}

function fitValue(bench: Bench, typed: Typed, schema: JsonSchema): void {
  if (typed.broken) return
  switch (typed.value.is) {
    case 'literal':
      return fitLiteral(bench, typed, schema)
    case 'list':
      if (!accepts(schema, 'array')) return misfit(bench, typed, { is: 'a list', schema })
      for (const [, part] of typed.parts)
        if (isSchema(schema['items'])) fitValue(bench, part, schema['items'])
      return
    case 'map':
      if (!accepts(schema, 'object')) return misfit(bench, typed, { is: 'a map', schema })
      return fitMap(bench, typed, schema)
    default:
      if (!takes(schema, typed.type)) misfit(bench, typed, { is: showType(typed.type), schema })
  }
}

function fitMap(bench: Bench, typed: Typed, schema: JsonSchema): void {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  for (const [name, part] of typed.parts) {
    const own = Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties']
    if (isSchema(own)) fitValue(bench, part, own)
    else if (own === false)
      reportKey(bench, part.slot, {
        code: 'action-input',
        message: `${name} is not known here`,
        hint: didYouMean(name, Object.keys(properties)),
      })
  }
}

function misfit(
  bench: Bench,
  typed: Typed,
  { is, schema }: { readonly is: string; readonly schema: JsonSchema },
): void {
  const wanted = typesOf(schema).join(' or ') || 'another value'
  const hint =
    typed.type.is === 'maybe'
      ? 'say what holds when it is absent: .orValue(…)'
      : adviceFor(typed.type, wanted)
  reportValue(bench, typed.slot, {
    code: 'action-input',
    message: `${typed.slot.key} takes ${wanted}, and this is ${is}`,
    hint,
  })
}

function adviceFor(type: Type, wanted: string): string {
  if (wanted === 'string')
    return type.is === 'list' ? 'write join(…, ", ") or text(…)' : 'write text(…) around it'
  if (wanted === 'integer') return 'write round(…) or int(…) around it'
  return 'convert it, or give another value'
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function typesOf(schema: JsonSchema): readonly string[] {
  const type: unknown = schema['type'] ?? []
  return Array.isArray(type) ? (type as readonly string[]) : [String(type)]
}

function accepts(schema: JsonSchema, type: string): boolean {
  const branches = [schema['anyOf'], schema['oneOf']]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter(isSchema)
  if (branches.length > 0) return branches.some((branch) => accepts(branch, type))
  const types = typesOf(schema)
  return types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'))
}

const jsonTypes: Readonly<Record<Type['is'], string | null>> = {
  any: null,
  bool: 'boolean',
  int: 'integer',
  double: 'number',
  text: 'string',
  time: 'string',
  duration: 'string',
  null: 'null',
  list: 'array',
  map: 'object',
  maybe: 'absent',
  bytes: 'bytes',
  type: 'type',
}

/** Whether a value of this type can fit the schema; bounds and patterns are checked when it is there. */
function takes(schema: JsonSchema, type: Type): boolean {
  const json = jsonTypes[type.is]
  if (json === null) return true
  if (!accepts(schema, json)) return false
  if (type.is === 'list' && isSchema(schema['items'])) return takes(schema['items'], type.of)
  const among = schema['enum']
  return (
    !(type.is === 'text' && type.among !== null && Array.isArray(among)) ||
    type.among.every((value) => among.includes(value))
  )
}

const ajv = new Ajv2020({ ...unchecked, strict: false, allErrors: true, verbose: true })
addFormats.default(ajv)
const validators = new WeakMap<JsonSchema, ValidateFunction>()

function fitLiteral(bench: Bench, typed: Typed, schema: JsonSchema): void {
  const validate = validators.get(schema) ?? ajv.compile(schema)
  validators.set(schema, validate)
  if (typed.value.is !== 'literal' || validate(typed.value.value)) return
  const [summary] = withoutNoise(validate.errors ?? [])
  if (summary === undefined) return
  const found = explain(summary, { parsed: bench.parsed, value: typed.json, name: typed.slot.key })
  const inside = summary.instancePath !== '' || summary.keyword === 'additionalProperties'
  const problem = { ...found, code: 'action-input' } as const
  bench.problems.push(inside ? problem : moved(bench, problem, typed.slot))
}

/** A single value has no place of its own in the parsed document, only its slot has. */
function moved(bench: Bench, problem: Problem, slot: Slot): Problem {
  const { code, message, hint } = problem
  return problemAt(bench.parsed.source, spotOf(bench, slot).valueAt, {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
  })
}
