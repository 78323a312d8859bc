// Writing what happened in runs: many outcomes in one statement, each only if its run is still ours.

import { json, type Statements } from './database.ts'
import { impossible } from '../model/impossible.ts'
import type { Entry } from '../model/journal.ts'
import type { Waiting } from '../model/now.ts'
import type { JsonObject } from '../model/json.ts'
import type { RecordedError } from '../model/error.ts'

/** What becomes of the run with this outcome. */
export type Fate =
  | { readonly is: 'go' }
  | {
      readonly is: 'park'
      /** The `wake_seq` that was read; another one means that news arrived and the run is not parked. */
      readonly wakeSeq: number
      readonly wakeMs: number | null
      readonly waiting: readonly Waiting[]
    }
  | {
      readonly is: 'end'
      readonly status: 'succeeded' | 'failed' | 'cancelled'
      readonly error: RecordedError | null
      readonly outputs: JsonObject
    }

export interface Outcome {
  readonly run: string
  readonly epoch: number
  /** The run that called this one; it hears of the end. */
  readonly parent: string | null
  readonly entries: readonly Entry[]
  readonly fate: Fate
  readonly workingMs: number
  /** Null: as it was. */
  readonly priority: number | null
  readonly atMs: number
}

/** `lost`: another holder has the run, stop. `news`: not parked, because something arrived. */
export type Written = 'written' | 'lost' | 'news'

// The rows are locked in the order of their ids, each looked up by its key: a plain join may walk all running runs
// for each outcome.
const writeSql = `
with given as materialized (
  select * from jsonb_to_recordset($1::jsonb) as i(
    n int, r text, e int, t bigint, k text, w int, p int, c boolean, m bigint, j jsonb, x jsonb, f jsonb)),
own as materialized (
  select i.*, ours.wake_seq as wake_now
  from (select * from given order by r, n) as i cross join lateral
       (select wake_seq, status from run where run.id = i.r and run.epoch = i.e for no key update) as ours
  where ours.status = 'running'),
facts as (
  insert into journal (run, seq, epoch, at_ms, fact)
  select r, (entry->>'s')::int, e, (entry->>'t')::bigint, entry->'f'
  from own, jsonb_array_elements(own.j) as entry on conflict (run, seq) do nothing
  returning run, fact),
intents as (
  insert into effect (key, run, step, uses, request_hash, ticket, intended_ms)
  select f->>'key', r, f#>>'{at,step}', f#>>'{action,uses}', f->>'requestHash', f->>'ticket', t
  from (select r, t, jsonb_array_elements(x) as f from own where x is not null) as intended on conflict (key) do nothing),
going as (
  update run set priority = coalesce(changed.p, run.priority), cost_pico = cost_pico + coalesce(changed.cost, 0)
  from (select r, max(p) as p, (select sum((fact->>'costPicoUsd')::numeric) from facts where run = r and fact->>'is' = 'decided') as cost
        from own where k = 'go' and (p is not null or c) group by r) as changed
  where run.id = changed.r),
parked as (
  update run set status = 'parked', owner = null, waiting = own.f->'waiting', wake_ms = (own.f->>'wake_ms')::bigint,
         working_ms = own.m, priority = coalesce(own.p, priority),
         cost_pico = cost_pico + case when own.c then coalesce((
           select sum((fact->>'costPicoUsd')::numeric) from facts where run = own.r and fact->>'is' = 'decided'), 0) else 0 end
  from own where run.id = own.r and own.k = 'park' and own.wake_now = own.w),
ended as (
  update run set status = own.f->>'status', owner = null, waiting = null, wake_ms = null, ended_ms = own.t,
         working_ms = own.m, error = nullif(own.f->'error', 'null'), outputs = own.f->'outputs',
         priority = coalesce(own.p, priority),
         cost_pico = cost_pico + case when own.c then coalesce((
           select sum((fact->>'costPicoUsd')::numeric) from facts where run = own.r and fact->>'is' = 'decided'), 0) else 0 end
  from own where run.id = own.r and own.k = 'end')
select n, k = 'park' and wake_now <> w as news from own`

/**
 * Writes outcomes of runs that we hold, all or nothing. An outcome whose run has another epoch, or is not
 * running, writes nothing and is `lost`: two holders never both write. Repeating a batch is harmless.
 */
export async function writeOutcomes(
  statements: Statements,
  outcomes: readonly Outcome[],
): Promise<Written[]> {
  const found = await statements.query<{ n: number; news: boolean }>(writeSql, [json(outcomes.map(rowOf))])
  const written = new Map(found.map((row) => [row.n, row.news]))
  return outcomes.map((_, n) => {
    const news = written.get(n)
    return news === undefined ? 'lost' : news ? 'news' : 'written'
  })
}

/** Names are one letter: they are repeated for each of hundreds of rows. Absent ones are null. */
function rowOf(outcome: Outcome, n: number): object {
  const { run, epoch, atMs, entries, fate } = outcome
  const facts = entries.map((entry) => entry.fact)
  const intents = facts.filter((fact) => fact.is === 'intended')
  return {
    n,
    r: run,
    e: epoch,
    t: atMs,
    k: fate.is,
    j: entries.map((entry) => ({ s: entry.seq, t: entry.atMs, f: entry.fact })),
    ...(intents.length > 0 ? { x: intents } : {}),
    ...(outcome.priority === null ? {} : { p: outcome.priority }),
    // It has a cost: counted from the entries that are new, so that a repetition counts nothing twice.
    ...(facts.some((fact) => fact.is === 'decided') ? { c: true } : {}),
    ...fateOf(outcome),
  }
}

/** Working time is kept when the run is left, not with each outcome: a row that stays as it is costs nothing. */
function fateOf({ fate, workingMs }: Outcome): object {
  const m = Math.round(workingMs)
  switch (fate.is) {
    case 'go':
      return {}
    case 'park':
      return { m, w: fate.wakeSeq, f: { waiting: fate.waiting, wake_ms: fate.wakeMs } }
    case 'end':
      return { m, f: { status: fate.status, error: fate.error, outputs: fate.outputs } }
    default:
      return impossible(fate)
  }
}
