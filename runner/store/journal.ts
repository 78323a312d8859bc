// Writing what happened in runs: many outcomes in one statement, each only if its run is still ours.

import { type Database, json, type Statements } from './database.ts'
import { impossible } from '../model/impossible.ts'
import type { Entry, Fact } from '../model/journal.ts'
import type { Waiting } from '../model/now.ts'
import type { Json, JsonObject } from '../model/json.ts'
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
  readonly priority: number
  readonly atMs: number
}

/** `lost`: another holder has the run, stop. `news`: not parked, because something arrived. */
export type Written = 'written' | 'lost' | 'news'

const writeSql = `
with own as materialized (
  select i.*, r.wake_seq as wake_now
  from jsonb_to_recordset($1::jsonb) as i(n int, r text, e int, k text, s int, t bigint, f jsonb, w int)
  join run r on r.id = i.r and r.epoch = i.e and r.status = 'running'
  order by r.id, i.n for no key update of r),
facts as (
  insert into journal (run, seq, epoch, at_ms, fact)
  select r, s, e, t, f from own where k = 'fact' on conflict (run, seq) do nothing),
intents as (
  insert into effect (key, run, step, uses, request_hash, ticket, intended_ms)
  select f->>'key', r, f#>>'{at,step}', f#>>'{action,uses}', f->>'requestHash', f->>'ticket', t
  from own where k = 'fact' and f->>'is' = 'intended' on conflict (key) do nothing),
spent as (
  select r, sum((f->>'costPicoUsd')::numeric) as pico from own where k = 'fact' and f->>'is' = 'decided' group by r),
going as (
  update run set working_ms = (own.f->>'working_ms')::bigint, priority = (own.f->>'priority')::int,
         cost_pico = cost_pico + coalesce((select pico from spent where spent.r = run.id), 0)
  from own where run.id = own.r and own.k = 'go'),
parked as (
  update run set status = 'parked', owner = null, waiting = own.f->'waiting', wake_ms = (own.f->>'wake_ms')::bigint,
         working_ms = (own.f->>'working_ms')::bigint, priority = (own.f->>'priority')::int,
         cost_pico = cost_pico + coalesce((select pico from spent where spent.r = run.id), 0)
  from own where run.id = own.r and own.k = 'park' and own.wake_now = own.w),
ended as (
  update run set status = own.f->>'status', owner = null, waiting = null, wake_ms = null, ended_ms = own.t,
         working_ms = (own.f->>'working_ms')::bigint, error = nullif(own.f->'error', 'null'), outputs = own.f->'outputs',
         cost_pico = cost_pico + coalesce((select pico from spent where spent.r = run.id), 0)
  from own where run.id = own.r and own.k = 'end')
select n, k = 'park' and wake_now <> w as news from own where k <> 'fact'`

/**
 * Writes outcomes of runs that we hold, all or nothing. An outcome whose run has another epoch, or is not
 * running, writes nothing and is `lost`: two holders never both write. Repeating a batch is harmless.
 */
export async function writeOutcomes(
  statements: Statements,
  outcomes: readonly Outcome[],
): Promise<Written[]> {
  const rows = outcomes.flatMap((outcome, n) => rowsOf(outcome, n))
  const found = await statements.query<{ n: number; news: boolean }>(writeSql, [json(rows)])
  const written = new Map(found.map((row) => [row.n, row.news]))
  return outcomes.map((_, n) => {
    const news = written.get(n)
    return news === undefined ? 'lost' : news ? 'news' : 'written'
  })
}

type Row = Readonly<Record<'n' | 'r' | 'e' | 'k' | 's' | 't' | 'f' | 'w', unknown>>

function rowsOf(outcome: Outcome, n: number): Row[] {
  const base = { n, r: outcome.run, e: outcome.epoch, s: 0, t: outcome.atMs, w: 0 }
  const facts = outcome.entries.map((entry) => ({
    ...base,
    k: 'fact',
    s: entry.seq,
    t: entry.atMs,
    f: entry.fact,
  }))
  const fate = outcome.fate
  const run = { working_ms: Math.round(outcome.workingMs), priority: outcome.priority }
  switch (fate.is) {
    case 'go':
      return [...facts, { ...base, k: 'go', f: run }]
    case 'park': {
      const f = { ...run, waiting: fate.waiting, wake_ms: fate.wakeMs }
      return [...facts, { ...base, k: 'park', w: fate.wakeSeq, f }]
    }
    case 'end': {
      const f = { ...run, status: fate.status, error: fate.error, outputs: fate.outputs }
      return [...facts, { ...base, k: 'end', f }]
    }
    default:
      return impossible(fate)
  }
}

interface JournalRow {
  readonly run: string
  readonly seq: number
  readonly epoch: number
  readonly at_ms: number
  readonly fact: Json
}

/**
 * The journals of some runs, in order; an `Error` where one cannot be read, so that it harms nobody else.
 * A separate statement after a claim, so that it sees what the claim waited for.
 */
export async function readJournals(
  database: Database,
  runs: readonly string[],
): Promise<Map<string, Entry[] | Error>> {
  const rows = await database.query<JournalRow>(
    'select run, seq, epoch, at_ms, fact from journal where run = any($1) order by run, seq',
    [runs],
  )
  const journals = new Map<string, Entry[] | Error>(runs.map((run) => [run, []]))
  for (const row of rows) {
    const journal = journals.get(row.run)
    if (!Array.isArray(journal)) continue
    const entry = entryOf(row)
    if (entry instanceof Error) journals.set(row.run, entry)
    else journal.push(entry)
  }
  return journals
}

function entryOf(row: JournalRow): Entry | Error {
  const fact = row.fact as unknown as Fact | null
  if (fact?.v !== 1)
    return new Error(`entry ${row.seq} of the journal has version ${String(fact?.v)}; this program knows 1`)
  return { seq: row.seq, epoch: row.epoch, atMs: row.at_ms, fact }
}
