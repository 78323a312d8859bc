// Decisions for people: what was asked, which way it was settled, what it cost.

import type { Database } from './database.ts'
import { type Page, pageOf } from './view-page.ts'
import type { Priority, Route } from '../model/decision.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { PicoUsd } from '../model/money.ts'
import type { Risk } from '../model/risk.ts'

export interface DecisionRow {
  readonly id: string
  readonly run: string
  readonly flow: string
  readonly step: string
  readonly element: number | null
  readonly round: number
  readonly atMs: number
  readonly route: Route
  readonly model: string | null
  readonly choice: string | null
  readonly reason: string | null
  readonly priority: Priority | null
  readonly risk: Risk | null
  readonly parameters: JsonObject | null
  readonly costPicoUsd: PicoUsd
}

const columns = `d.id, d.run, d.flow, d.step, d.element, d.round, d.at_ms as "atMs", d.route, d.model, d.choice,
  d.reason, d.priority, d.risk, d.parameters, d.cost_pico as "costPicoUsd"`

const allSql = `select ${columns} from decision d where d.id < $1 order by d.id desc limit $2`
// Compared and ordered as rows, so that the index of the flow serves, however rare its decisions are.
const flowSql = `
select ${columns} from decision d where (d.flow, d.id) < ($3, $1) and (d.flow, d.id) >= ($3, '')
order by d.flow desc, d.id desc limit $2`

export interface DecisionFilter {
  readonly flow: string | null
  readonly cursor: string | null
  readonly limit: number
}

/** Decisions, newest first. */
export async function listDecisions(database: Database, filter: DecisionFilter): Promise<Page<DecisionRow>> {
  const range = [filter.cursor ?? '~', filter.limit + 1]
  const rows =
    filter.flow === null
      ? await database.query<DecisionRow>(allSql, range)
      : await database.query<DecisionRow>(flowSql, [...range, filter.flow])
  return pageOf(rows, filter.limit, (decision) => decision.id)
}

export interface RecordedDecision extends DecisionRow {
  /** The record as it was written; null when it is larger than `recordCharactersMax`. */
  readonly record: Json
}

/** Records beyond this stay in the store; `watchbill show` reads them. */
export const recordCharactersMax = 20_000

/** All decisions of a run with their records, oldest first. */
export function listDecisionsOf(
  database: Database,
  of: { readonly run: string; readonly limit: number },
): Promise<readonly RecordedDecision[]> {
  return database.query<RecordedDecision>(
    `select ${columns}, case when length(d.record::text) <= $3 then d.record end as record
     from decision d where d.run = $1 order by d.id limit $2`,
    [of.run, of.limit, recordCharactersMax],
  )
}

export interface ChoiceCount {
  readonly step: string
  readonly choice: string
  readonly decisions: number
}

const choicesSql = `
select step, choice, count(*) as decisions from (
  select d.step, d.choice from decision d where (d.flow, d.id) < ($1, '~') and (d.flow, d.id) >= ($1, '')
  order by d.flow desc, d.id desc limit $2) recent
where choice is not null group by step, choice order by step, count(*) desc, choice limit 60`

/** What the newest decisions of a flow chose, by step; looks at `limit` decisions at most. */
export function countChoices(
  database: Database,
  of: { readonly flow: string; readonly limit: number },
): Promise<readonly ChoiceCount[]> {
  return database.query<ChoiceCount>(choicesSql, [of.flow, of.limit])
}
