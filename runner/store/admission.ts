// Births of runs: once per slot, within the limits, born claimed where the runner has room.

import { type Database, json, type Statements, type Transaction } from './database.ts'
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

/** Serialises everything that decides about limits, until the transaction ends: none is let in twice. */
export async function lockLimits(tx: Transaction): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(7735001)')
}

/** Live runs that count against a limit, oldest first. A parked run still counts. */
export function liveRunsOfLimit(
  statements: Statements,
  key: string,
): Promise<{ id: string; status: string }[]> {
  return statements.query(
    `select r.id, r.status from run_limit l join run r on r.id = l.run
     where l.key = $1 and r.status in ('queued', 'ready', 'running', 'parked') order by r.created_ms, r.id`,
    [key],
  )
}

/** Records which limits a run counts against, from its birth. */
export async function attachLimits(
  tx: Transaction,
  run: string,
  limits: readonly { readonly key: string; readonly max: number }[],
): Promise<void> {
  await tx.query(
    'insert into run_limit (key, run, max) select key, $2, max from jsonb_to_recordset($1::jsonb) as l(key text, max int)',
    [json(limits), run],
  )
}

/**
 * Queued runs that may start now: for each of their limits, fewer than `max` older or started runs are live.
 * Callers hold `lockLimits`, so that two never let in one too many.
 */
export function admissible(tx: Transaction, max: number): Promise<{ run: string; priority: number }[]> {
  return tx.query(
    `with waiting as (select id, created_ms from run where status = 'queued' order by priority desc, created_ms limit $1)
     update run set status = 'ready' from waiting w where run.id = w.id and not exists (
       select 1 from run_limit mine where mine.run = w.id and mine.max <= (
         select count(*) from run_limit other join run o on o.id = other.run
         where other.key = mine.key and o.id <> w.id and (o.status in ('ready', 'running', 'parked')
           or (o.status = 'queued' and (o.created_ms, o.id) < (w.created_ms, w.id)))))
     returning run.id as run, run.priority`,
    [max],
  )
}

/** Whether anything waits for a slot of its limit or for a free runner. */
export async function backlog(database: Database): Promise<{ ready: number; queued: number }> {
  const rows = await database.query<{ ready: number; queued: number }>(
    `select count(*) filter (where status = 'ready') as ready, count(*) filter (where status = 'queued') as queued
     from run where status in ('ready', 'queued')`,
  )
  return rows[0] ?? { ready: 0, queued: 0 }
}
