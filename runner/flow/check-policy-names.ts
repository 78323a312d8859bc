// Connections and secrets that an action names must stand in the policy.

import type { Action } from '../model/action.ts'
import type { JsonObject } from '../model/json.ts'
import { reportValue, type Bench } from './bench.ts'
import type { Typed } from './compile-value.ts'
import { didYouMean } from './suggest.ts'

export function checkPolicyNames(
  bench: Bench,
  { action, given }: { readonly action: Action; readonly given: readonly (readonly [string, Typed])[] },
): void {
  const { policy } = bench
  if (policy === null || action.uses === undefined) return
  const literals = given.flatMap(([name, { value }]) =>
    value.is === 'literal' ? [[name, value.value] as const] : [],
  )
  const used = usedBy(action, Object.fromEntries(literals))
  for (const name of used.connections) {
    if (!Object.hasOwn(policy.connections, name))
      report(bench, given, { kind: 'connection', name, known: Object.keys(policy.connections) })
  }
  for (const name of used.secrets) {
    const fromConnection = Object.values(policy.connections).some((connection) => connection.bearer === name)
    if (!fromConnection && !Object.hasOwn(policy.secrets, name))
      report(bench, given, { kind: 'secret', name, known: Object.keys(policy.secrets) })
  }
}

/** An action may not expect half an input; what it says of a whole one is asked again when it runs. */
function usedBy(
  action: Action,
  input: JsonObject,
): { readonly connections: readonly string[]; readonly secrets: readonly string[] } {
  try {
    return { connections: [], secrets: [], ...action.uses?.(input) }
  } catch {
    return { connections: [], secrets: [] }
  }
}

interface Missing {
  readonly kind: 'connection' | 'secret'
  readonly name: string
  readonly known: readonly string[]
}

function report(
  bench: Bench,
  given: readonly (readonly [string, Typed])[],
  { kind, name, known }: Missing,
): void {
  const typed = given.find(([, { json }]) => json === name)?.[1]
  if (typed === undefined) return
  reportValue(bench, typed.slot, {
    code: 'policy',
    message: `the policy has no ${kind} ${name}`,
    hint: didYouMean(name, known),
  })
}
