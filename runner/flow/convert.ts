// JSON into the values of CEL and back. Whole numbers become BigInt, times Date, maps Map (so that no key of the
// data can reach into JavaScript's objects); only what an expression reads is converted.

import { evaluate, Optional } from '@marcbachmann/cel-js'
import { Failure } from '../model/error.ts'
import type { Json } from '../model/json.ts'
import { any, type Type } from './type.ts'

/** Bounds of what one evaluation takes in and gives back. */
export const listItemsMax = 10_000
export const valuesMax = 200_000
export const readCharactersMax = 4_000_000
export const resultCharactersMax = 1_000_000

/** Counts what goes through a conversion. */
export class Load {
  values = 0
  characters = 0
  readonly charactersMax: number

  constructor(charactersMax: number) {
    this.charactersMax = charactersMax
  }

  add(value: unknown): void {
    this.values += 1
    if (typeof value === 'string') this.characters += value.length
    if (Array.isArray(value) && value.length > listItemsMax)
      throw new Failure('invalid', `a list of ${value.length} elements is longer than ${listItemsMax}`)
    if (this.values > valuesMax) throw new Failure('invalid', `more than ${valuesMax} values`)
    if (this.characters > this.charactersMax)
      throw new Failure('invalid', `more than ${this.charactersMax} characters`)
  }
}

/** The type decides what a number or a text becomes; what does not fit its type is taken as it is. */
export function intoCel(value: Json, type: Type, load: Load): unknown {
  load.add(value)
  if (typeof value === 'number') return numberIntoCel(value, type)
  if (typeof value === 'string') return type.is === 'time' ? (dateOf(value) ?? value) : value
  if (value === null || typeof value === 'boolean') return value
  if (Array.isArray(value)) {
    const of = type.is === 'list' ? type.of : any
    return value.map((item: Json) => intoCel(item, of, load))
  }
  const map = new Map<string, unknown>()
  for (const [key, entry] of Object.entries(value)) {
    const field = type.is === 'map' ? type.fields.get(key) : undefined
    // What may be absent and is null counts as absent, so that has() says what people expect.
    if (entry === null && field?.certain === false) continue
    load.add(key)
    map.set(key, intoCel(entry, field?.type ?? (type.is === 'map' ? (type.rest ?? any) : any), load))
  }
  return map
}

/** A number of a schema stays one, so that 3 / 2 is 1.5 where 3.5 / 2 is 1.75. */
function numberIntoCel(value: number, type: Type): number | bigint {
  return type.is !== 'double' && Number.isSafeInteger(value) ? BigInt(value) : value
}

function dateOf(value: string): Date | null {
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? null : date
}

/** CEL's class of time spans, which the library does not export. */
export const Duration = (evaluate('duration("0s")') as object).constructor as new (
  seconds: bigint,
  nanos: number,
) => { toString(): string }

/** Throws `Failure('invalid')` for what is not JSON: bytes, types, absent optionals, numbers without a value. */
export function fromCel(value: unknown, load: Load): Json {
  load.add(value)
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'bigint':
      return fromBigInt(value)
    case 'number':
      if (Number.isFinite(value)) return value
      throw new Failure('invalid', `the result ${value} is not a number`)
    default:
      return value === null ? null : fromObject(value as object, load)
  }
}

function fromBigInt(value: bigint): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new Failure('invalid', `the whole number ${value} is too large to be exact`)
}

function fromObject(value: object, load: Load): Json {
  if (Array.isArray(value)) return value.map((item) => fromCel(item, load))
  if (value instanceof Map) return fromEntries(value, load)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Duration) return value.toString()
  if (value instanceof Optional)
    throw new Failure('invalid', 'the value is absent', { remedy: 'Use .orValue(…).' })
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return fromEntries(Object.entries(value), load)
  throw new Failure('invalid', 'the result is not text, number, true, false, list or map')
}

function fromEntries(entries: Iterable<readonly [unknown, unknown]>, load: Load): Json {
  const object: Record<string, Json> = {}
  for (const [key, entry] of entries) {
    if (typeof key !== 'string') throw new Failure('invalid', 'the keys of a map must be texts')
    load.add(key)
    if (key === '__proto__') throw new Failure('invalid', 'a map cannot have the key __proto__')
    object[key] = fromCel(entry, load)
  }
  return object
}
