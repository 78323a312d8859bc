// The window of hints: ready runs are rows, and only so many of them have a job. Who gets one, and in which order.

import type { Statements, Transaction } from './database.ts'
import { priorities } from '../model/decision.ts'

/** One level of priority is worth this much waiting; `run.order_ms` says the same. */
export const levelMs = 600_000

export interface Hinted {
  readonly run: string
  readonly priority: number
}

const flowsSql = `
with recursive found as (
  (select flow from run where status = 'ready' and not hinted and flow > $1 order by flow limit 1)
  union all
  select (select r.flow from run r where r.status = 'ready' and not r.hinted and r.flow > found.flow
          order by r.flow limit 1)
  from found where found.flow is not null)
select flow from found where flow is not null limit $2`

/** Flows after a name that have ready runs without a job, by name: one look into the index for each, not a scan. */
export async function waitingFlows(statements: Statements, after: string, max: number): Promise<string[]> {
  const rows = await statements.query<{ flow: string }>(flowsSql, [after, max])
  return rows.map((row) => row.flow)
}

const hintSql = `
with standing as materialized (
  select flow, count(*) as hints from run where status = 'ready' and hinted group by flow),
candidate as materialized (
  select c.id, c.order_ms, coalesce(standing.hints, 0) + c.nth as rank
  from unnest($1::text[]) as f(flow) cross join lateral (
    select id, order_ms, row_number() over (order by order_ms) as nth from (
      select id, order_ms from run where run.flow = f.flow and status = 'ready' and not hinted
      order by order_ms limit $2) as first) as c
  left join standing on standing.flow = f.flow),
placed as (
  select id, rank, row_number() over (order by rank, order_ms, id) as place from candidate),
total as (select coalesce(sum(hints), 0) as hints from standing),
chosen as materialized (
  select id, place from placed, total
  where place <= $3 - total.hints or (rank = 1 and place <= $4 - total.hints)),
free as (
  select run.id, chosen.place from chosen join run on run.id = chosen.id
  where run.status = 'ready' and not run.hinted
  order by run.id for no key update of run skip locked)
update run set hinted = true from free where run.id = free.id
returning run.id as run, run.priority, free.place`

/**
 * Gives a place in the window to ready runs of these flows: first each flow's first, then each flow's second, what
 * stands in the window counted; among equals the more urgent. A flow that has none in the window gets one even when
 * it is full, up to `flowsMax` in all. A run is never given two places; two who fill at once may pass `max` by what
 * one of them adds.
 */
export async function hintNext(
  tx: Transaction,
  fill: {
    readonly flows: readonly string[]
    readonly perFlow: number
    readonly max: number
    readonly flowsMax: number
  },
): Promise<Hinted[]> {
  const { flows, perFlow, max, flowsMax } = fill
  const rows = await tx.query<Hinted & { place: number }>(hintSql, [flows, perFlow, max, flowsMax])
  return rows.toSorted((a, b) => a.place - b.place)
}

/**
 * The runs that would be given a place first; none when the window is not empty, because they come after who is in it.
 */
export async function firstReady(
  statements: Statements,
  flows: readonly string[],
  max: number,
): Promise<string[]> {
  const rows = await statements.query<{ id: string }>(
    `select c.id from unnest($1::text[]) as f(flow) cross join lateral (
       select id, order_ms, row_number() over (order by order_ms) as nth from (
         select id, order_ms from run where run.flow = f.flow and status = 'ready' and not hinted
         order by order_ms limit $2) as first) as c
     where not exists (select 1 from run where status = 'ready' and hinted)
     order by c.nth, c.order_ms, c.id limit $2`,
    [flows, max],
  )
  return rows.map((row) => row.id)
}

/** Whether ready runs are left without a job. */
export async function anyUnhinted(statements: Statements): Promise<boolean> {
  const rows = await statements.query(
    `select 1 from run where status = 'ready' and not hinted order by flow limit 1`,
    [],
  )
  return rows.length > 0
}

/** Ready runs that have a job, or had one that was lost. */
export function hintedRuns(statements: Statements, max: number): Promise<Hinted[]> {
  return statements.query(
    `select id as run, priority from run where status = 'ready' and hinted order by id limit $1`,
    [max],
  )
}

/** How many runs are ready, counted to `max`. */
export async function countReady(statements: Statements, max: number): Promise<number> {
  const [row] = await statements.query<{ runs: number }>(
    `select count(*) as runs from (select 1 from run where status = 'ready' limit $1) as counted`,
    [max],
  )
  return row?.runs ?? 0
}

const levels = priorities.map((_, index) => index - 1)

/** Whether a ready run comes before this one; one look into the index for each priority. */
export async function outranked(
  statements: Statements,
  run: { readonly createdMs: number; readonly priority: number },
): Promise<boolean> {
  const orderMs = run.createdMs - run.priority * levelMs
  const rows = await statements.query(
    `select 1 from unnest($1::int[]) as of(level) where exists (
       select 1 from run where status = 'ready' and priority = of.level and created_ms < $2 + of.level * $3::bigint)
     limit 1`,
    [levels, orderMs, levelMs],
  )
  return rows.length > 0
}
