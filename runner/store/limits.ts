// Limits as rows: who has a place of a key, and who waits for one. Whoever counts and takes holds the key's lock.

import { json, type Statements, type Transaction } from './database.ts'
import type { WhileWaiting } from '../model/flow.ts'

/** A limit that a run counts against. */
export interface LimitRow {
  readonly key: string
  readonly max: number
  /** A rate: at most `max` starts in any span of so long. Null: at most `max` runs at once. */
  readonly perMs: number | null
  readonly whileWaiting: WhileWaiting
}

/** How a key stands. */
export interface Standing {
  readonly key: string
  /** Places taken; of a rate, starts that still count. */
  readonly taken: number
  /** Runs that wait for it, counted to `max`. */
  readonly waiting: number
}

const lockClass = 7_735_001

/**
 * Locks keys until the transaction ends, in one order for everybody, so that nobody deadlocks. Different keys do not
 * wait for each other, but for the rare two of one hash. Always before the rows of runs.
 */
export async function lockKeys(tx: Transaction, keys: readonly string[]): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock($1, hash) from (
       select distinct hashtext(key) as hash from unnest($2::text[]) as of(key) order by hash) as sorted`,
    [lockClass, keys],
  )
}

const standingSql = `
select l.key,
  case when l."perMs" is null
    then (select count(*) from run_limit h where h.key = l.key and h.holds)
    else (select count(*) from rate_start s where s.key = l.key and s.at_ms > $2 - l."perMs") end as taken,
  (select count(*) from (
     select 1 from run_limit w where w.key = l.key and not w.holds limit l.max) as counted) as waiting
from jsonb_to_recordset($1::jsonb) as l(key text, max int, "perMs" bigint)`

/** Under the locks of the keys: exact until the transaction ends. */
export async function standingOf(
  statements: Statements,
  limits: readonly Pick<LimitRow, 'key' | 'max' | 'perMs'>[],
  nowMs: number,
): Promise<Map<string, Standing>> {
  const rows = await statements.query<Standing>(standingSql, [json(limits), nowMs])
  return new Map(rows.map((row) => [row.key, row]))
}

/** Records from a run's birth what it counts against: with its places, or waiting for them. */
export async function attachLimits(
  tx: Transaction,
  run: { readonly id: string; readonly orderMs: number; readonly is: 'in' | 'waiting' },
  limits: readonly LimitRow[],
): Promise<void> {
  // A rate is about the start alone: who has started does not count against it any more.
  const rows = run.is === 'in' ? limits.filter((limit) => limit.perMs === null) : limits
  await tx.query(
    `insert into run_limit (key, run, max, per_ms, while_waiting, holds, order_ms)
     select key, $2, max, "perMs", "whileWaiting", $3, $4
     from jsonb_to_recordset($1::jsonb) as l(key text, max int, "perMs" bigint, "whileWaiting" text)`,
    [json(rows), run.id, run.is === 'in', run.orderMs],
  )
}

/** Runs that count against a key or wait for it, by id. */
export async function runsOfKey(
  tx: Transaction,
  key: string,
  which: 'all' | 'waiting',
): Promise<readonly string[]> {
  const rows = await tx.query<{ run: string }>(
    `select l.run from run_limit l join run r on r.id = l.run
     where l.key = $1 and ($2 or not l.holds) and r.status in ('queued', 'ready', 'running', 'parked')
     order by l.run`,
    [key, which === 'all'],
  )
  return rows.map((row) => row.run)
}

/** A caller of the run, or a caller of its caller, that has a place of one of the keys and keeps it while it waits. */
export async function holderAbove(
  tx: Transaction,
  parent: string,
  keys: readonly string[],
): Promise<{ readonly key: string; readonly run: string } | null> {
  const [row] = await tx.query<{ key: string; run: string }>(
    `with recursive above as (
       select id, parent, depth from run where id = $1
       union all
       select r.id, r.parent, r.depth from run r join above on r.id = above.parent)
     select l.key, l.run from run_limit l join above on above.id = l.run
     where l.key = any($2) and l.holds and l.while_waiting = 'hold' limit 1`,
    [parent, keys],
  )
  return row ?? null
}

export interface Released {
  readonly key: string
  /** Whether somebody waits for it. */
  readonly wanted: boolean
}

/** Locks the keys of a run, so that whoever is being admitted sees what follows, or is seen as waiting. */
async function lockKeysOf(tx: Transaction, run: string): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock($1, hash) from (
       select distinct hashtext(key) as hash from run_limit where run = $2 order by hash) as sorted`,
    [lockClass, run],
  )
}

/** The run has ended: its places are free, and it waits for none. */
export async function releaseLimits(tx: Transaction, run: string): Promise<Released[]> {
  await lockKeysOf(tx, run)
  return tx.query(
    `delete from run_limit l where l.run = $1 returning l.key, exists (
       select 1 from run_limit w where w.key = l.key and not w.holds and w.run <> $1) as wanted`,
    [run],
  )
}

/** The run is parked: it gives back the places that it does not keep while it waits. Woken before, it keeps them. */
export async function lendLimits(tx: Transaction, run: string): Promise<Released[]> {
  await lockKeysOf(tx, run)
  return tx.query(
    `with parked as materialized (select id from run where id = $1 and status = 'parked' for no key update)
     update run_limit l set holds = null from parked
     where l.run = parked.id and l.holds and l.while_waiting = 'release' returning l.key, exists (
       select 1 from run_limit w where w.key = l.key and not w.holds and w.run <> $1) as wanted`,
    [run],
  )
}

/** What a crash left: places of runs that have ended, and of parked ones that should have given theirs back. */
export async function repairLimits(tx: Transaction, max: number): Promise<void> {
  await tx.query(
    `delete from run_limit using (
       select l.key, l.run from run_limit l join run r on r.id = l.run
       where l.holds and r.ended_ms is not null limit $1) as left_over
     where run_limit.key = left_over.key and run_limit.run = left_over.run`,
    [max],
  )
  await tx.query(
    `with kept as materialized (
       select r.id from run_limit l join run r on r.id = l.run
       where l.holds and l.while_waiting = 'release' and r.status = 'parked'
       order by r.id limit $1 for no key update of r skip locked)
     update run_limit l set holds = null from kept
     where l.run = kept.id and l.holds and l.while_waiting = 'release'`,
    [max],
  )
}
