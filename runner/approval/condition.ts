// Conditions of the policy, evaluated over the action alone: `uses`, `input`, `flow` and the policy's own lists.

import type { Expression, Scope } from '../model/flow.ts'
import type { Json } from '../model/json.ts'
import type { Policy } from '../model/policy.ts'

/** `unclear`: it threw, or gave something else than true or false. The caller decides what is safe. */
export type Held = 'yes' | 'no' | 'unclear'

export function holds(condition: Expression, scope: Scope): Held {
  try {
    const value = condition.evaluate(scope)
    return value === true ? 'yes' : value === false ? 'no' : 'unclear'
  } catch {
    return 'unclear'
  }
}

export function policyScope(
  policy: Policy,
  what: { readonly flow: string; readonly uses: string; readonly input: Json },
): Scope {
  return {
    event: {},
    inputs: {},
    steps: {},
    run: {},
    flow: what.flow,
    uses: what.uses,
    input: what.input,
    policy: { teams: policy.teams, lists: policy.lists },
  }
}
