// One, two and four runners on one PostgreSQL with a long queue: how many runs a second, whether a small flow gets its
// turn, and that none is lost. Then how the cost of claiming, of a page and of retention grows with finished runs.

import {
  benchFolder,
  type BenchFolder,
  freshUrl,
  numberOf,
  quantile,
  round,
  startProcess,
} from './part-process.ts'
import { forgetRuns } from '../runner/store/forget-runs.ts'
import { hintNext } from '../runner/store/window.ts'
import type { Database } from '../runner/store/database.ts'
import { openDatabase } from '../runner/store/open.ts'
import { silentLog } from '../runner/world/log.ts'

interface Throughput {
  readonly runners: number
  readonly runs_per_s: number
  /** When the last of the small flow's runs, queued behind all others, had ended: a share of the whole time. */
  readonly small_flow_done_at: number
  readonly lost: number
}

interface Growth {
  readonly finished_runs: number
  readonly claim_ms: number
  readonly page_ms: number
  readonly retention_ms: number
}

export async function bench(args: readonly string[]): Promise<object> {
  const queued = numberOf(args, 'queued', 100_000)
  const throughput: Throughput[] = []
  for (const runners of [1, 2, 4]) {
    throughput.push(await withRunners(runners, queued))
    console.log(JSON.stringify(throughput.at(-1)))
  }
  const growth = await grow(numberOf(args, 'finished', 1_000_000))
  const first = growth[0]
  const last = growth.at(-1)
  if (first === undefined || last === undefined) throw new Error('nothing was measured')
  return {
    store: 'postgres',
    runs_per_s: throughput.map((one) => one.runs_per_s),
    small_flow_done_at: Math.max(...throughput.map((one) => one.small_flow_done_at)),
    lost: throughput.reduce((sum, one) => sum + one.lost, 0),
    claim_growth: round(last.claim_ms / first.claim_ms, 2),
    page_growth: round(last.page_ms / first.page_ms, 2),
    retention_growth: round(last.retention_ms / first.retention_ms, 2),
  }
}

const smallFlowRuns = 100

async function withRunners(runners: number, queued: number): Promise<Throughput> {
  const url = await freshUrl('postgres')
  const folders = Array.from({ length: runners }, () => benchFolder())
  const database = await prepared(folders[0] ?? benchFolder(), url)
  await queueRuns(database, { flow: 'three', runs: queued, createdMs: 0 })
  await queueRuns(database, { flow: 'few', runs: smallFlowRuns, createdMs: 1_000_000_000 })
  const begun = performance.now()
  const processes = await Promise.all(folders.map((folder) => startProcess(folder, url)))
  const few = await ended(database, 'few', smallFlowRuns)
  const all = await ended(database, 'three', queued)
  const [row] = await database.query<{ lost: number }>(
    `select count(*) as lost from run where status <> 'succeeded'`,
    [],
  )
  await Promise.all(processes.map((one) => one.stop()))
  await database.close()
  for (const folder of folders) folder.remove()
  return {
    runners,
    runs_per_s: Math.round((queued + smallFlowRuns) / ((all - begun) / 1_000)),
    small_flow_done_at: round((few - begun) / (all - begun), 2),
    lost: row?.lost ?? 0,
  }
}

/** A store with the flow in it: a runner was there once. */
async function prepared(folder: BenchFolder, url: string | null): Promise<Database> {
  await (await startProcess(folder, url)).stop()
  return openDatabase({ databaseUrl: url, dataFolder: folder.data, log: silentLog })
}

interface Many {
  readonly flow: string
  readonly runs: number
  readonly createdMs: number
}

