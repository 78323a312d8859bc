// One error of the schema validator as one problem: where it is in the file, what is wrong, what to do.

import type { ErrorObject } from 'ajv'
import type { Json } from '../model/json.ts'
import type { Problem } from '../model/problem.ts'
import { comesLater, laterHint } from './later.ts'
import type { Parsed, Spot } from './parse.ts'
import { problemAt, type Finding } from './source.ts'
import { didYouMean } from './suggest.ts'

/** The value that was checked: the document, or a part of it. */
export interface Checked {
  readonly parsed: Parsed
  readonly value: Json
  /** What to call the value itself. */
  readonly name: string
}

export function explain(error: ErrorObject, { parsed, value: root, name }: Checked): Problem {
  const path = pathOf(error.instancePath)
  const extra = extraKey(error)
  if (extra !== null) {
    const spot = spotAt(parsed, root, [...path, extra])
    return problemAt(parsed.source, spot.keyAt, keyFinding(error, extra))
  }
  const spot = spotAt(parsed, root, path)
  // Nothing can be pointed at where there is no value.
  const offset = aboutKey.has(error.keyword) || error.data === null ? spot.keyAt : spot.valueAt
  return problemAt(parsed.source, offset, finding(error, path.at(-1) ?? name))
}

/** Errors about a container as a whole point at its key, where there is a word to see. */
const aboutKey: ReadonlySet<string> = new Set([
  'required',
  'oneOf',
  'minProperties',
  'maxProperties',
  'minItems',
  'maxItems',
])

function extraKey(error: ErrorObject): string | null {
  if (error.propertyName !== undefined) return error.propertyName
  const extra: unknown = error.keyword === 'additionalProperties' ? error.params['additionalProperty'] : null
  return typeof extra === 'string' ? extra : null
}

function keyFinding(error: ErrorObject, key: string): Finding {
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys((error.parentSchema?.['properties'] ?? {}) as object)
    const hint = comesLater(key, known) ? laterHint : didYouMean(key, known)
    return { code: 'unknown-key', message: `the key ${key} is not known here`, hint }
  }
  return {
    code: 'schema',
    message: `${key} cannot be a name here`,
    hint: ownMessage(error) ?? 'choose another name',
  }
}

function finding(error: ErrorObject, name: string): Finding {
  const own = ownMessage(error)
  switch (error.keyword) {
    case 'required':
      return missing(error, name)
    case 'type':
      return wrongType(error, name)
    case 'enum': {
      const allowed = (error.params['allowedValues'] as unknown[]).map(String)
      const message = `${name} cannot be ${shown(error.data)}`
      return { code: 'schema', message, hint: didYouMean(String(error.data), allowed) }
    }
    case 'const':
      return {
        code: 'schema',
        message: `${name} cannot be ${shown(error.data)}`,
        hint: `write ${shown(error.params['allowedValue'])}`,
      }
    case 'pattern':
      return {
        code: 'schema',
        message: `${name} cannot be ${shown(error.data)}`,
        hint: own ?? 'see docs/FLOWS.md',
      }
    case 'oneOf':
      return { code: 'schema', message: own ?? `${name} does not fit`, hint: 'keep exactly one of them' }
    case 'minProperties':
    case 'maxProperties':
      return {
        code: 'schema',
        message: own ?? `${name} has ${error.message ?? 'too many or too few entries'}`,
        hint: 'see docs/FLOWS.md',
      }
    default:
      return {
        code: 'schema',
        message: `${name} ${error.message ?? 'does not fit'}`,
        hint: own ?? 'change the value',
      }
  }
}

function missing(error: ErrorObject, name: string): Finding {
  const key = String(error.params['missingProperty'])
  const schema = (
    error.parentSchema?.['properties'] as Record<string, { description?: string } | undefined> | undefined
  )?.[key]
  const said = schema?.description
  const hint = said === undefined ? `add ${key}:` : `add ${key}: (${decapitalised(said)})`
  return { code: 'missing-key', message: `${name} needs the key ${key}`, hint }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'nothing',
}

function wrongType(error: ErrorObject, name: string): Finding {
  const types = [error.params['type'] as string | readonly string[]].flat()
  const wanted = types
    .filter((type) => type !== 'null')
    .map((type) => typeWords[type] ?? type)
    .join(' or ')
  const message =
    error.data === null
      ? `${name} has no value`
      : `${name} must be ${wanted}, not ${typeWords[typeOf(error.data)] ?? 'this'}`
  const scalar = types.includes('string') && ['number', 'integer', 'boolean'].includes(typeOf(error.data))
  return { code: 'schema', message, hint: scalar ? 'put it in quotes' : `write ${wanted}` }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function ownMessage(error: ErrorObject): string | undefined {
  const own: unknown = error.parentSchema?.['errorMessage']
  return typeof own === 'string' ? own : undefined
}

const shownCharactersMax = 60

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'this'
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text
}

function decapitalised(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1).replace(/\.$/, '')
}

function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The place of the entry that a path names, or of the nearest container of it that has one. */
export function spotAt(parsed: Parsed, root: Json, path: readonly string[]): Spot {
  let spot = ownSpot(parsed, root)
  let value: unknown = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null) break
    spot = parsed.spots.get(value)?.get(key) ?? spot
    value = (value as Record<string, unknown>)[key]
  }
  return spot
}

const start: Spot = { keyAt: 0, valueAt: 0, node: null }

/** The first entry of a container stands for the container. */
function ownSpot(parsed: Parsed, container: Json): Spot {
  if (typeof container !== 'object' || container === null || container === parsed.root) return start
  return parsed.spots.get(container)?.values().next().value ?? start
}
