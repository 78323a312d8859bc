// A runner as the page sees it, and a server over a database, for tests.

import type { TestContext } from 'node:test'
import { nextAfterMs, rhythmMs } from './scene.ts'
import type { Flow } from '../../runner/model/flow.ts'
import type { RunnerView } from '../../runner/model/runner-view.ts'
import type { StatusOptions, StatusParts, StatusServer } from '../../runner/status/parts.ts'
import { createStatusServer } from '../../runner/status/server.ts'
import type { Database } from '../../runner/store/database.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'
import { createMetrics } from '../../runner/world/metrics.ts'
import { head } from './rows.ts'

export function runnerView(nowMs: number, over: Partial<RunnerView> = {}): RunnerView {
  return {
    name: 'watch-1',
    version: '0.1.0',
    startedMs: nowMs - 9 * 86_400_000 - 4 * 3_600_000,
    head: {
      commit: head,
      branch: 'main',
      repository: 'acme/ops',
      checkedMs: nowMs - 12_000,
      pollMs: 30_000,
      condition: { is: 'following' },
      policyOrigin: 'current',
      problems: 1,
    },
    claude: { available: true, why: null },
    github: { configured: true },
    stopped: false,
    slots: { used: 3, total: 16 },
    queueDepth: 1,
    rssBytes: 164 * 1_048_576,
    budget: { monthPicoUsd: 30_000_000_000_000n, dayCalls: 5_000 },
    migrations: 'current',
    warnings: [{ words: 'GITHUB_TOKEN expires in 6 days', remedy: 'make a new one and restart the runner' }],
    ...over,
  }
}

export interface Served {
  readonly url: string
  readonly server: StatusServer
}

export interface Serving {
  readonly database: Database
  readonly nowMs: number
  readonly compiled?: ReadonlyMap<string, Flow>
  readonly view?: Partial<RunnerView>
  readonly options?: Partial<StatusOptions>
  readonly parts?: Partial<StatusParts>
}

/** A listening server whose clock stands still, closed after the test. */
export async function serve(t: Pick<TestContext, 'after'>, serving: Serving): Promise<Served> {
  const { nowMs } = serving
  const server = createStatusServer({
    database: serving.database,
    clock: { ...systemClock, now: () => nowMs },
    log: silentLog,
    metrics: createMetrics(),
    runner: () => runnerView(nowMs, serving.view),
    flows: {
      compiled: async (version) => serving.compiled?.get(version) ?? null,
      nextTimes: (flow, _trigger, { fromMs, untilMs, max }) =>
        times(flow, nowMs)
          .filter((ms) => ms > fromMs && ms <= untilMs)
          .slice(0, max),
    },
    options: { host: '127.0.0.1', port: 0, token: null, publicUrl: null, ...serving.options },
    ...serving.parts,
  })
  const { port } = await server.listen()
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${port}`, server }
}

function times(flow: string, nowMs: number): number[] {
  const first = nextAfterMs[flow]
  const rhythm = rhythmMs[flow]
  if (first === undefined || rhythm === undefined) return []
  const all = Array.from({ length: 300 }, (_, n) => nowMs + first + n * rhythm)
  return flow === 'data-pipeline' ? all.filter(isDaytime) : all
}

/** From eight to eight in Seoul. */
function isDaytime(ms: number): boolean {
  const hour = (Math.floor(ms / 3_600_000) + 9) % 24
  return hour >= 8 && hour < 20
}
