// Other flows, as far as a step that calls one has to know them.

import type { JsonSchema } from '../model/json.ts'
import type { Problem } from '../model/problem.ts'
import type { Type } from './type.ts'

export interface Callee {
  readonly name: string
  readonly inputs: Readonly<Record<string, JsonSchema>>
  /** Of its outputs as they arrive: JSON. */
  readonly outputs: Type
  /**
   * Why a call that gives untrusted data to these inputs can never do well: the flow reads what only its triggers
   * bring, or takes an input for trusted.
   */
  fault(untrusted: readonly string[]): Problem | null
}

export type Called =
  | { readonly is: 'there'; readonly callee: Callee }
  | { readonly is: 'missing'; readonly known: readonly string[] }
  /** The names from the called flow back to the one that calls. */
  | { readonly is: 'circle'; readonly way: readonly string[] }
  /** The flows that it calls call too many others. */
  | { readonly is: 'deep' }
  /** It is not known here, or its file cannot be read now. */
  | { readonly is: 'unknown' }

/** The flows of the same commit. */
export interface Flows {
  called(name: string): Called
}

/** Where one flow stands alone, as when a run goes on with the version it started with. */
export const noFlows: Flows = { called: () => ({ is: 'unknown' }) }

/** Calls below a flow, one below the other; the runner starts no more either. */
export const callsDeepMax = 5

/** Its inputs as one object, like the input of an action. */
export function inputOf({ inputs }: Callee): JsonSchema {
  const required = Object.entries(inputs).flatMap(([name, schema]) => ('default' in schema ? [] : [name]))
  return { type: 'object', properties: inputs, required, additionalProperties: false }
}
