// The steps of a flow, of its `on_failure` or of a group: each after those it needs, so that it finds their results.

import type { Step } from '../model/flow.ts'
import type { Bench } from './bench.ts'
import { checkReach } from './check-end.ts'
import type { Standing } from './check-words.ts'
import { compileStep, type Grouped } from './compile-step.ts'
import type { StepDocument } from './document.ts'
import { orderSteps, type Ordered } from './order.ts'
import { insideView } from './place-view.ts'
import type { Known } from './result.ts'
import type { View } from './view.ts'

export interface Level extends Standing {
  readonly flow: string
  readonly steps: readonly StepDocument[]
  /** Before the ids in the paths: `on_failure.`, `group.`, or nothing. */
  readonly prefix: string
  /** What can be read before any step has run. */
  readonly start: View
  /** Filled while compiling. */
  readonly known: Map<string, Known>
  readonly see: (ordered: Ordered) => View
}

export interface CompiledLevel {
  readonly steps: readonly Step[]
  readonly ordered: readonly Ordered[]
}

export function compileSteps(bench: Bench, level: Level): CompiledLevel {
  const ordered = orderSteps(bench, level.steps)
  checkReach(bench, ordered)
  const steps = ordered.map((one) => {
    const path = `${level.prefix}${one.step.id}`
    const group = (view: View): Grouped => compileGroup(bench, { level, path, group: one.step }, view)
    const { step, known } = compileStep(bench, { ...level, path, ordered: one, group }, level.see(one))
    level.known.set(one.step.id, known)
    return step
  })
  return { steps, ordered }
}

interface Grouping {
  readonly level: Level
  readonly path: string
  readonly group: StepDocument
}

function compileGroup(bench: Bench, { level, path, group }: Grouping, outer: View): Grouped {
  const known = new Map<string, Known>()
  const { steps } = compileSteps(bench, {
    ...level,
    steps: group.steps ?? [],
    prefix: `${path}.`,
    listed: group.each === undefined ? level.listed : group.id,
    known,
    see: (ordered) => insideView({ outer, group, known }, ordered),
  })
  return { steps, inside: [...known.values()] }
}
