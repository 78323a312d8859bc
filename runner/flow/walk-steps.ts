// Every step as written, those of a group after the group itself.

import type { FlowDocument, StepDocument } from './document.ts'

export interface Walked {
  readonly step: StepDocument
  /** Groups around it, the outermost first. */
  readonly groups: readonly StepDocument[]
}

export function walkSteps(
  steps: readonly StepDocument[],
  groups: readonly StepDocument[] = [],
): readonly Walked[] {
  return steps.flatMap((step) => [{ step, groups }, ...walkSteps(step.steps ?? [], [...groups, step])])
}

/** Those of `on_failure` included. */
export function stepsOfFlow(flow: FlowDocument): readonly Walked[] {
  return walkSteps([...flow.steps, ...(flow.on_failure?.steps ?? [])])
}
