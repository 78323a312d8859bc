// In which order steps can run: what each needs, nothing in a circle, nothing twice.

import type { StepDocument } from './document.ts'
import { reportKey, reportValue, slot, type Bench } from './bench.ts'
import { didYouMean } from './suggest.ts'

export interface Ordered {
  readonly step: StepDocument
  /** Ids of the steps that must have ended; written out when the file leaves it to the order. */
  readonly needs: readonly string[]
  /** The needs, theirs, and so on. */
  readonly before: ReadonlySet<string>
}

/** Each step after everything it needs. With a problem the rest is still there, so that more can be told. */
export function orderSteps(bench: Bench, all: readonly StepDocument[]): readonly Ordered[] {
  const steps = all.filter((step, index) => all.findIndex((other) => other.id === step.id) === index)
  const needs = new Map<string, readonly string[]>()
  const written: string[] = []
  for (const step of steps) {
    needs.set(step.id, step.needs === undefined ? [...written] : knownNeeds(bench, step, steps))
    written.push(step.id)
  }
  const open = [...steps]
  const ordered = new Map<string, Ordered>()
  while (open.length > 0) {
    const index = open.findIndex((step) => (needs.get(step.id) ?? []).every((id) => ordered.has(id)))
    const [step] = open.splice(Math.max(index, 0), 1)
    if (step === undefined) break
    const own = needs.get(step.id) ?? []
    if (index === -1) reportCircle(bench, step, own)
    const before = own.flatMap((id) => [id, ...(ordered.get(id)?.before ?? [])])
    ordered.set(step.id, { step, needs: own.filter((id) => ordered.has(id)), before: new Set(before) })
  }
  return [...ordered.values()]
}

function knownNeeds(bench: Bench, step: StepDocument, steps: readonly StepDocument[]): readonly string[] {
  const ids = steps.map((other) => other.id).filter((id) => id !== step.id)
  const own = step.needs ?? []
  return own.filter((id, index) => {
    if (ids.includes(id)) return true
    const self = id === step.id
    reportValue(bench, slot(own, index), {
      code: self ? 'reference-cycle' : 'reference-unknown',
      message: self ? `the step ${id} needs itself` : `there is no step ${id} beside this one`,
      hint: self ? 'remove it' : didYouMean(id, ids),
    })
    return false
  })
}

function reportCircle(bench: Bench, step: StepDocument, needs: readonly string[]): void {
  const where = step.needs === undefined ? slot(step, 'id') : slot(step, 'needs')
  reportKey(bench, where, {
    code: 'reference-cycle',
    message: `the step ${step.id} waits for itself: it needs ${needs.join(', ')}, and one of these needs it`,
    hint: 'give one of them a shorter list of needs: without needs a step waits for every step written before',
  })
}
