// Flows for people: what the branch says, whether it loads, when it fires next, how it went lately.

import type { Database } from './database.ts'
import { type Page, pageOf } from './view-page.ts'
import type { RunShown, StoredRunRow } from './view-runs.ts'
import { runColumns, runRow, type RunRow } from './view-runs.ts'
import type { Json } from '../model/json.ts'
import type { Problem } from '../model/problem.ts'
import { runStatuses } from '../model/run.ts'

export interface TriggerRow {
  readonly flow: string
  readonly trigger: string
  readonly kind: string
  readonly spec: Json
  readonly nextMs: number | null
  readonly lastFiredMs: number | null
}

export interface FlowRow {
  readonly name: string
  readonly file: string
  /** Hash of the version in force; null when the file never loaded. */
  readonly version: string | null
  readonly commit: string
  readonly state: 'active' | 'broken' | 'removed'
  readonly suspended: boolean
  readonly problems: readonly Problem[]
  readonly description: string
  readonly changedMs: number
  readonly triggers: readonly TriggerRow[]
  /** The newest runs, newest first. */
  readonly recent: readonly RecentRun[]
}

export interface RecentRun {
  readonly id: string
  readonly shown: RunShown
  readonly createdMs: number
}

const columns = `h.name, h.file, h.version, h.commit, h.state, h.suspended, h.problems, h.description,
  h.changed_ms as "changedMs"`

type StoredFlow = Omit<FlowRow, 'triggers' | 'recent'>

/** Flows of the branch by name; each with its newest `recent` runs. */
export async function listFlows(
  database: Database,
  page: { readonly cursor: string | null; readonly limit: number; readonly recent: number },
): Promise<Page<FlowRow>> {
  const rows = await database.query<StoredFlow>(
    `select ${columns} from flow_head h where h.state <> 'removed' and h.name > $1 order by h.name limit $2`,
    [page.cursor ?? '', page.limit + 1],
  )
  const found = pageOf(rows, page.limit, (flow) => flow.name)
  return { items: await withHistory(database, found.items, page.recent), next: found.next }
}

/** One flow by its name, a removed one if there is no other; null when it never was. */
export async function readFlow(
  database: Database,
  of: { readonly name: string; readonly recent: number },
): Promise<FlowRow | null> {
  const rows = await database.query<StoredFlow>(
    `select ${columns} from flow_head h where h.name = $1 order by h.state = 'removed', h.changed_ms desc limit 1`,
    [of.name],
  )
  return (await withHistory(database, rows, of.recent))[0] ?? null
}

const recentSql = `
select ${runColumns} from unnest($1::text[]) as wanted(flow) cross join lateral (
  select run.* from unnest($2::text[]) as s(status) cross join lateral (
    select * from run
    where (run.flow, run.status, run.id) < (wanted.flow, s.status, '~')
      and (run.flow, run.status, run.id) >= (wanted.flow, s.status, '')
    order by run.flow desc, run.status desc, run.id desc limit $3) run
  order by run.id desc limit $3) r
order by r.flow, r.id desc`

async function withHistory(
  database: Database,
  flows: readonly StoredFlow[],
  recent: number,
): Promise<readonly FlowRow[]> {
  const names = flows.map((flow) => flow.name)
  const [triggers, runs] = await Promise.all([
    database.query<TriggerRow>(
      `select flow, trigger, kind, spec, next_ms as "nextMs", last_fired_ms as "lastFiredMs"
       from trigger_state where flow = any($1) and not removed order by flow, trigger`,
      [names],
    ),
    database.query<StoredRunRow>(recentSql, [names, runStatuses, recent]),
  ])
  const runsOf = Map.groupBy(runs.map(runRow), (run) => run.flow)
  const triggersOf = Map.groupBy(triggers, (trigger) => trigger.flow)
  return flows.map((flow) => ({
    ...flow,
    triggers: triggersOf.get(flow.name) ?? [],
    recent: (runsOf.get(flow.name) ?? []).map(recentRun),
  }))
}

const recentRun = (run: RunRow): RecentRun => ({ id: run.id, shown: run.shown, createdMs: run.createdMs })

/** The YAML text of a version and the names of the other files it can read; null when it is gone. */
export async function readFlowText(
  database: Database,
  version: string,
): Promise<{ readonly file: string; readonly text: string; readonly others: readonly string[] } | null> {
  const rows = await database.query<{ file: string; text: string; paths: readonly string[] }>(
    `select v.file, b.body as text, array(select jsonb_object_keys(v.closure)) as paths
     from flow_version v join blob b on b.hash = v.closure ->> v.file where v.hash = $1`,
    [version],
  )
  const [found] = rows
  if (found === undefined) return null
  return {
    file: found.file,
    text: found.text,
    others: found.paths.filter((path) => path !== found.file).sort(),
  }
}

/** How many flows load and how many do not. */
export async function countFlows(
  database: Database,
): Promise<{ readonly active: number; readonly broken: number }> {
  const rows = await database.query<{ active: number; broken: number }>(
    `select count(*) filter (where state = 'active') as active, count(*) filter (where state = 'broken') as broken
     from flow_head where state <> 'removed'`,
  )
  return rows[0] ?? { active: 0, broken: 0 }
}

export interface BrokenFlow {
  readonly name: string
  readonly file: string
  /** The last good version, which stays in force; null when there never was one. */
  readonly version: string | null
  readonly problems: readonly Problem[]
}

/** Flows whose file does not load, by name. */
export function listBrokenFlows(database: Database, limit: number): Promise<readonly BrokenFlow[]> {
  return database.query<BrokenFlow>(
    `select name, file, version, problems from flow_head where state = 'broken' order by name limit $1`,
    [limit],
  )
}
