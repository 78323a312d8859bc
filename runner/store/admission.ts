// Births of runs: once per slot, within the limits, born claimed where the runner has room.

import { json, type Statements } from './database.ts'
import type { JsonObject } from '../model/json.ts'

export interface Birth {
  readonly id: string
  readonly flow: string
  readonly version: string
  readonly commit: string
  readonly policy: string
  readonly trigger: string
  readonly startedBy: string
  readonly slot: string
  readonly event: JsonObject
  readonly inputs: JsonObject
  readonly scheduledMs: number
  readonly nowMs: number
  readonly parent: string | null
  readonly depth: number
  readonly status: 'running' | 'ready' | 'queued'
  /** The holder, for `running`. */
  readonly owner: string | null
}

const insertSql = `
with i as materialized (
  select * from jsonb_to_recordset($1::jsonb) as i(
    n int, id text, flow text, version text, commit text, policy text, trigger text, "startedBy" text, slot text, event jsonb,
    inputs jsonb, "scheduledMs" bigint, "nowMs" bigint, parent text, depth int, status text, owner text)),
taken as (
  insert into slot (key, run, created_ms) select slot, id, "nowMs" from i order by slot
  on conflict (key) do nothing returning run),
-- A set to look into: joining it would compare each with each.
taking as (select jsonb_object_agg(run, true) as runs from taken),
born as (
  insert into run (id, flow, version, commit, policy, trigger, started_by, slot, event, inputs, status, epoch, owner,
                   scheduled_ms, created_ms, started_ms, parent, depth)
  select i.id, flow, version, commit, policy, trigger, "startedBy", slot, event, inputs, status,
         case status when 'running' then 1 else 0 end, owner, "scheduledMs", "nowMs",
         case status when 'running' then "nowMs" end, parent, depth
  from i, taking where taking.runs ? i.id)
select n from i, taking where taking.runs ? i.id`

/** Inserts runs; tells for each whether it was born. A slot that was ever taken bears nothing again. */
export async function insertRuns(statements: Statements, births: readonly Birth[]): Promise<boolean[]> {
  const rows = await statements.query<{ n: number }>(insertSql, [
    json(births.map((birth, n) => ({ n, ...birth }))),
  ])
  const born = new Set(rows.map((row) => row.n))
  return births.map((_, n) => born.has(n))
}

/** The run that took a slot; null when none did. */
export async function runOfSlot(statements: Statements, slot: string): Promise<string | null> {
  const rows = await statements.query<{ run: string }>('select run from slot where key = $1', [slot])
  return rows[0]?.run ?? null
}
