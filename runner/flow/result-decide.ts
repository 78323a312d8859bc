// What later steps can read of a decision.

import { priorities } from '../model/decision.ts'
import { risks } from '../model/risk.ts'
import type { AskDocument, DecideDocument } from './document.ts'
import { outputField, type Shelf } from './shelf.ts'
import {
  any,
  double,
  field,
  joined,
  oneOf,
  record,
  text,
  typeOfSchema,
  type Field,
  type Type,
} from './type.ts'

export interface DecisionResults {
  readonly fields: Readonly<Record<string, Field>>
  /** Choice → fields that are then there. */
  readonly grants: ReadonlyMap<string, readonly string[]>
}

/** `done`: people handled an unsure decision themselves; then there is neither output nor parameters. */
const handledByHand = 'done'

export function decisionFields(decide: DecideDocument, shelf: Shelf): DecisionResults {
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