/** Rows as admission leaves them where no runner has room; the flow `few` is another name for the same steps. */
async function queueRuns(database: Database, { flow, runs, createdMs }: Many): Promise<void> {
  await database.query(
    `insert into run (id, flow, version, commit, policy, trigger, started_by, slot, event, inputs, status,
                      scheduled_ms, created_ms)
     select $1 || lpad(n::text, 10, '0'), $1, version, commit, (select hash from policy_version order by seq desc limit 1),
            'hook', 'trigger:hook', 'bench:' || $1 || n, '{}', '{}', 'ready', $2::bigint + n, $2::bigint + n
     from flow_head, generate_series(1, $3::int) n where name = 'three'`,
    [flow, createdMs, runs],
  )
}

async function ended(database: Database, flow: string, runs: number): Promise<number> {
  for (;;) {
    const [row] = await database.query<{ left: number }>(
      `select count(*) as left from (select 1 from run where flow = $1 and status in ('ready', 'running', 'parked') limit 1) l`,
      [flow],
    )
    if (row?.left === 0 && runs > 0) return performance.now()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const rounds = 15

/** The same statements that the runner uses, beside ever more runs that have ended. */
async function grow(most: number): Promise<readonly Growth[]> {
  const url = await freshUrl('postgres')
  const folder = benchFolder()
  const database = await prepared(folder, url)
  const growth: Growth[] = []
  let there = 0
  for (let finished = 1_000; finished <= most; finished *= 10) {
    await finishRuns(database, there, finished)
    there = finished
    await database.query('vacuum analyze', [])
    growth.push(await costs(database, { folder, url, finished }))
    console.log(JSON.stringify(growth.at(-1)))
  }
  await database.close()
  folder.remove()
  return growth
}

async function finishRuns(database: Database, from: number, to: number): Promise<void> {
  await database.query(
    `insert into run (id, flow, version, commit, policy, trigger, started_by, slot, event, inputs, status,
                      scheduled_ms, created_ms, started_ms, ended_ms, epoch, outputs)
     select 'done' || lpad(n::text, 12, '0'), 'three', version, commit,
            (select hash from policy_version order by seq desc limit 1), 'hook', 'trigger:hook', 'done:' || n, '{}', '{}',
            case when n % 50 = 0 then 'failed' else 'succeeded' end, n, n, n, n + 5, 1, '{}'
     from flow_head, generate_series($1::int, $2::int) n where name = 'three'`,
    [from + 1, to],
  )
  await database.query(
    `insert into journal (run, seq, epoch, at_ms, fact)
     select 'done' || lpad(n::text, 12, '0'), 1, 1, n, '{"v":1,"is":"waited","at":{"step":"a","element":null}}'
     from generate_series($1::int, $2::int) n`,
    [from + 1, to],
  )
}

interface Costs {
  readonly folder: BenchFolder
  readonly url: string | null
  readonly finished: number
}

async function costs(database: Database, { folder, url, finished }: Costs): Promise<Growth> {
  const claims: number[] = []
  const deletions: number[] = []
  for (let n = 0; n < rounds; n++) {
    await queueRuns(database, { flow: `claim-${finished}-${n}`, runs: 64, createdMs: 0 })
    const flows = [`claim-${finished}-${n}`]
    claims.push(
      await took(() =>
        database.transaction((tx) =>
          hintNext(tx, { flows, perFlow: 64, max: 1_000_000, flowsMax: 1_000_000 }),
        ),
      ),
    )
    deletions.push(await took(() => database.transaction((tx) => forgetRuns(tx, finished / 2, 32))))
  }
  await database.query(`delete from run where flow like 'claim-%'`, [])
  const runner = await startProcess(folder, url)
  const pages: number[] = []
  for (let n = 0; n < rounds; n++)
    pages.push(await took(async () => void (await (await fetch(`${runner.page}/runs?status=failed`)).text())))
  await runner.stop()
  return {
    finished_runs: finished,
    claim_ms: round(quantile(claims, 0.5), 2),
    page_ms: round(quantile(pages, 0.5), 2),
    retention_ms: round(quantile(deletions, 0.5), 2),
  }
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}
