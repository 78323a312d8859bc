// Whether what a step gives an action, or a flow that it calls, fits its schema: literals by Ajv, expressions by their type.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { JsonSchema } from '../model/json.ts'
import type { Problem, ProblemCode } from '../model/problem.ts'
import { reportKey, reportValue, spotOf, type Bench, type Slot } from './bench.ts'
import type { Typed } from './compile-value.ts'
import { explain } from './explain.ts'
import { withoutNoise } from './noise.ts'
import { unchecked } from './schema.ts'
import { problemAt } from './source.ts'
import { inputNames, inputSchema, requiredInputs, type Taking } from './shelf.ts'
import { didYouMean } from './suggest.ts'
import { showType, type Type } from './type.ts'

type Target = Taking & { readonly name: string }
type Code = Extract<ProblemCode, 'action-input' | 'call-input'>

export interface GivenInput {
  /** An action, or a flow that is called. */
  readonly target: Target
  readonly code: Code
  /** The step or choice that stands for the whole input. */
  readonly slot: Slot
  readonly given: readonly (readonly [name: string, value: Typed])[]
  /** Filled in by Claude. */
  readonly asked: readonly string[]
}

export function checkInput(bench: Bench, { target, code, slot, given, asked }: GivenInput): void {
  const names = inputNames(target)
  const fitting: Fitting = { bench, code }
  for (const [name, value] of given) {
    const schema = inputSchema(target, name)
    if (schema !== null) fitValue(fitting, value, schema)
    else
      reportKey(bench, value.slot, {
        code,
        message: `${target.name} has no input ${name}`,
        hint: didYouMean(name, names),
      })
  }
  const there = new Set([...given.map(([name]) => name), ...asked])
  for (const name of requiredInputs(target).filter((name) => !there.has(name)))
    reportKey(bench, slot, {
      code,
      message: `${target.name} needs the input ${name}`,
      hint: `add ${name}: below with:${describe(inputSchema(target, name))}`,
    })
}

interface Fitting {
  readonly bench: Bench
  readonly code: Code
}

function describe(schema: JsonSchema | null): string {
  const said = schema?.['description']
  return typeof said === 'string' ? ` (${said.replace(/\.$/, '')})` : ''
}

function fitValue(fitting: Fitting, typed: Typed, schema: JsonSchema): void {
  if (typed.broken) return
  switch (typed.value.is) {
    case 'literal':
      return fitLiteral(fitting, typed, schema)
    case 'list':
      if (!accepts(schema, 'array')) return misfit(fitting, typed, { is: 'a list', schema })
      for (const [, part] of typed.parts)
        if (isSchema(schema['items'])) fitValue(fitting, part, schema['items'])
      return
    case 'map':
      if (!accepts(schema, 'object')) return misfit(fitting, typed, { is: 'a map', schema })
      return fitMap(fitting, typed, schema)
    default:
      if (!takes(schema, typed.type)) misfit(fitting, typed, { is: showType(typed.type), schema })
  }
}

function fitMap(fitting: Fitting, typed: Typed, schema: JsonSchema): void {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  for (const [name, part] of typed.parts) {
    const own = Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties']
    if (isSchema(own)) fitValue(fitting, part, own)
    else if (own === false)
      reportKey(fitting.bench, part.slot, {
        code: fitting.code,
        message: `${name} is not known here`,
        hint: didYouMean(name, Object.keys(properties)),
      })
  }
}

function misfit(
  { bench, code }: Fitting,
  typed: Typed,
  { is, schema }: { readonly is: string; readonly schema: JsonSchema },
): void {
  const wanted = typesOf(schema).join(' or ') || 'another value'
  const hint =
    typed.type.is === 'maybe'
      ? 'say what holds when it is absent: .orValue(…)'
      : adviceFor(typed.type, wanted)
  reportValue(bench, typed.slot, {
    code,
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

function fitLiteral({ bench, code }: Fitting, typed: Typed, schema: JsonSchema): void {
  const validate = validators.get(schema) ?? compiledOnce(schema)
  validators.set(schema, validate)
  if (typed.value.is !== 'literal' || validate(typed.value.value)) return
  const [summary] = withoutNoise(validate.errors ?? [])
  if (summary === undefined) return
  const found = explain(summary, { parsed: bench.parsed, value: typed.json, name: typed.slot.key })
  const inside = summary.instancePath !== '' || summary.keyword === 'additionalProperties'
  const problem = { ...found, code }
  bench.problems.push(inside ? problem : moved(bench, problem, typed.slot))
}

/** Ajv would keep the shapes of every flow there ever was. */
function compiledOnce(schema: JsonSchema): ValidateFunction {
  const validate = ajv.compile(schema)
  ajv.removeSchema(schema)
  return validate
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
