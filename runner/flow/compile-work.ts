// What one step does, by its kind.

import type { Work } from '../model/flow.ts'
import { impossible } from '../model/impossible.ts'
import { slot, type Bench } from './bench.ts'
import { compileCall } from './compile-call.ts'
import { compileDecide } from './compile-decide.ts'
import { compileRisks } from './compile-risk.ts'
import { compileUse } from './compile-use.ts'
import { compileValue } from './compile-value.ts'
import { compileWait } from './compile-wait.ts'
import type { StepDocument } from './document.ts'
import { spanMs } from './duration.ts'
import type { View } from './view.ts'

type Single = Exclude<Work, { is: 'group' }>
type Kind = Single['is']

function kindOf(step: StepDocument): Kind {
  if (step.decide !== undefined) return 'decide'
  if (step.approve !== undefined) return 'approve'
  if (step.wait !== undefined) return 'wait'
  if (step.call !== undefined) return 'call'
  return step.end === undefined ? 'uses' : 'end'
}

export interface Working {
  readonly flow: string
  readonly path: string
  readonly step: StepDocument
  /** What can be read before any step has run. */
  readonly start: View
}

/** Every kind but a group, whose steps are compiled on their own. */
export function compileWork(bench: Bench, working: Working, view: View): Single {
  const { flow, path, step, start } = working
  const kind = kindOf(step)
  switch (kind) {
    case 'uses':
      return {
        is: 'uses',
        uses: step.uses ?? '',
        with: compileUse(bench, { flow, in: step, ask: {} }, view).with,
        risk: compileRisks(bench, step.risk ?? [], view),
      }
    case 'decide':
      return compileDecide(bench, { flow, decide: step.decide ?? { prompt: '' } }, view)
    case 'approve':
      return compileApprove(bench, step.approve ?? { show: null }, view)
    case 'wait':
      return { is: 'wait', wait: compileWait(bench, { path, wait: step.wait ?? {}, start }, view) }
    case 'call':
      return compileCall(bench, step, view)
    case 'end': {
      const at = slot(step, 'reason')
      const { reason } = step
      const value = reason === undefined ? null : compileValue(bench, { at, json: reason }, view).value
      return { is: 'end', status: step.end ?? 'succeeded', reason: value }
    }
    default:
      return impossible(kind)
  }
}

function compileApprove(
  bench: Bench,
  approve: NonNullable<StepDocument['approve']>,
  view: View,
): Extract<Work, { is: 'approve' }> {
  const { show, approvers, need, expires } = approve
  return {
    is: 'approve',
    show: compileValue(bench, { at: slot(approve, 'show'), json: show }, view).value,
    approvers: approvers ?? null,
    need: need ?? null,
    expiresMs: spanMs(expires),
  }
}
