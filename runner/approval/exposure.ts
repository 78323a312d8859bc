// Where untrusted data would decide what an action does, instead of only being carried by it.

import { isDeepStrictEqual } from 'node:util'
import type { Action } from '../model/action.ts'
import type { JsonObject } from '../model/json.ts'
import { harmless, type Sink, type Trust } from '../model/trust.ts'

export interface Exposure {
  readonly name: string
  readonly sink: Sink | 'undeclared'
  readonly from: string
}

/** Inputs with untrusted data in a sink that is not harmless. What nobody vouches for counts as untrusted. */
export function untrustedSinks(of: {
  readonly action: Action
  readonly input: JsonObject
  readonly sources: Readonly<Record<string, { readonly trust: Trust; readonly from: string }>>
}): Exposure[] {
  return Object.keys(of.input).flatMap((name) => {
    const sink = Object.hasOwn(of.action.sinks, name) ? of.action.sinks[name] : undefined
    if (sink !== undefined && harmless(sink)) return []
    const source = Object.hasOwn(of.sources, name) ? of.sources[name] : undefined
    const trust = source?.trust ?? (isDefault(of, name) ? 'trusted' : 'untrusted')
    if (trust === 'trusted') return []
    return [{ name, sink: sink ?? 'undeclared', from: source?.from ?? 'an unknown place' }]
  })
}

/** A value without a source is the action's own default, or nobody knows where it came from. */
function isDefault(of: { readonly action: Action; readonly input: JsonObject }, name: string): boolean {
  const properties = of.action.input['properties']
  if (typeof properties !== 'object' || properties === null || !Object.hasOwn(properties, name)) return false
  const schema = (properties as Record<string, unknown>)[name]
  if (typeof schema !== 'object' || schema === null || !('default' in schema)) return false
  return isDeepStrictEqual(schema.default, of.input[name])
}
