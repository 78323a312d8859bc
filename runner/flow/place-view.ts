// What the steps of a flow see of each other: results of steps that have ended for certain, and why others are not there.

import type { StepDocument } from './document.ts'
import { failureField } from './names.ts'
import { grantsBelow, type Known, ranForSure } from './result.ts'
import type { Ordered } from './order.ts'
import { field, type Field, type Fields } from './type.ts'
import { withRoots, type View } from './view.ts'

/** Where steps stand beside each other: in the flow, in its `on_failure`, or in a group. */
export interface Sight {
  readonly names: Fields
  readonly files: { has(path: string): boolean }
  /** Of these steps those compiled so far, by id. */
  readonly known: ReadonlyMap<string, Known>
  readonly steps: readonly StepDocument[]
}

/** Inside a step: the steps it needs, directly or not. */
export function stepView(sight: Sight, of: Ordered): View {
  const seen = [...of.before].flatMap((id) => sight.known.get(id) ?? [])
  return viewOf(sight, { seen, elsewhere: notYet(sight.steps, of), certain: ranForSure, more: [] })
}

/**
 * After the last step, for `outputs`. `before`: where a run can end early, with the ids of the steps that have ended
 * there; the others may not have run.
 */
export function endView(sight: Sight, before: readonly ReadonlySet<string>[]): View {
  const certain = (step: StepDocument): boolean => ranForSure(step) && before.every((ids) => ids.has(step.id))
  return viewOf(sight, {
    seen: [...sight.known.values()],
    elsewhere: hiddenIn(sight.steps),
    certain,
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
  const elsewhere = new Map([...hiddenIn(sight.steps), ...notYet(own, of)])
  return viewOf(sight, { seen, elsewhere, certain, more: [['failure', failureField]] })
}

export interface Inside {
  /** What the group itself sees. */
  readonly outer: View
  readonly group: StepDocument
  /** Of the steps of the group those compiled so far. */
  readonly known: ReadonlyMap<string, Known>
}

/** Inside a group: what the group sees, and of its own steps those that this one needs. */
export function insideView({ outer, group, known }: Inside, of: Ordered): View {
  const seen = [...of.before].flatMap((id) => known.get(id) ?? [])
  const own = `the group ${group.id} has not ended while its steps run; beside each other they are read as steps.<id>`
  const elsewhere = new Map([
    ...outer.elsewhere,
    [`steps.${group.id}`, own] as const,
    ...notYet(group.steps ?? [], of),
  ])
  return { ...withResults(outer, { seen, certain: ranForSure }), elsewhere }
}

/** With the step's own result, as `until` sees it after a round. */
export function roundView(view: View, known: Known): View {
  const round = { ...known, result: known.round }
  return withResults(view, { seen: [round], certain: () => true })
}

function notYet(steps: readonly StepDocument[], of: Ordered): ReadonlyMap<string, string> {
  const hints = new Map(hiddenIn(steps))
  for (const { id } of steps) {
    if (of.before.has(id)) continue
    const hint =
      id === of.step.id
        ? 'a step cannot read its own result; read it in a later step'
        : `the step ${id} has not ended when this one runs; name it in needs, or move this step below it`
    hints.set(`steps.${id}`, hint)
  }
  return hints
}

/** Steps inside groups, and how they are read from here. */
function hiddenIn(steps: readonly StepDocument[]): ReadonlyMap<string, string> {
  const hints = new Map<string, string>()
  const add = (group: StepDocument, path: string): void => {
    const below = `${path}.${group.each === undefined ? 'steps' : 'items[0].steps'}`
    if (group.each !== undefined)
      hints.set(`${path}.steps`, `${group.id} ran for each element: read ${below}.<id>, or use map(…)`)
    for (const step of group.steps ?? []) {
      hints.set(`steps.${step.id}`, `it stands in the group ${group.id}: read ${below}.${step.id}`)
      if (step.steps !== undefined) add(step, `${below}.${step.id}`)
    }
  }
  for (const step of steps) if (step.steps !== undefined) add(step, `steps.${step.id}`)
  return hints
}

interface Results {
  readonly seen: readonly Known[]
  readonly certain: (step: StepDocument) => boolean
}

interface Seen extends Results {
  readonly elsewhere: ReadonlyMap<string, string>
  readonly more: readonly (readonly [string, Field])[]
}

function viewOf(sight: Sight, { seen, certain, elsewhere, more }: Seen): View {
  const { names, files } = sight
  const roots = new Map([...names, ...more])
  const empty: View = { roots, certain: new Set(), grants: new Map(), elsewhere, files }
  return withResults(empty, { seen, certain })
}

/** One view with the results of more steps. */
function withResults(view: View, { seen, certain }: Results): View {
  const old = view.roots.get('steps')?.type
  const fields = new Map(old?.is === 'map' ? old.fields : [])
  for (const { step, result } of seen)
    fields.set(step.id, field(result.type, certain(step) ? 'certain' : 'uncertain', 'untrusted'))
  const grants = seen.flatMap(({ step, result }) => grantsBelow(`steps.${step.id}`, result.grants))
  const steps = field({ is: 'map', fields, rest: null }, 'certain', 'untrusted')
  return {
    ...withRoots(view, new Map([['steps', steps]])),
    grants: new Map([...view.grants, ...grants]),
  }
}
