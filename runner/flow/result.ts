// What later steps can read of a step: `steps.<id>`, and what its answers bring with them.

import type { Bench } from './bench.ts'
import type { StepDocument } from './document.ts'
import { decisionFields } from './result-decide.ts'
import { eventField } from './names.ts'
import { outputField } from './shelf.ts'
import { any, field, int, listOf, oneOf, record, text, type Field, type Fields, type Type } from './type.ts'

/** `grants`: comparison → fields that are then there, both relative to the result. */
export interface StepResult {
  readonly type: Type
  readonly grants: ReadonlyMap<string, readonly string[]>
}

export interface Known {
  readonly step: StepDocument
  readonly result: StepResult
  /** The same after the run, or the group around it, has failed: then any step may have. */
  readonly afterFailure: StepResult
  /** Of one round that has succeeded, of one element: what `until` sees. */
  readonly round: StepResult
}

export interface Making {
  readonly step: StepDocument
  /** Of an element of `each`; null without. */
  readonly item: Type | null
  /** The steps of a group. */
  readonly inside: readonly Known[]
}

export function knownOf(bench: Bench, making: Making): Known {
  const { step } = making
  return {
    step,
    result: resultOf(bench, making, step.on_error ?? 'fail'),
    afterFailure: resultOf(bench, making, 'continue'),
    round: resultOf(bench, { ...making, item: null }, 'fail'),
  }
}

/** A step without `when` ran when it has ended: had it failed, the run would be over, or it says `continue`. */
export function ranForSure(step: StepDocument): boolean {
  return step.end === undefined && (step.when === undefined || step.each !== undefined)
}

type OnError = 'fail' | 'continue'

function resultOf(bench: Bench, making: Making, onError: OnError): StepResult {
  const { step, item } = making
  const { fields, grants } = fieldsOf(bench, making, onError)
  if (item === null) return { type: record(fields), grants }
  const ends = step.wait?.event === undefined ? [] : ['timed_out']
  const element = record({
    item: field(item, 'certain'),
    ...fields,
    status: oneOf(['succeeded', 'failed', 'denied', 'skipped', ...ends]),
  })
  const counts = ['count', 'succeeded', 'failed', 'denied', 'skipped', 'timed_out'].map(
    (name) => [name, field(int, 'certain', 'trusted')] as const,
  )
  const type = record({
    status: field(oneOf(['succeeded', 'failed']), 'certain', 'trusted'),
    ...Object.fromEntries(counts),
    items: listOf(step.when === undefined ? element : loosened(element)),
  })
  return { type, grants: new Map() }
}

/** Of a skipped element nothing but its item and status is there. */
function loosened(element: Type): Type {
  if (element.is !== 'map') return element
  const fields = [...element.fields].map(([name, old]): [string, Field] => [
    name,
    name === 'item' || name === 'status' ? old : { ...old, certain: false },
  ])
  return { ...element, fields: new Map(fields) }
}

type Grants = ReadonlyMap<string, readonly string[]>

export interface Results {
  readonly fields: Readonly<Record<string, Field>>
  readonly grants: Grants
}

function fieldsOf(bench: Bench, making: Making, onError: OnError): Results {
  const { step } = making
  const ends = step.wait?.event === undefined ? ['succeeded'] : ['succeeded', 'timed_out']
  const well = ownFields(bench, making, 'well')
  const status = (among: readonly string[]): Field => field(oneOf(among), 'certain', 'trusted')
  if (onError === 'fail') return { ...well, fields: { status: status(ends), ...well.fields } }
  const error = field(record({ kind: text, message: text }), 'uncertain', 'untrusted')
  const after = ownFields(bench, making, 'after failure')
  const fields = { status: status([...ends, 'failed', 'denied']), error, ...after.fields }
  // After a failure only status and error are there for certain; success brings back what was.
  const back = lost(new Map(Object.entries(well.fields)), new Map(Object.entries(after.fields)))
  const grants = new Map([
    ...after.grants,
    ['status=succeeded', [...back, ...(after.grants.get('status=succeeded') ?? [])]],
    ['status=failed', ['error']],
    ['status=denied', ['error']],
  ])
  return { fields, grants }
}

/** Paths that are certain in the one and not in the other. */
function lost(one: Fields, other: Fields): readonly string[] {
  return [...one].flatMap(([name, before]) => {
    const after = other.get(name)
    if (after === undefined || !before.certain) return []
    const same = before.type === after.type || before.type.is !== 'map' || after.type.is !== 'map'
    const below = same ? [] : lost(before.type.fields, after.type.fields).map((path) => `${name}.${path}`)
    return after.certain ? below : [name, ...below]
  })
}

const noGrants: Grants = new Map()

function ownFields(bench: Bench, making: Making, when: 'well' | 'after failure'): Results {
  const { step } = making
  if (step.steps !== undefined) return groupFields(making, when)
  if (step.approve !== undefined) {
    const output = field(record({ answer: oneOf(['yes', 'no', 'silence']) }), 'certain', 'trusted')
    return { fields: { output }, grants: noGrants }
  }
  const { fields, grants } = plainFields(bench, step)
  if (when === 'well') return { fields, grants }
  const loose = Object.entries(fields).map(([name, old]) => [name, { ...old, certain: false }] as const)
  return { fields: Object.fromEntries(loose), grants }
}

function plainFields(bench: Bench, step: StepDocument): Results {
  if (step.decide !== undefined) return decisionFields(step.decide, bench.shelf)
  if (step.wait?.event !== undefined) {
    const output = { ...eventField(step.wait.event), certain: false }
    return { fields: { output }, grants: new Map([['status=succeeded', ['output']]]) }
  }
  if (step.call !== undefined) {
    const called = bench.flows.called(step.call)
    const type = called.is === 'there' ? called.callee.outputs : any
    return { fields: { output: field(type, 'certain', 'untrusted') }, grants: noGrants }
  }
  if (step.uses === undefined) return { fields: {}, grants: noGrants }
  const action = bench.shelf.actions.get(step.uses)
  const output = action === undefined ? field(any, 'certain', 'untrusted') : outputField(action, 'certain')
  return { fields: { output }, grants: noGrants }
}

/** When a group has failed, any of its steps may have, or may not have run. */
function groupFields({ inside }: Making, when: 'well' | 'after failure'): Results {
  const seen = inside.map(({ step, result, afterFailure }) => ({
    id: step.id,
    result: when === 'well' ? result : afterFailure,
    certain: when === 'well' && ranForSure(step) ? ('certain' as const) : ('uncertain' as const),
  }))
  const fields = seen.map(({ id, result, certain }) => [id, field(result.type, certain)] as const)
  const steps: Type = { is: 'map', fields: new Map(fields), rest: null }
  const grants = seen.flatMap(({ id, result }) => grantsBelow(`steps.${id}`, result.grants))
  return { fields: { steps: field(steps, 'certain', 'untrusted') }, grants: new Map(grants) }
}

/** The grants of a result under the path where it is read. */
export function grantsBelow(path: string, grants: Grants): readonly (readonly [string, readonly string[]])[] {
  return [...grants].map(([comparison, paths]) => [
    `${path}.${comparison}`,
    paths.map((below) => `${path}.${below}`),
  ])
}
