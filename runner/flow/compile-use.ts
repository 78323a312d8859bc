// The use of an action, by a step or by a choice: it exists, its input fits, and what its data may do is told.

import type { Action } from '../model/action.ts'
import type { Value } from '../model/flow.ts'
import type { JsonObject } from '../model/json.ts'
import { reportKey, reportValue, slot, type Bench, type Slot } from './bench.ts'
import { checkInput } from './check-input.ts'
import { checkPolicyNames } from './check-policy-names.ts'
import { checkScript } from './check-script.ts'
import { checkTrust } from './check-trust.ts'
import { compileValue, type Typed } from './compile-value.ts'
import type { AskDocument } from './document.ts'
import { didYouMean } from './suggest.ts'
import type { View } from './view.ts'

export interface Use {
  readonly flow: string
  /** The step or the choice. */
  readonly in: { readonly uses?: string; readonly with?: JsonObject }
  readonly ask: AskDocument
}

export interface CompiledUse {
  readonly action: Action | null
  readonly with: Readonly<Record<string, Value>>
}

export function compileUse(bench: Bench, use: Use, view: View): CompiledUse {
  const given = Object.entries(use.in.with ?? {}).map(([name, json]): readonly [string, Typed] => {
    const at: Slot = slot(use.in.with ?? {}, name)
    return [name, compileValue(bench, { at, json }, view)]
  })
  const compiled = Object.fromEntries(given.map(([name, typed]) => [name, typed.value]))
  const action = actionOf(bench, use)
  if (action === null) return { action, with: compiled }
  const checked = { action, flow: use.flow, slot: slot(use.in, 'uses'), given, asked: Object.keys(use.ask) }
  checkInput(bench, { ...checked, target: action, code: 'action-input' })
  checkScript(bench, checked)
  checkTrust(bench, checked)
  checkPolicyNames(bench, checked)
  return { action, with: compiled }
}

function actionOf(bench: Bench, { in: container }: Use): Action | null {
  if (container.uses === undefined) {
    if (container.with !== undefined)
      reportKey(bench, slot(container, 'with'), {
        code: 'missing-key',
        message: 'with is the input of an action, and there is none',
        hint: 'add uses:, or remove with:',
      })
    return null
  }
  const action = bench.shelf.actions.get(container.uses)
  if (action !== undefined) return action
  reportValue(bench, slot(container, 'uses'), {
    code: 'action-unknown',
    message: `there is no action ${container.uses}`,
    hint: later.has(container.uses.split('.')[0] ?? '')
      ? 'it may come in a later version; see docs/FLOWS.md for those there are'
      : didYouMean(container.uses, bench.shelf.actions.keys()),
  })
  return null
}

/** Families of the design that this version does not have. */
const later: ReadonlySet<string> = new Set(['mail', 'slack', 'runner', 'postgres'])
