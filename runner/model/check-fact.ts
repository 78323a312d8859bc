// Whether what stands in a journal is a fact that this program knows; rows outlive programs, and disks fail.

import type { At, Fact } from './journal.ts'

/** `unknown`: of a newer program. `broken`: not even that. */
export type FactFault = { readonly is: 'unknown' | 'broken'; readonly why: string }

type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string'
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const object: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const list: Check = Array.isArray
const any: Check = (value) => value !== undefined
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const error: Check = (value) =>
  object(value) && text((value as { kind?: unknown }).kind) && text((value as { message?: unknown }).message)
const action: Check = (value) =>
  object(value) && text((value as { uses?: unknown }).uses) && object((value as { input?: unknown }).input)
const at: Check = (value) => {
  if (!object(value)) return false
  const { step, element } = value as Partial<At>
  return text(step) && (element === null || (Number.isInteger(element) && Number(element) >= 0))
}

/** What the fold and the engine read of each fact. */
const shapes: Readonly<Record<Fact['is'], Readonly<Record<string, Check>>>> = {
  skipped: { at },
  listed: { at, items: list },
  decided: { at, choice: text, parameters: object, route: text },
  asked: { at, ticket: text, action: orNull(action), notBeforeMs: orNull(number) },
  answered: { at, ticket: text, verdict: object },
  intended: { at, key: text, action, requestHash: text, risk: text, ticket: orNull(text) },
  succeeded: { at, output: any, risk: text },
  failed: { at, attempt: number, error, retryAtMs: orNull(number) },
  denied: { at, answer: text, reason: text },
  waiting: { at, untilMs: number, why: text },
  waited: { at },
  listening: { at, sinceMs: number, untilMs: number },
  heard: { at, event: any },
  called: { at, run: text },
  began: { at, sinceMs: number },
  opened: { at, sinceMs: number },
  repeated: { at, atMs: number },
  settled: { at },
  ending: { at, status: text, reason: text },
  retried: { steps: list, generation: number },
  cancel_requested: { by: text },
  failing: { step: text, error },
}

/** Null when it can be folded. */
export function checkFact(value: unknown): FactFault | null {
  if (!object(value)) return { is: 'broken', why: 'it is no object' }
  const fact = value as Readonly<Record<string, unknown>>
  const { v, is } = fact
  if (!number(v) || !text(is)) return { is: 'broken', why: 'it does not say what it is' }
  if (v !== 1) return { is: 'unknown', why: `it has version ${String(v)}, this program knows 1` }
  if (!Object.hasOwn(shapes, String(is)))
    return { is: 'unknown', why: `this program knows no “${String(is)}”` }
  const wrong = Object.entries(shapes[is as Fact['is']]).find(([name, check]) => !check(fact[name]))
  return wrong === undefined ? null : { is: 'broken', why: `its ${wrong[0]} is not what it should be` }
}
