// The functions and methods of expressions, by name: what they take and give.

import { any, bool, double, int, listOf, text, time, type Type } from './type.ts'

export interface Signature {
  /** Null: a function; else the type of what stands before the dot. */
  readonly on: Type | null
  readonly takes: readonly Type[]
  readonly gives: Type
}

const duration: Type = { is: 'duration' }
const list = listOf(any)
const texts = listOf(text)
const map: Type = { is: 'map', fields: new Map(), rest: any }
const bytes: Type = { is: 'bytes' }

function on(receiver: Type, takes: readonly Type[], gives: Type): Signature {
  return { on: receiver, takes, gives }
}

function plain(takes: readonly Type[], gives: Type): Signature {
  return { on: null, takes, gives }
}

const calendar = [[], [text]].map((takes) => on(time, takes, int))

/** `int` is taken where `double` stands: numbers mix. */
export const signatures: ReadonlyMap<string, readonly Signature[]> = new Map([
  ['size', [text, list, map, bytes].flatMap((type) => [plain([type], int), on(type, [], int)])],
  ['int', [plain([double], int), plain([text], int)]],
  ['double', [plain([double], double), plain([text], double)]],
  ['string', [plain([double], text), plain([text], text), plain([bool], text)]],
  ['bool', [plain([bool], bool), plain([text], bool)]],
  ['type', [plain([any], { is: 'type' })]],
  ['dyn', [plain([any], any)]],
  ['timestamp', [plain([text], time), plain([int], time)]],
  ['duration', [plain([text], duration)]],
  ['startsWith', [on(text, [text], bool)]],
  ['endsWith', [on(text, [text], bool)]],
  ['contains', [on(text, [text], bool)]],
  ['lowerAscii', [on(text, [], text)]],
  ['upperAscii', [on(text, [], text)]],
  ['trim', [on(text, [], text)]],
  ['indexOf', [on(text, [text], int), on(text, [text, int], int)]],
  ['lastIndexOf', [on(text, [text], int), on(text, [text, int], int)]],
  ['substring', [on(text, [int], text), on(text, [int, int], text)]],
  ['split', [on(text, [text], texts), on(text, [text, int], texts)]],
  ['replace', [plain([text, text, text], text), on(text, [text, text], text)]],
  ['join', [plain([list, text], text), plain([list], text), on(texts, [], text), on(texts, [text], text)]],
  ['sum', [plain([listOf(int)], int), plain([listOf(double)], double)]],
  ['avg', [plain([listOf(double)], double)]],
  ['round', [plain([double], int), plain([double, int], double)]],
  ['json', [plain([text], any)]],
  ['text', [plain([any], text)]],
  ['date', [plain([time, text], dateType())]],
  ['getFullYear', calendar],
  ['getMonth', calendar],
  ['getDate', calendar],
  ['getDayOfMonth', calendar],
  ['getDayOfWeek', calendar],
  ['getDayOfYear', calendar],
  ['getHours', [...calendar, on(duration, [], int)]],
  ['getMinutes', [...calendar, on(duration, [], int)]],
  ['getSeconds', [...calendar, on(duration, [], int)]],
  ['getMilliseconds', [...calendar, on(duration, [], int)]],
])

function dateType(): Type {
  const names = ['year', 'month', 'day']
  const numbers = names.map((name) => [name, { type: int, certain: true, trust: null }] as const)
  const words = ['weekday', 'text'].map((name) => [name, { type: text, certain: true, trust: null }] as const)
  return { is: 'map', fields: new Map([...numbers, ...words]), rest: null }
}

/** Functions that read their arguments in a way of their own; see infer-macro.ts. */
export const macros: ReadonlySet<string> = new Set([
  'has',
  'file',
  'all',
  'exists',
  'exists_one',
  'map',
  'filter',
  'hasValue',
  'value',
  'or',
  'orValue',
])

/** Whether a value of one type can stand where another is taken. What is unknown is found out when it is evaluated. */
export function fits(given: Type, taken: Type): boolean {
  if (given.is === 'maybe' || taken.is === 'maybe') return given.is === taken.is
  if (given.is === 'any' || taken.is === 'any') return true
  if (given.is === 'int' && taken.is === 'double') return true
  if (given.is === 'list' && taken.is === 'list') return fits(given.of, taken.of)
  return given.is === taken.is
}
