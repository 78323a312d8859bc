// One run for people: its row, its journal in pages, the outline of the whole journal, its log.

import type { Database } from './database.ts'
import { type Page, pageOf } from './view-page.ts'
import { runColumns, runRow, type RunRow, type StoredRunRow } from './view-runs.ts'
import type { Fact } from '../model/journal.ts'
import type { Json, JsonObject } from '../model/json.ts'

export interface RunView extends RunRow {
  readonly event: JsonObject
  readonly inputs: JsonObject
  readonly outputs: JsonObject | null
  readonly cancelBy: string | null
  readonly owner: string | null
  /** Live runs that stand before it in one of its limits; what a queued run waits for. */
  readonly before: readonly { readonly key: string; readonly max: number; readonly runs: number }[]
}

/** Events and inputs beyond this many characters stay in the store. */
export const payloadCharactersMax = 20_000

const runSql = `
select ${runColumns}, r.cancel_by as "cancelBy", r.owner,
  case when length(r.event::text) <= $2 then r.event else '{"too_large": true}' end as event,
  case when length(r.inputs::text) <= $2 then r.inputs else '{"too_large": true}' end as inputs,
  case when length(r.outputs::text) > $2 then '{"too_large": true}' else r.outputs end as outputs
from run r where r.id = $1`

const beforeSql = `
select mine.key, mine.max, (
  select count(*) from (
    select 1 from run_limit other join run o on o.id = other.run
    where other.key = mine.key and o.id < mine.run and o.status in ('queued', 'ready', 'running', 'parked')
    limit 1000) counted) as runs
from run_limit mine where mine.run = $1 order by mine.key`

/** One run; null when it does not exist (any more). */
export async function readRun(database: Database, id: string): Promise<RunView | null> {
  type Stored = StoredRunRow & Pick<RunView, 'event' | 'inputs' | 'cancelBy' | 'owner'> & { outputs: Json }
  const [stored] = await database.query<Stored>(runSql, [id, payloadCharactersMax])
  if (stored === undefined) return null
  const { event, inputs, cancelBy, owner, outputs, ...row } = stored
  const before =
    row.status === 'queued' ? await database.query<RunView['before'][number]>(beforeSql, [id]) : []
  return { ...runRow(row), event, inputs, outputs: outputs as JsonObject | null, cancelBy, owner, before }
}

export interface JournalRow {
  readonly seq: number
  readonly atMs: number
  readonly epoch: number
  readonly is: Fact['is']
  /** Null when it is larger than `factCharactersMax`. */
  readonly fact: Fact | null
  readonly characters: number
}

/** Facts beyond this many characters stay in the store; `watchbill show` reads them. */
export const factCharactersMax = 8_000

const journalSql = `
select j.seq, j.at_ms as "atMs", j.epoch, j.fact ->> 'is' as "is", length(j.fact::text) as characters,
  case when length(j.fact::text) <= $4 then j.fact end as fact
from journal j where j.run = $1 and j.seq > $2 order by j.seq limit $3`

/** Entries of a run's journal after a sequence number, in order. */
export async function listJournal(
  database: Database,
  page: { readonly run: string; readonly afterSeq: number; readonly limit: number },
): Promise<Page<JournalRow>> {
  const rows = await database.query<JournalRow>(journalSql, [
    page.run,
    page.afterSeq,
    page.limit + 1,
    factCharactersMax,
  ])
  return pageOf(rows, page.limit, (entry) => String(entry.seq))
}

/** What a picture needs of an entry, whatever its payload. */
export interface OutlineRow {
  readonly seq: number
  readonly atMs: number
  readonly is: Fact['is']
  readonly step: string | null
  readonly element: number | null
  readonly attempt: number | null
  readonly tookMs: number | null
  readonly uses: string | null
  readonly retryAtMs: number | null
  readonly choice: string | null
  readonly verdict: string | null
  readonly ticket: string | null
  readonly errorKind: string | null
  readonly count: number | null
}

const outlineSql = `
select j.seq, j.at_ms as "atMs", j.fact ->> 'is' as "is",
  coalesce(j.fact #>> '{at,step}', j.fact ->> 'step') as step,
  (j.fact #>> '{at,element}')::int as element, (j.fact ->> 'attempt')::int as attempt,
  (j.fact ->> 'tookMs')::float8 as "tookMs", coalesce(j.fact ->> 'uses', j.fact #>> '{action,uses}') as uses,
  (j.fact ->> 'retryAtMs')::float8 as "retryAtMs", j.fact ->> 'choice' as choice,
  j.fact #>> '{verdict,is}' as verdict, j.fact ->> 'ticket' as ticket, j.fact #>> '{error,kind}' as "errorKind",
  case when j.fact ->> 'is' = 'listed' then jsonb_array_length(j.fact -> 'items') end as count
from journal j where j.run = $1 order by j.seq limit $2`

/** The run's journal without payloads, from the start. */
export function outlineRun(
  database: Database,
  of: { readonly run: string; readonly limit: number },
): Promise<readonly OutlineRow[]> {
  return database.query<OutlineRow>(outlineSql, [of.run, of.limit])
}

export interface LogRow {
  readonly id: number
  readonly atMs: number
  readonly step: string
  readonly line: string
}

/** The newest lines that the run's steps wrote, oldest first. */
export function tailLog(
  database: Database,
  of: { readonly run: string; readonly limit: number },
): Promise<readonly LogRow[]> {
  return database.query<LogRow>(
    `select id, at_ms as "atMs", step, line from (
       select * from run_log where run = $1 order by id desc limit $2) newest order by id`,
    [of.run, of.limit],
  )
}
