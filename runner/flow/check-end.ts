// Steps that can never run, because the run ends before them.

import type { StepDocument } from './document.ts'
import { reportValue, slot, type Bench } from './bench.ts'
import type { Ordered } from './order.ts'
import { walkSteps } from './walk-steps.ts'

export function checkReach(bench: Bench, ordered: readonly Ordered[]): void {
  const ends = ordered.find(({ step }) => endsForSure(step))
  if (ends === undefined) return
  const behind = ordered.filter(({ before }) => before.has(ends.step.id))
  const [first, ...others] = behind
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  reportValue(bench, slot(first.step, 'id'), {
    code: 'unreachable',
    severity: 'warning',
    message: `the step ${first.step.id}${more} can never run: ${ends.step.id} ends the run before`,
    hint: `give ${ends.step.id} a when:, or remove what stands after it`,
  })
}

function endsForSure(step: StepDocument): boolean {
  if (step.when !== undefined) return false
  if (step.end !== undefined) return true
  return step.each === undefined && (step.steps ?? []).some(endsForSure)
}

/** Where a run can succeed before its last step: the ids of the steps that have ended there, of each such place. */
export function earlyEnds(ordered: readonly Ordered[]): readonly ReadonlySet<string>[] {
  return ordered
    .filter(({ step }) => walkSteps([step]).some((walked) => walked.step.end === 'succeeded'))
    .map(({ before }) => before)
}
