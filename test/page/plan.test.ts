// Cost must grow with the page, not with the history: no page reads a big table from end to end.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { freshDatabase } from '../store/bring.ts'
import { seedHistory } from './history.ts'
import { runnerView } from './view.ts'
import { loadFlow } from '../../runner/status/load-flow.ts'
import { loadOverview } from '../../runner/status/load-overview.ts'
import { loadRun } from '../../runner/status/load-run.ts'
import { readGauges } from '../../runner/status/gauges.ts'
import type { StatusParts } from '../../runner/status/parts.ts'
import type { Database } from '../../runner/store/database.ts'
import { listDecisions } from '../../runner/store/view-decisions.ts'
import { find } from '../../runner/store/view-find.ts'
import { listFlows } from '../../runner/store/view-flows.ts'
import { listRuns } from '../../runner/store/view-runs.ts'
import { listSpend, readMonth } from '../../runner/store/view-spend.ts'
import { listClosedTickets, listOpenTickets } from '../../runner/store/view-tickets.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'
import { createMetrics } from '../../runner/world/metrics.ts'

const nowMs = Date.UTC(2026, 10, 22, 14, 3)
const runs = 30_000

interface Asked {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Remembers what is asked. */
function listening(database: Database): { database: Database; asked: Asked[] } {
  const asked: Asked[] = []
  const query: Database['query'] = (sql, parameters = []) => {
    asked.push({ sql, parameters })
    return database.query(sql, parameters)
  }
  return { database: { ...database, query }, asked }
}

interface Plan {
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly Plan[]
}

function* nodes(plan: Plan): Generator<Plan> {
  yield plan
  for (const inner of plan.Plans ?? []) yield* nodes(inner)
}

const bigTables = new Set(['run', 'journal', 'run_log', 'decision', 'ticket', 'reservation', 'vote', 'slot'])

/** Rows of a big table that a query may read in vain. */
const wastedMax = 2_000

async function sweepsOf(database: Database, { sql, parameters }: Asked): Promise<string[]> {
  const [row] = await database.query<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(
    `explain (analyze, format json) ${sql}`,
    parameters,
  )
  const plan = row?.['QUERY PLAN'][0]?.Plan
  assert.ok(plan !== undefined)
  return [...nodes(plan)]
    .filter((node) => bigTables.has(node['Relation Name'] ?? ''))
    .filter((node) => node['Node Type'] === 'Seq Scan' || wastedBy(node) > wastedMax)
    .map(
      (node) =>
        `${node['Node Type']} of ${node['Relation Name']}, ${wastedBy(node)} in vain: ${sql.trim().slice(0, 80)}`,
    )
}

function wastedBy(node: Plan): number {
  return (node['Rows Removed by Filter'] ?? 0) * node['Actual Loops']
}

async function setup(t: TestContext) {
  const real = await freshDatabase('postgres', t)
  const seeded = await seedHistory(real, { nowMs, runs })
  const { database, asked } = listening(real)
  const parts: StatusParts = {
    database,
    clock: { ...systemClock, now: () => nowMs },
    log: silentLog,
    metrics: createMetrics(),
    runner: () => runnerView(nowMs),
    flows: { compiled: async () => null, nextTimes: () => [] },
    options: { host: '127.0.0.1', port: 0, token: null, publicUrl: null },
  }
  return { real, database, asked, parts, seeded }
}

test(`no page reads ${runs} runs from end to end`, async (t) => {
  const { real, database, asked, parts, seeded } = await setup(t)
  await loadOverview(parts, () => ({ times: [], complete: true }), nowMs)
  await loadFlow(parts, 'flow-3', nowMs)
  await loadRun(parts, { id: seeded.run, afterSeq: 0, nowMs })
  await readGauges(parts)
  const base = { flow: null, statuses: [], sinceMs: 0, cursor: null, limit: 50 }
  await listRuns(database, base)
  await listRuns(database, { ...base, flow: 'flow-3' })
  await listRuns(database, { ...base, flow: 'flow-3', statuses: ['failed'], sinceMs: nowMs - 3_600_000 })
  await listRuns(database, { ...base, statuses: ['cancelled'], cursor: seeded.run })
  await listFlows(database, { cursor: null, limit: 40, recent: 10 })
  await listOpenTickets(database, { cursor: null, limit: 10 })
  await listClosedTickets(database, { cursor: null, limit: 25 })
  await listDecisions(database, { flow: 'flow-3', cursor: null, limit: 50 })
  await listDecisions(database, { flow: null, cursor: null, limit: 50 })
  await find(database, seeded.run)
  await listSpend(database, await readMonth(database, nowMs))
  assert.ok(asked.length > 30)
  const sweeps = (await Promise.all(asked.map((one) => sweepsOf(real, one)))).flat()
  assert.deepEqual([...new Set(sweeps)], [])
})
