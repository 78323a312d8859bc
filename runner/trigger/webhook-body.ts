// The body of a webhook: JSON that the store can keep and that no reader stumbles over, in the shape the flow wants.

import { type ErrorObject, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { WebhookTrigger } from '../model/flow.ts'
import type { Json } from '../model/json.ts'
import { storable } from '../model/storable.ts'

/** More is not read at all. */
export const bodyBytesMax = 262_144
/** Lists and objects inside each other. */
export const bodyDepthMax = 64

export type Body =
  | { readonly is: 'good'; readonly value: Json }
  /** Not JSON, or JSON that is refused whatever the flow says. */
  | { readonly is: 'bad'; readonly why: string }
  | { readonly is: 'misfit'; readonly places: readonly Misfit[] }

export interface Misfit {
  /** JSON pointer into the body. */
  readonly at: string
  readonly message: string
}

export function readBody(bytes: Uint8Array, trigger: WebhookTrigger): Body {
  let value: Json
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json
  } catch {
    return { is: 'bad', why: 'the body is not JSON in UTF-8' }
  }
  const why = fault(value) ?? storable(value, 2 * bodyBytesMax)
  if (why !== null) return { is: 'bad', why }
  const places = misfits(value, trigger)
  return places.length > 0 ? { is: 'misfit', places } : { is: 'good', value }
}

/** Without recursion: the body may be as deep as it is long. */
function fault(body: Json): string | null {
  const open: { readonly value: Json; readonly depth: number }[] = [{ value: body, depth: 1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next
    if (typeof value === 'number' && !Number.isFinite(value)) return 'a number is too large'
    if (typeof value !== 'object' || value === null) continue
    if (depth > bodyDepthMax) return `it is nested deeper than ${bodyDepthMax}`
    if (isPoisoned(value)) return 'a key would change what objects are (__proto__ or constructor.prototype)'
    for (const inner of Object.values<Json>(value)) open.push({ value: inner, depth: depth + 1 })
  }
  return null
}

function isPoisoned(value: object): boolean {
  if (Object.hasOwn(value, '__proto__')) return true
  if (!Object.hasOwn(value, 'constructor')) return false
  const made: unknown = (value as { constructor: unknown }).constructor
  return typeof made === 'object' && made !== null && Object.hasOwn(made, 'prototype')
}

const ajv = new Ajv2020({ strict: false, allErrors: true, ownProperties: true })
addFormats.default(ajv)
const validators = new WeakMap<WebhookTrigger, ValidateFunction>()
const misfitsMax = 20

function misfits(value: Json, trigger: WebhookTrigger): readonly Misfit[] {
  if (trigger.body === null) return []
  const validate = validators.get(trigger) ?? ajv.compile(trigger.body)
  validators.set(trigger, validate)
  if (validate(value)) return []
  const errors: readonly ErrorObject[] = validate.errors ?? []
  return errors
    .slice(0, misfitsMax)
    .map(({ instancePath, message }) => ({ at: instancePath, message: message ?? 'does not fit' }))
}
