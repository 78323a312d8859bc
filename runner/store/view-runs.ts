// Listings of runs for people, newest first. Every query walks an index and stops at its limit.

import type { Database } from './database.ts'
import { type Page, pageOf } from './view-page.ts'
import type { RecordedError } from '../model/error.ts'
import { newId } from '../model/id.ts'
import type { PicoUsd } from '../model/money.ts'
import type { Waiting } from '../model/now.ts'
import { type RunStatus, runStatuses } from '../model/run.ts'

/** What people are told about a run: its status, and for parked runs what it waits for. */
export type RunShown = Exclude<RunStatus, 'parked'> | 'people' | 'waiting' | 'unknown'

export interface RunRow {
  readonly id: string
  readonly flow: string
  readonly version: string
  readonly commit: string
  readonly trigger: string
  readonly startedBy: string
  readonly status: RunStatus
  readonly shown: RunShown
  readonly waiting: readonly Waiting[]
  readonly wakeMs: number | null
  readonly scheduledMs: number
  readonly createdMs: number
  readonly startedMs: number | null
  readonly endedMs: number | null
  readonly workingMs: number
  readonly costPicoUsd: PicoUsd
  readonly error: RecordedError | null
}

export interface RunFilter {
  readonly flow: string | null
  readonly statuses: readonly RunStatus[]
  /** Started at or after, epoch milliseconds; 0 for all. */
  readonly sinceMs: number
  /** Id of a run: only older ones. */
  readonly cursor: string | null
  readonly limit: number
}

export const runColumns = `r.id, r.flow, r.version, r.commit, r.trigger, r.started_by as "startedBy", r.status,
  r.waiting, r.wake_ms as "wakeMs", r.scheduled_ms as "scheduledMs", r.created_ms as "createdMs",
  r.started_ms as "startedMs", r.ended_ms as "endedMs", r.working_ms as "workingMs",
  r.cost_pico as "costPicoUsd", r.error, r.status = 'parked' and exists (
    select 1 from ticket t where t.run = r.id and t.kind = 'unknown' and t.state in ('proposed', 'opening', 'pending')
  ) as unknown`

export type StoredRunRow = Omit<RunRow, 'shown' | 'waiting'> & {
  readonly unknown: boolean
  readonly waiting: readonly Waiting[] | null
}

const allSql = `
select ${runColumns} from run r where r.id < $1 and r.id >= $2 order by r.id desc limit $3`

/**
 * One index range per status, each read at most `limit` far, merged by id. Compared and ordered as rows, so that
 * only the index with exactly these columns serves: any other would read on through runs of other statuses.
 */
const statusSql = `
select ${runColumns} from (
  select run.* from unnest($4::text[]) as wanted(status) cross join lateral (
    select * from run where (run.status, run.id) < (wanted.status, $1) and (run.status, run.id) >= (wanted.status, $2)
    order by run.status desc, run.id desc limit $3) run
  order by run.id desc limit $3) r
order by r.id desc`

const flowSql = `
select ${runColumns} from (
  select run.* from unnest($4::text[]) as wanted(status) cross join lateral (
    select * from run where (run.flow, run.status, run.id) < ($5, wanted.status, $1)
      and (run.flow, run.status, run.id) >= ($5, wanted.status, $2)
    order by run.flow desc, run.status desc, run.id desc limit $3) run
  order by run.id desc limit $3) r
order by r.id desc`

/** The runs that fit the filter, newest first. Cost grows with the page, not with the history. */
export async function listRuns(database: Database, filter: RunFilter): Promise<Page<RunRow>> {
  const rows = await queryRuns(database, filter)
  return pageOf(rows.map(runRow), filter.limit, (run) => run.id)
}

function queryRuns(
  database: Database,
  { flow, statuses, sinceMs, cursor, limit }: RunFilter,
): Promise<StoredRunRow[]> {
  const range = [cursor ?? afterEveryId, firstIdOf(sinceMs), limit + 1]
  const wanted = statuses.length === 0 ? runStatuses : statuses
  if (flow !== null) return database.query<StoredRunRow>(flowSql, [...range, wanted, flow])
  if (statuses.length > 0) return database.query<StoredRunRow>(statusSql, [...range, wanted])
  return database.query<StoredRunRow>(allSql, range)
}

const afterEveryId = '~'

/** The smallest id that a run created at this time can have. */
export function firstIdOf(ms: number): string {
  return newId(ms, new Uint8Array(10))
}

export function runRow(stored: StoredRunRow): RunRow {
  const { unknown, waiting, ...run } = stored
  return { ...run, waiting: waiting ?? [], shown: shownOf(run.status, waiting ?? [], unknown) }
}

function shownOf(status: RunStatus, waiting: readonly Waiting[], unknown: boolean): RunShown {
  if (status !== 'parked') return status
  if (unknown) return 'unknown'
  return waiting.some((one) => one.for === 'people') ? 'people' : 'waiting'
}
