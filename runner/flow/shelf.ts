// The actions that flows can use, with their types, found by name.

import type { Action } from '../model/action.ts'
import type { JsonSchema } from '../model/json.ts'
import { field, typeOfSchema, type Field, type Type } from './type.ts'

export interface Shelf {
  readonly actions: ReadonlyMap<string, Action>
}

const shelves = new WeakMap<readonly Action[], Shelf>()

export function shelfOf(actions: readonly Action[]): Shelf {
  const known = shelves.get(actions)
  if (known !== undefined) return known
  const shelf = { actions: new Map(actions.map((action) => [action.name, action])) }
  shelves.set(actions, shelf)
  return shelf
}

/** What takes an input: an action, or a flow that is called. */
export type Taking = Pick<Action, 'input'>

/** The schema of one input; null when there is none of that name. */
export function inputSchema(action: Taking, name: string): JsonSchema | null {
  const properties = (action.input['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  return Object.hasOwn(properties, name) ? (properties[name] ?? null) : null
}

export function inputNames(action: Taking): readonly string[] {
  return Object.keys(action.input['properties'] ?? {})
}

export function requiredInputs(action: Taking): readonly string[] {
  return (action.input['required'] ?? []) as readonly string[]
}

/** The input as a condition of the policy sees it: with the defaults filled in. */
export function inputType(action: Action): Type {
  const type = typeOfSchema(action.input)
  if (type.is !== 'map') return type
  const fields = [...type.fields].map(([name, old]): [string, Field] => {
    const filledIn = 'default' in (inputSchema(action, name) ?? {})
    return [name, filledIn ? { ...old, certain: true } : old]
  })
  return { ...type, fields: new Map(fields) }
}

/** Actions whose output holds nothing but what the runner itself says. */
const ownOutput: ReadonlySet<string> = new Set(['log.record'])

/** The output as `steps.x.output`: what a remote said is untrusted, but an `id` names that very object and no other. */
export function outputField(action: Action, certain: 'certain' | 'uncertain'): Field {
  const trust = ownOutput.has(action.name) ? 'trusted' : 'untrusted'
  return field(withTrustedId(typeOfSchema(action.output)), certain, trust)
}

function withTrustedId(type: Type): Type {
  const id = type.is === 'map' ? type.fields.get('id') : undefined
  if (type.is !== 'map' || id === undefined) return type
  return { ...type, fields: new Map([...type.fields, ['id', { ...id, trust: 'trusted' }]]) }
}
