// What a ticket is bound to, by name and value: the bytes that were approved, never what was handed over for showing.

import type { Binding, QuestionBinding, TicketKind } from './approval.ts'
import type { Json, JsonObject } from './json.ts'

export function isAction(bound: Binding | QuestionBinding): bound is Binding {
  return Object.hasOwn(bound, 'action') && Object.hasOwn(bound, 'input')
}

/**
 * The input of the bound action, or what a question shows: its own parts, the data given to a decision (`given`),
 * or the input of an action whose outcome is not known (`input`), each under the name that its label has.
 */
export function boundValues(
  kind: TicketKind,
  bound: Binding | QuestionBinding,
): readonly (readonly [string, Json])[] {
  if (isAction(bound)) return Object.entries(bound.input)
  const { shown } = bound
  if (!isObject(shown)) return [['show', shown]]
  const { given, input, ...rest } = shown
  if (kind === 'unknown' && isObject(input)) return [...Object.entries(input), ...Object.entries(rest)]
  if (kind !== 'unsure' || !Array.isArray(given)) return Object.entries(shown)
  return [...(given as Json[]).map(namedValue), ...Object.entries(rest)]
}

function namedValue(one: Json, index: number): readonly [string, Json] {
  if (isObject(one) && typeof one['name'] === 'string') return [one['name'], one['value'] ?? null]
  return [`given[${index}]`, one]
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
