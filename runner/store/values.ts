// One meaning of values on both databases: what goes in is checked, what comes out has our types.

import { DatabaseError } from './database.ts'

/** PostgreSQL's object ids of the types that we read in our own way. */
export const oid = {
  int8: 20,
  numeric: 1700,
  json: 114,
  jsonb: 3802,
  int8Array: 1016,
  numericArray: 1231,
} as const

/** int8 as a number. A value beyond 2^53 is our bug: nothing we keep grows that far. */
export function readInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`int8 ${text} does not fit a number`)
  return value
}

/** numeric as bigint: money is whole pico-USD, so a fraction is a mistake in the statement. */
export function readNumeric(text: string): bigint {
  if (!/^-?\d+$/.test(text))
    throw new Error(`numeric ${text} is not whole: cast or round it in the statement`)
  return BigInt(text)
}

export function readJson(text: string): unknown {
  return JSON.parse(text)
}

/**
 * Refuses text that the databases treat differently: NUL, and half surrogate pairs, which would be stored
 * silently as U+FFFD. jsonb refuses both by itself, because `json()` writes them as escapes.
 */
export function checkParameters(parameters: readonly unknown[]): void {
  for (const [index, value] of parameters.entries()) {
    if (typeof value === 'string') checkText(value, index)
    else if (Array.isArray(value))
      for (const item of value) if (typeof item === 'string') checkText(item, index)
  }
}

function checkText(text: string, index: number): void {
  const what = text.includes('\0')
    ? 'a NUL character'
    : text.isWellFormed()
      ? null
      : 'half of a surrogate pair'
  if (what === null) return
  // 22021: character_not_in_repertoire, what PostgreSQL itself says about NUL.
  throw new DatabaseError({ kind: 'data', code: '22021' }, new Error(`parameter $${index + 1} holds ${what}`))
}

/** A script that brings its own transaction: when it fails, that stays open until somebody rolls it back. */
export function beginsTransaction(sql: string): boolean {
  return /^\s*begin\b/i.test(sql)
}
