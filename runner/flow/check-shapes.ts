// Shapes that authors write (inputs, bodies of webhooks): they make sense, and a default fits its own shape.

import type { Json, JsonObject, JsonSchema } from '../model/json.ts'
import { reportKey, reportValue, slot, type Bench } from './bench.ts'
import type { FlowDocument } from './document.ts'
import { didYouMean } from './suggest.ts'
import { stepsOfFlow } from './walk-steps.ts'

export function checkInputShapes(bench: Bench, flow: FlowDocument): void {
  for (const schema of Object.values(flow.inputs ?? {})) checkShape(bench, schema)
  const waits = stepsOfFlow(flow).flatMap(({ step }) => step.wait?.event ?? [])
  for (const trigger of [...Object.values(flow.on ?? {}), ...waits])
    if (trigger.webhook?.body !== undefined) checkShape(bench, trigger.webhook.body)
}

function checkShape(bench: Bench, schema: JsonSchema): void {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  const required = (schema['required'] ?? []) as readonly string[]
  for (const [index, name] of required.entries())
    if (!Object.hasOwn(properties, name))
      reportValue(bench, slot(required, index), {
        code: 'schema',
        message: `required names ${name}, which is not below properties`,
        hint: didYouMean(name, Object.keys(properties)),
      })
  for (const [low, high] of bounds)
    if (Number(schema[low] ?? 0) > Number(schema[high] ?? Number.MAX_VALUE))
      reportKey(bench, slot(schema, low), {
        code: 'schema',
        message: `${low} is above ${high}`,
        hint: 'change one of them',
      })
  if ('default' in schema && !fitsShape(schema['default'] as Json, schema))
    reportValue(bench, slot(schema, 'default'), {
      code: 'schema',
      message: 'the default does not fit its own shape',
      hint: 'change the default or the shape',
    })
  for (const property of Object.values(properties)) checkShape(bench, property)
  if (schema['items'] !== undefined) checkShape(bench, schema['items'] as JsonSchema)
}

const bounds = [
  ['minLength', 'maxLength'],
  ['minimum', 'maximum'],
  ['minItems', 'maxItems'],
] as const

/** The few words of a shape; formats are checked where values arrive. */
function fitsShape(value: Json, schema: JsonSchema): boolean {
  const among = schema['enum']
  if (Array.isArray(among) && !among.includes(value)) return false
  switch (schema['type']) {
    case 'string':
      return (
        typeof value === 'string' && within(charactersIn(value), schema['minLength'], schema['maxLength'])
      )
    case 'integer':
      return Number.isInteger(value) && within(Number(value), schema['minimum'], schema['maximum'])
    case 'number':
      return typeof value === 'number' && within(value, schema['minimum'], schema['maximum'])
    case 'boolean':
      return typeof value === 'boolean'
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value) && fitsList(value as readonly Json[], schema)
    default:
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        fitsMap(value as JsonObject, schema)
      )
  }
}

/** As JSON Schema counts them: code points. */
function charactersIn(value: string): number {
  return Array.from(value).length
}

function within(number: number, least: unknown, most: unknown): boolean {
  return number >= Number(least ?? -Infinity) && number <= Number(most ?? Infinity)
}

function fitsList(list: readonly Json[], schema: JsonSchema): boolean {
  if (!within(list.length, schema['minItems'], schema['maxItems'])) return false
  if (schema['uniqueItems'] === true && new Set(list.map((item) => JSON.stringify(item))).size < list.length)
    return false
  const items = schema['items']
  return items === undefined || list.every((item) => fitsShape(item, items as JsonSchema))
}

function fitsMap(map: JsonObject, schema: JsonSchema): boolean {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  const required = (schema['required'] ?? []) as readonly string[]
  if (!required.every((name) => Object.hasOwn(map, name))) return false
  return Object.entries(map).every(([name, value]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    return property === undefined ? schema['additionalProperties'] !== false : fitsShape(value, property)
  })
}
