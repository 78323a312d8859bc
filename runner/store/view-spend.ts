// Money for people: the month against its limit, and who spent it.

import type { Database } from './database.ts'
import type { PicoUsd } from '../model/money.ts'

/** A UTC month of the ledger. */
export interface MonthSpend {
  /** `2026-11`. */
  readonly month: string
  readonly startMs: number
  readonly endMs: number
  readonly settled: PicoUsd
  readonly held: PicoUsd
  readonly presumed: PicoUsd
}

/** What the ledger says of the month in which `nowMs` lies. One row by its key. */
export async function readMonth(database: Database, nowMs: number): Promise<MonthSpend> {
  const now = new Date(nowMs)
  const startMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)
  const endMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)
  const month = now.toISOString().slice(0, 7)
  const rows = await database.query<Pick<MonthSpend, 'settled' | 'held' | 'presumed'>>(
    'select settled, held, presumed from ledger_window where name = $1',
    [`usd:month:${month}`],
  )
  return { month, startMs, endMs, ...(rows[0] ?? { settled: 0n, held: 0n, presumed: 0n }) }
}

export interface FlowSpend {
  readonly flow: string
  readonly spent: PicoUsd
  readonly calls: number
}

const byFlowSql = `
select flow, sum(coalesce(settled_pico, held_pico)) as spent, count(*) as calls
from reservation where at_ms >= $1 and at_ms < $2 and state <> 'released' group by flow order by flow`

/** Calls to models by flow; what is not settled counts with its reservation. Reads the calls of the range. */
export function listSpend(
  database: Database,
  range: { readonly startMs: number; readonly endMs: number },
): Promise<readonly FlowSpend[]> {
  return database.query<FlowSpend>(byFlowSql, [range.startMs, range.endMs])
}
