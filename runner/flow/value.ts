// Values as the engine sees them: rendered against a scope, with their label and where they come from.

import { Failure } from '../model/error.ts'
import type { Expression, Scope, Value } from '../model/flow.ts'
import { impossible } from '../model/impossible.ts'
import type { Json } from '../model/json.ts'
import { joined, type Trust } from '../model/trust.ts'

export const textCharactersMax = 1_000_000

/** Throws `Failure('invalid')` when an expression cannot be evaluated, or gives a list or map inside a text. */
export function renderValue(value: Value, scope: Scope): Json {
  switch (value.is) {
    case 'literal':
      return value.value
    case 'expression':
      return value.expression.evaluate(scope)
    case 'text':
      return renderText(value.parts, scope)
    case 'list':
      return value.items.map((item) => renderValue(item, scope))
    case 'map':
      return Object.fromEntries(value.entries.map(([key, entry]) => [key, renderValue(entry, scope)]))
    default:
      return impossible(value)
  }
}

function renderText(parts: readonly (string | Expression)[], scope: Scope): string {
  let text = ''
  for (const part of parts) {
    text += typeof part === 'string' ? part : scalarText(part, scope)
    if (text.length > textCharactersMax)
      throw new Failure('invalid', `a text grew longer than ${textCharactersMax} characters`)
  }
  return text
}

/** Null is nothing inside a text. */
function scalarText(expression: Expression, scope: Scope): string {
  const result = expression.evaluate(scope)
  if (result === null) return ''
  if (typeof result !== 'object') return String(result)
  const { file, line, column } = expression.place
  const kind = Array.isArray(result) ? 'list' : 'map'
  throw new Failure(
    'invalid',
    `${file}:${line}:${column}: ${expression.source} gives a ${kind} inside a text`,
    {
      remedy: 'Write text(…) around it, or let the expression stand alone.',
    },
  )
}

/** The join of the labels of everything it reads. */
export function trustOfValue(value: Value): Trust {
  return joined(expressionsIn(value).map((expression) => expression.trust))
}

/** Where it comes from, in words: the paths it reads, or that the flow itself says so. */
export function sourcesOf(value: Value): string {
  const reads = new Set(expressionsIn(value).flatMap((expression) => expression.reads))
  if (reads.size === 0) return 'the flow itself'
  const shown = [...reads].slice(0, sourcesShownMax)
  return shown.join(', ') + (reads.size > sourcesShownMax ? ', …' : '')
}

const sourcesShownMax = 10

export function expressionsIn(value: Value): readonly Expression[] {
  switch (value.is) {
    case 'literal':
      return []
    case 'expression':
      return [value.expression]
    case 'text':
      return value.parts.filter((part) => typeof part !== 'string')
    case 'list':
      return value.items.flatMap(expressionsIn)
    case 'map':
      return value.entries.flatMap(([, entry]) => expressionsIn(entry))
    default:
      return impossible(value)
  }
}
