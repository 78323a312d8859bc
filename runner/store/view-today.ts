// What the overview says of the last day: how much ran, what runs now, what went wrong. Bounded counts.

import type { Database } from './database.ts'
import { firstIdOf, runColumns, runRow, type RunRow, type StoredRunRow } from './view-runs.ts'
import { type RunStatus, runStatuses } from '../model/run.ts'

/** Counting stops here; the page then says "more than". */
export const countMax = 100_000

export interface Today {
  readonly sinceMs: number
  /** Runs created since, by what they are now. */
  readonly runs: Readonly<Record<RunStatus, number>>
  /** Runs that ended as failed since, whenever they began. */
  readonly failed: number
  /** Of the runs created since, those for which people were asked. */
  readonly asked: number
  /** Runs that have not ended, whenever they began. */
  readonly live: Readonly<Record<'queued' | 'ready' | 'running' | 'parked', number>>
}

const createdSql = `
select s.status, (select count(*) from (
  select 1 from run where (run.status, run.id) >= (s.status, $2) and (run.status, run.id) < (s.status, '~')
  limit $3) counted) as runs
from unnest($1::text[]) as s(status)`

const otherSql = `
select
  (select count(*) from (select 1 from run where status = 'failed' and ended_ms >= $1 limit $2) counted) as failed,
  (select count(distinct run) from (
    select run from ticket where created_ms >= $1 and run >= $3 limit $2) counted) as asked`

/** Counts since a time; each stops at `countMax`. Cost grows with the runs since, not with the history. */
export async function countToday(database: Database, sinceMs: number): Promise<Today> {
  const since = firstIdOf(sinceMs)
  const [created, others, live] = await Promise.all([
    database.query<{ status: RunStatus; runs: number }>(createdSql, [runStatuses, since, countMax]),
    database.query<{ failed: number; asked: number }>(otherSql, [sinceMs, countMax, since]),
    countLive(database),
  ])
  const runs = Object.fromEntries(created.map((row) => [row.status, row.runs])) as Record<RunStatus, number>
  return { sinceMs, runs, failed: others[0]?.failed ?? 0, asked: others[0]?.asked ?? 0, live }
}

const liveSql = `
select s.status, (select count(*) from (
  select 1 from run where run.status = s.status
    and run.status in ('queued', 'ready', 'running', 'parked') limit $1) counted) as runs
from unnest(array['queued', 'ready', 'running', 'parked']) as s(status)`

/** Runs that have not ended; reads only the live ones. */
export async function countLive(database: Database): Promise<Today['live']> {
  const rows = await database.query<{ status: RunStatus; runs: number }>(liveSql, [countMax])
  const of = (status: RunStatus): number => rows.find((row) => row.status === status)?.runs ?? 0
  return { queued: of('queued'), ready: of('ready'), running: of('running'), parked: of('parked') }
}

export interface RunningRow extends RunRow {
  /** The step that the journal named last; null before the first. */
  readonly step: string | null
}

/** Runs that are being worked on, most urgent first. */
export async function listRunning(database: Database, limit: number): Promise<readonly RunningRow[]> {
  const rows = await database.query<StoredRunRow & { step: string | null }>(
    `select ${runColumns}, (
       select j.fact #>> '{at,step}' from journal j where j.run = r.id order by j.seq desc limit 1) as step
     from run r where r.status = 'running' order by r.priority desc, r.created_ms limit $1`,
    [limit],
  )
  return rows.map(runningRow)
}

function runningRow(stored: StoredRunRow & { step: string | null }): RunningRow {
  const { step, ...run } = stored
  return { ...runRow(run), step }
}

export interface FailedRow extends RunRow {
  /** How many attempts failed. */
  readonly attempts: number
}

/** Runs that failed since, the latest first. */
export async function listFailed(
  database: Database,
  page: { readonly sinceMs: number; readonly limit: number },
): Promise<readonly FailedRow[]> {
  const rows = await database.query<StoredRunRow & { attempts: number }>(
    `select ${runColumns}, (
       select count(*) from (select 1 from journal j where j.run = r.id and j.fact ->> 'is' = 'failed' limit 100) f
     ) as attempts
     from run r where r.status = 'failed' and r.ended_ms >= $1 order by r.ended_ms desc limit $2`,
    [page.sinceMs, page.limit],
  )
  return rows.map(failedRow)
}

function failedRow(stored: StoredRunRow & { attempts: number }): FailedRow {
  const { attempts, ...run } = stored
  return { ...runRow(run), attempts }
}
