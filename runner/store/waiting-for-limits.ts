// Runs that wait for a limit: which keys have room, who is first, and letting them in.

import type { Statements, Transaction } from './database.ts'
import type { LimitRow } from './limits.ts'

export interface WaitingKey {
  readonly key: string
  /** Whether the first that waits would find room. */
  readonly room: boolean
}

const keysSql = `
with recursive found as (
  (select key from run_limit where not holds and key > $1 order by key limit 1)
  union all
  select (select w.key from run_limit w where not w.holds and w.key > found.key order by w.key limit 1)
  from found where found.key is not null)
select k.key, case when first.per_ms is null
    then (select count(*) from (
      select 1 from run_limit h where h.key = k.key and h.holds limit first.max) as counted)
    else (select count(*) from (
      select 1 from rate_start s where s.key = k.key and s.at_ms > $3 - first.per_ms limit first.max) as counted)
  end < first.max as room
from (select key from found where key is not null limit $2) as k cross join lateral (
  select max, per_ms from run_limit f where f.key = k.key and not f.holds order by f.order_ms, f.run limit 1) as first
order by k.key`

/** Keys after a name that runs wait for, by name: a few looks into the indexes for each, however many wait. */
export function waitingKeys(
  statements: Statements,
  page: { readonly after: string; readonly max: number; readonly nowMs: number },
): Promise<WaitingKey[]> {
  return statements.query(keysSql, [page.after, page.max, page.nowMs])
}

/** A run that waits, with everything that it waits for or has. */
export interface WaitingRun {
  readonly run: string
  /** `ended`: a crash left its rows. `elsewhere`: it is about to end, and needs no place for that. */
  readonly is: 'waiting' | 'elsewhere' | 'ended'
  readonly limits: readonly (Pick<LimitRow, 'key' | 'max' | 'perMs'> & { readonly holds: boolean })[]
}

const limitsOfRun = `
  select jsonb_agg(jsonb_build_object('key', m.key, 'max', m.max, 'perMs', m.per_ms, 'holds', m.holds is true))
  from run_limit m where m.run = r.id`

/** The first `max` that wait for each of the keys, in their order; what a crash left of ended ones too. */
export function firstWaiting(
  statements: Statements,
  keys: readonly string[],
  max: number,
): Promise<WaitingRun[]> {
  return statements.query(
    `select r.id as run, (${limitsOfRun}) as limits,
            case when r.ended_ms is not null then 'ended' when r.status = 'queued' then 'waiting'
                 else 'elsewhere' end as "is"
     from (select c.run, min(c.order_ms) as order_ms
           from unnest($1::text[]) as k(key) cross join lateral (
             select w.run, w.order_ms from run_limit w where w.key = k.key and not w.holds
             order by w.order_ms, w.run limit $2) as c
           group by c.run) as first
     join run r on r.id = first.run
     order by first.order_ms, r.id`,
    [keys, max],
  )
}

/** Those of the runs that still wait, locked, in the given order. One that somebody else changes now is left out. */
export function lockWaiting(tx: Transaction, runs: readonly string[]): Promise<WaitingRun[]> {
  return tx.query(
    `with mine as materialized (
       select id from run where id = any($1) and status = 'queued' order by id for no key update skip locked)
     select r.id as run, 'waiting' as "is", (${limitsOfRun}) as limits from mine r order by array_position($1, r.id)`,
    [runs],
  )
}

/** Gives runs their places and makes them ready. Under the locks of all their keys. */
export async function takePlaces(tx: Transaction, runs: readonly string[]): Promise<void> {
  await tx.query('delete from run_limit where run = any($1) and per_ms is not null', [runs])
  await tx.query('update run_limit set holds = true where run = any($1)', [runs])
  await tx.query(`update run set status = 'ready', hinted = false where id = any($1) and status = 'queued'`, [
    runs,
  ])
}

/** Runs that have ended wait for nothing. */
export async function forgetRuns(statements: Statements, runs: readonly string[]): Promise<void> {
  await statements.query('delete from run_limit where run = any($1)', [runs])
}
