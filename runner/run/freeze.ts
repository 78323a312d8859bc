// From a step and its scope to the action in its final form: rendered, defaults filled in, checked, frozen.

import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { renderValue, sourcesOf, trustOfValue } from '../flow/value.ts'
import type { Action } from '../model/action.ts'
import { Failure } from '../model/error.ts'
import type { Scope, Value } from '../model/flow.ts'
import type { Frozen } from '../model/journal.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Trust } from '../model/trust.ts'

export interface Draft {
  readonly with: Readonly<Record<string, Value>>
  /** What Claude filled in, over what the author fixed; the author's word wins. */
  readonly parameters: JsonObject
  readonly provenance: Readonly<Record<string, Trust>>
  /** Who filled the parameters in, in words. */
  readonly from: string
}

type Sources = Record<string, { readonly trust: Trust; readonly from: string }>

/** Throws `Failure('invalid')` naming the input that does not fit. */
export function freeze(action: Action, draft: Draft, scope: Scope): Frozen {
  const input: Record<string, Json> = {}
  const sources: Sources = {}
  for (const [name, value] of Object.entries(draft.parameters)) {
    input[name] = value
    sources[name] = { trust: draft.provenance[name] ?? 'untrusted', from: draft.from }
  }
  for (const [name, value] of Object.entries(draft.with)) {
    input[name] = renderValue(value, scope)
    sources[name] = { trust: trustOfValue(value), from: sourcesOf(value) }
  }
  checkInput(action, input)
  for (const name of Object.keys(input)) sources[name] ??= { trust: 'trusted', from: 'default' }
  return { uses: action.name, version: action.version, input, sources }
}

const ajv = new Ajv({ useDefaults: true, strict: false, allErrors: false, coerceTypes: false })
addFormats.default(ajv)
const validators = new WeakMap<Action, ValidateFunction>()

/** Fills in defaults and checks; the same schemas that validation used, on the values themselves. */
function checkInput(action: Action, input: JsonObject): void {
  const validate = validators.get(action) ?? ajv.compile(action.input)
  validators.set(action, validate)
  if (validate(input)) return
  const [error] = validate.errors ?? []
  const where = `${action.name}${(error?.instancePath ?? '').replaceAll('/', '.')}`
  throw new Failure('invalid', `${where} ${error?.message ?? 'does not fit its schema'}`, {
    remedy: 'look at what the expression gave in the journal, and at the input of the action in its schema',
  })
}
