// The names that the expressions of a flow can read, with their types and labels.

import { eventSchemas, type TriggerKind } from '../model/event.ts'
import type { JsonSchema } from '../model/json.ts'
import type { Policy } from '../model/policy.ts'
import type { FlowDocument, TriggerDocument } from './document.ts'
import {
  any,
  double,
  field,
  joined,
  listOf,
  record,
  text,
  time,
  typeOfSchema,
  type Field,
  type Fields,
  type Type,
} from './type.ts'

/** How a flow is looked at. */
export interface Start {
  /** `called`: as if a call could be what started it, so that what only triggers bring may be missing. */
  readonly event: 'own' | 'called'
  /** Inputs that were given untrusted data. */
  readonly untrusted: ReadonlySet<string>
}

export const ownStart: Start = { event: 'own', untrusted: new Set() }

/** `event`, `inputs`, `run`, `flow`, `policy`: what every place of a flow sees. */
export function flowNames(
  flow: FlowDocument,
  { policy, start }: { readonly policy: Policy | null; readonly start: Start },
): Fields {
  return new Map([
    ['event', field(eventType(Object.values(flow.on ?? {}), start), 'certain', 'untrusted')],
    ['inputs', field(inputsType(flow, start), 'certain', 'trusted')],
    [
      'run',
      field(record({ id: text, trigger: text, started_at: time, scheduled_at: time }), 'certain', 'trusted'),
    ],
    ['flow', field(text, 'certain', 'trusted')],
    ['policy', field(policyType(policy), 'certain', 'trusted')],
  ])
}

/** The event of one trigger alone: what a step waits for. */
export function eventField(trigger: TriggerDocument): Field {
  return field(withLabels(typeOfEvent(trigger)), 'certain', 'untrusted')
}

/**
 * The union over the triggers; a field that not all have is uncertain. Any flow can be called, so who called it can
 * always be asked for, and by its kind whether it was started by hand.
 */
function eventType(triggers: readonly TriggerDocument[], { event }: Start): Type {
  const types = triggers.length === 0 ? [typeOfSchema(eventSchemas.manual)] : triggers.map(typeOfEvent)
  const called = typeOfSchema(eventSchemas.call)
  return withLabels(withCaller(joined(event === 'called' ? [...types, called] : types)))
}

function withCaller(own: Type): Type {
  const both = joined([own, typeOfSchema(eventSchemas.call), typeOfSchema(eventSchemas.manual)])
  if (own.is !== 'map' || both.is !== 'map') return own
  const told = ['kind', 'called_by'].flatMap((name): [string, Field][] => {
    const one = both.fields.get(name)
    return one === undefined ? [] : [[name, one]]
  })
  return { ...own, fields: new Map([...own.fields, ...told]) }
}

function typeOfEvent(trigger: TriggerDocument): Type {
  const kind: TriggerKind =
    trigger.schedule !== undefined ? 'schedule' : trigger.git !== undefined ? 'git' : 'webhook'
  const type = typeOfSchema(eventSchemas[kind])
  const body = trigger.webhook?.body
  return body === undefined ? type : withBody(type, body)
}

function withBody(type: Type, body: JsonSchema): Type {
  return changed(type, 'webhook', (webhook) => ({
    ...webhook,
    type: changed(webhook.type, 'body', (old) => ({ ...old, type: typeOfSchema(body) })),
  }))
}

/** What the runner itself says of an event is trusted; everything else in it came from outside. */
function withLabels(event: Type): Type {
  let type = event
  for (const name of ['kind', 'scheduled_at', 'fired_at', 'called_by'])
    type = changed(type, name, (old) => ({ ...old, trust: 'trusted' }))
  return changed(type, 'git', (git) => ({
    ...git,
    type: changed(git.type, 'commit', (commit) => ({ ...commit, trust: 'trusted' })),
  }))
}

function changed(type: Type, name: string, change: (field: Field) => Field): Type {
  const old = type.is === 'map' ? type.fields.get(name) : undefined
  if (type.is !== 'map' || old === undefined) return type
  return { ...type, fields: new Map([...type.fields, [name, change(old)]]) }
}

/** Only a start by hand or a call can give what has no default. */
function inputsType(flow: FlowDocument, { untrusted }: Start): Type {
  const byHandOnly = Object.keys(flow.on ?? {}).length === 0
  const fields = Object.entries(flow.inputs ?? {}).map(([name, schema]): [string, Field] => {
    const certain = byHandOnly || 'default' in schema
    const trust = untrusted.has(name) ? 'untrusted' : null
    return [name, field(typeOfSchema(schema), certain ? 'certain' : 'uncertain', trust)]
  })
  return { is: 'map', fields: new Map(fields), rest: null }
}

export function policyType(policy: Policy | null): Type {
  const open = (of: Type): Type => ({ is: 'map', fields: new Map(), rest: listOf(of) })
  if (policy === null) return record({ teams: open(text), lists: open(any) })
  const teams = Object.keys(policy.teams).map((name) => [name, listOf(text)] as const)
  const lists = Object.entries(policy.lists).map(
    ([name, values]) => [name, listOf(typeOfList(values))] as const,
  )
  return record({ teams: record(Object.fromEntries(teams)), lists: record(Object.fromEntries(lists)) })
}

function typeOfList(values: readonly (string | number)[]): Type {
  return values.every((value) => typeof value === 'string')
    ? text
    : values.every((value) => typeof value === 'number')
      ? double
      : any
}

/** `failure`, in the steps of `on_failure`. */
export const failureField: Field = field(
  record({
    summary: text,
    step: field(text, 'certain', 'trusted'),
    error: record({ kind: text, message: text }),
  }),
  'certain',
  'untrusted',
)
