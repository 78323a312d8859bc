// What stands behind the question mark, checked: a wrong value is told, never guessed at.

import { type RunStatus, runStatuses } from '../model/run.ts'
import { pageItemsMax } from '../store/view-page.ts'
import type { RunFilter } from '../store/view-runs.ts'

export type Query = Readonly<Record<string, string>>

/** A value of the address that does not fit, by its name. */
export class BadQuery extends Error {
  readonly parameter: string

  constructor(parameter: string) {
    super(`the value of ${parameter} does not fit`)
    this.name = 'BadQuery'
    this.parameter = parameter
  }
}

/** One value per name; of several the last counts. Names and values are cut off beyond any real use. */
export function queryOf(raw: unknown): Query {
  const query: Record<string, string> = {}
  if (typeof raw !== 'object' || raw === null) return query
  for (const [name, value] of Object.entries(raw).slice(0, 20)) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value
    if (typeof last === 'string' && last !== '' && last.length <= 300) query[name] = last
  }
  return query
}

const sinceUnits = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Filters of the listing of runs: `flow`, `status`, `since` (`24h`, `7d`), `cursor`, `limit`. */
export function runFilterOf(query: Query, nowMs: number, limit: number): RunFilter {
  const statuses = query['status'] === undefined ? [] : query['status'].split(',').map(statusOf)
  return {
    flow: flowOf(query),
    statuses,
    sinceMs: query['since'] === undefined ? 0 : nowMs - sinceOf(query['since']),
    cursor: cursorOf(query, /^[0-9a-z]{1,40}$/),
    limit: limitOf(query, limit),
  }
}

/** The name of a flow to filter by. */
export function flowOf(query: Query): string | null {
  return cursorOf(query, cursorShapes.flow, 'flow')
}

/** A part of a path that names something of ours; empty when nothing of ours can be called that. */
export function nameIn(parameters: unknown, name: string): string {
  const value = (parameters as Readonly<Record<string, string | undefined>>)[name] ?? ''
  return /^[0-9a-z-]{1,100}$/i.test(value) ? value : ''
}

function statusOf(word: string): RunStatus {
  const status = runStatuses.find((known) => known === word)
  if (status === undefined) throw new BadQuery('status')
  return status
}

function sinceOf(word: string): number {
  const [, number, unit] = /^(\d{1,4})([mhd])$/.exec(word) ?? []
  if (number === undefined || unit === undefined) throw new BadQuery('since')
  return Number(number) * sinceUnits[unit as keyof typeof sinceUnits]
}

/** Where a listing goes on; only what such a listing gives out itself. */
export function cursorOf(query: Query, shape: RegExp, name = 'cursor'): string | null {
  const cursor = query[name]
  if (cursor === undefined) return null
  if (!shape.test(cursor)) throw new BadQuery(name)
  return cursor
}

export function limitOf(query: Query, preset: number): number {
  const word = query['limit']
  if (word === undefined) return preset
  if (!/^\d{1,3}$/.test(word) || Number(word) < 1 || Number(word) > pageItemsMax) throw new BadQuery('limit')
  return Number(word)
}

/** Shapes of cursors by what they point to. */
export const cursorShapes = {
  flow: /^[a-z0-9-]{1,100}$/,
  number: /^\d{1,15}$/,
  id: /^[0-9a-z]{1,40}$/,
  ticket: /^\d{1,15}\.[0-9a-zA-Z_-]{1,80}$/,
} as const
