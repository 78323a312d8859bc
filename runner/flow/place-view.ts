// What the steps of a flow see of each other: results of steps that have ended for certain, and why others are not there.

import type { StepDocument } from './document.ts'
import { failureField } from './names.ts'
import type { StepResult } from './result.ts'
import type { Ordered } from './order.ts'
import { field, type Field, type Fields } from './type.ts'
import type { View } from './view.ts'

export interface Known {
  readonly step: StepDocument
  readonly result: StepResult
  /** The same after the run has failed: then any step may have. */
  readonly afterFailure: StepResult
}

export interface Sight {
  readonly names: Fields
  readonly files: { has(path: string): boolean }
  /** Steps of the flow, compiled so far, by id. */
  readonly known: ReadonlyMap<string, Known>
  readonly steps: readonly StepDocument[]
}

/** Inside a step: the steps it needs, directly or not. */
export function stepView(sight: Sight, of: Ordered): View {
  const elsewhere = new Map<string, string>()
  for (const other of sight.steps) {
    if (of.before.has(other.id)) continue
    const hint =
      other.id === of.step.id
        ? 'a step cannot read its own result; read it in a later step'
        : `the step ${other.id} has not ended when this one runs; name it in needs, or move this step below it`
    elsewhere.set(`steps.${other.id}`, hint)
  }
  const seen = [...of.before].flatMap((id) => sight.known.get(id) ?? [])
  return viewOf(sight, { seen, elsewhere, certain: ranForSure, more: [] })
}

/** After the last step, for `outputs`. */
export function endView(sight: Sight): View {
  return viewOf(sight, {
    seen: [...sight.known.values()],
    elsewhere: new Map(),
    certain: ranForSure,
    more: [],
  })
}

/** In `on_failure`: any step may be missing, except those of `on_failure` itself that this one needs. */
export function failureView(sight: Sight, of: Ordered, own: readonly StepDocument[]): View {
  const ownIds = new Set(own.map((step) => step.id))
  const seen = [...sight.known.values()]
    .filter(({ step }) => !ownIds.has(step.id) || of.before.has(step.id))
    .map((known) => (ownIds.has(known.step.id) ? known : { ...known, result: known.afterFailure }))
  const certain = (step: StepDocument): boolean => ownIds.has(step.id) && ranForSure(step)
  return viewOf(sight, { seen, elsewhere: new Map(), certain, more: [['failure', failureField]] })
}

/** A step without `when` ran when it has ended: had it failed, the run would be over, or it says `continue`. */
function ranForSure(step: StepDocument): boolean {
  return step.when === undefined || step.each !== undefined
}

interface Seen {
  readonly seen: readonly Known[]
  readonly elsewhere: ReadonlyMap<string, string>
  readonly certain: (step: StepDocument) => boolean
  readonly more: readonly (readonly [string, Field])[]
}

function viewOf(sight: Sight, { seen, elsewhere, certain, more }: Seen): View {
  const fields = new Map<string, Field>()
  const grants = new Map<string, readonly string[]>()
  for (const { step, result } of seen) {
    const path = `steps.${step.id}`
    fields.set(step.id, field(result.type, certain(step) ? 'certain' : 'uncertain', 'untrusted'))
    for (const [comparison, paths] of result.grants)
      grants.set(
        `${path}.${comparison}`,
        paths.map((below) => `${path}.${below}`),
      )
  }
  const steps = field({ is: 'map', fields, rest: null }, 'certain', 'untrusted')
  return {
    roots: new Map([...sight.names, ['steps', steps], ...more]),
    certain: new Set(),
    grants,
    elsewhere,
    files: sight.files,
  }
}
