// Untrusted data that would decide where an action goes: it will ask people, and is told before anything runs.

import type { Action } from '../model/action.ts'
import { harmless } from '../model/trust.ts'
import { reportKey, reportValue, type Bench, type Slot } from './bench.ts'
import type { Typed } from './compile-value.ts'
import { sourcesOf, trustOfValue } from './value.ts'

export interface Flowing {
  readonly flow: string
  readonly action: Action
  readonly given: readonly (readonly [string, Typed])[]
}

export function checkTrust(bench: Bench, { flow, action, given }: Flowing): void {
  if (isAllowed(bench, flow, action.name)) return
  for (const [name, typed] of given) {
    const sink = action.sinks[name]
    if (sink === undefined || harmless(sink) || trustOfValue(typed.value) === 'trusted') continue
    reportValue(bench, typed.slot, {
      code: 'trust',
      severity: 'warning',
      message: `${sourcesOf(typed.value)} is not trusted and decides ${name} of ${action.name}, so people will be asked each time`,
      hint: 'pick it from a trusted list (ask … from), fix it in the flow, or allow it in the policy',
    })
  }
}

/** What Claude writes itself goes into text or quantity without people, nowhere else. */
export function checkAskedTrust(
  bench: Bench,
  asked: { readonly flow: string; readonly action: Action; readonly name: string; readonly slot: Slot },
): void {
  const sink = asked.action.sinks[asked.name]
  if (sink === undefined || harmless(sink) || isAllowed(bench, asked.flow, asked.action.name)) return
  reportKey(bench, asked.slot, {
    code: 'trust',
    severity: 'warning',
    message: `Claude writes ${asked.name} of ${asked.action.name}, which decides where it goes, so people will be asked each time`,
    hint: 'let Claude pick from a trusted list: { from: "${ policy.lists.… }" }',
  })
}

/** Whether a rule of the policy covers this very input is found out when it is there. */
function isAllowed(bench: Bench, flow: string, uses: string): boolean {
  return bench.policy?.allow.some((allow) => allow.flow === flow && allow.uses === uses) ?? false
}
