// What later steps can read of a step: `steps.<id>`, and what its answers bring with them.

import { priorities } from '../model/decision.ts'
import { risks } from '../model/risk.ts'
import type { AskDocument, DecideDocument, StepDocument } from './document.ts'
import { outputField, type Shelf } from './shelf.ts'
import {
  any,
  double,
  field,
  joined,
  listOf,
  oneOf,
  record,
  text,
  typeOfSchema,
  type Field,
  type Type,
} from './type.ts'

/** `grants`: comparison → fields that are then there, both relative to the result. */
export interface StepResult {
  readonly type: Type
  readonly grants: ReadonlyMap<string, readonly string[]>
}

export function resultOf(step: StepDocument, shelf: Shelf, item: Type | null): StepResult {
  const { fields, grants } = fieldsOf(step, shelf)
  if (item === null) return { type: record(fields), grants }
  const element = record({
    item: field(item, 'certain'),
    ...fields,
    status: oneOf(['succeeded', 'failed', 'denied', 'skipped']),
  })
  const status = field(oneOf(['succeeded', 'failed']), 'certain', 'trusted')
  return {
    type: record({ status, items: listOf(step.when === undefined ? element : loosened(element)) }),
    grants: new Map(),
  }
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

interface Results {
  readonly fields: Readonly<Record<string, Field>>
  readonly grants: ReadonlyMap<string, readonly string[]>
}

function fieldsOf(step: StepDocument, shelf: Shelf): Results {
  const goesOn = step.on_error === 'continue'
  const status = field(
    oneOf(goesOn ? ['succeeded', 'failed', 'denied'] : ['succeeded']),
    'certain',
    'trusted',
  )
  const error = goesOn
    ? { error: field(record({ kind: text, message: text }), 'uncertain', 'untrusted') }
    : {}
  const own = ownFields(step, shelf)
  if (!goesOn || step.approve !== undefined) return { ...own, fields: { status, ...error, ...own.fields } }
  // After a failure only status and error are there; success brings back what was certain.
  const fields = Object.entries(own.fields).map(([name, old]) => [name, { ...old, certain: false }] as const)
  const back = Object.entries(own.fields).flatMap(([name, old]) => (old.certain ? [name] : []))
  return {
    fields: { status, ...error, ...Object.fromEntries(fields) },
    grants: new Map([
      ...own.grants,
      ['status=succeeded', back],
      ['status=failed', ['error']],
      ['status=denied', ['error']],
    ]),
  }
}

const noGrants: ReadonlyMap<string, readonly string[]> = new Map()

function ownFields(step: StepDocument, shelf: Shelf): Results {
  if (step.approve !== undefined) {
    const output = field(record({ answer: oneOf(['yes', 'no', 'silence']) }), 'certain', 'trusted')
    return { fields: { output }, grants: noGrants }
  }
  if (step.decide !== undefined) return decisionFields(step.decide, shelf)
  const action = shelf.actions.get(step.uses ?? '')
  if (action !== undefined) return { fields: { output: outputField(action, 'certain') }, grants: noGrants }
  return {
    fields: step.uses === undefined ? {} : { output: field(any, 'certain', 'untrusted') },
    grants: noGrants,
  }
}

/** `done`: people handled an unsure decision themselves; then there is neither output nor parameters. */
export const handledByHand = 'done'

function decisionFields(decide: DecideDocument, shelf: Shelf): Results {
  const choices = Object.entries(decide.choose ?? {})
  const grants = new Map<string, readonly string[]>()
  const outputs: Type[] = []
  for (const [name, choice] of choices) {
    const action = shelf.actions.get(choice.uses ?? '')
    const output =
      action === undefined ? [] : ['output', ...certainBelow(outputField(action, 'certain').type)]
    if (action !== undefined) outputs.push(outputField(action, 'certain').type)
    grants.set(`choice=${name}`, [
      ...output,
      ...Object.keys(choice.ask ?? {}).map((asked) => `parameters.${asked}`),
    ])
  }
  const names = choices.map(([name]) => name)
  const fields: Record<string, Field> = {
    choice: field(names.length === 0 ? text : oneOf([...names, handledByHand]), 'certain', 'trusted'),
    parameters: field(parametersType(decide), 'certain', 'untrusted'),
    reason: field(text, 'certain', 'untrusted'),
    priority: field(oneOf(priorities), 'certain', 'trusted'),
    risk: field(oneOf(risks), 'certain', 'trusted'),
    cost_usd: field(double, 'certain', 'trusted'),
  }
  if (outputs.length > 0) fields['output'] = field(joined(outputs), 'uncertain', 'untrusted')
  return { fields, grants }
}

/** Fields that this output has for certain, though others may not. */
function certainBelow(type: Type): readonly string[] {
  if (type.is !== 'map') return []
  return [...type.fields].filter(([, below]) => below.certain).map(([name]) => `output.${name}`)
}

/** What Claude fills in: with several choices each only with its own; for a step that only writes, always. */
export function parametersType(decide: DecideDocument): Type {
  const asks: readonly AskDocument[] =
    decide.choose === undefined
      ? [decide.ask ?? {}]
      : [...Object.values(decide.choose).map((choice) => choice.ask ?? {}), {}]
  return joined(
    asks.map((ask) =>
      record(Object.fromEntries(Object.entries(ask).map(([name, asked]) => [name, askedField(asked)]))),
    ),
  )
}

/** Picked by index from a trusted list: as trusted as the list. Written by Claude: untrusted. */
function askedField(asked: AskDocument[string]): Field {
  return 'from' in asked
    ? field(any, 'certain', 'trusted')
    : field(typeOfSchema(asked), 'certain', 'untrusted')
}
