// An engine at work while its database suffers: swept often, judged by what reached the actions.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Repetition } from '../../runner/model/action.ts'
import { openDatabase } from '../../runner/store/open.ts'
import type { Database } from '../../runner/store/database.ts'
import { migrate } from '../../runner/store/migrate.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'
import { aRunner, type RunnerUnderTest } from '../run/a-runner.ts'
import { type SpyAction, spyAction } from '../run/actions.ts'
import { flowOf, inOrder, step, uses } from '../run/flow-of.ts'
import { later } from './later.ts'

export interface InWeather {
  readonly runner: RunnerUnderTest
  readonly database: Database
  readonly spies: readonly SpyAction[]
  /** Starts runs of three steps; a start that fails is tried again, as triggers do. */
  start(count: number): Promise<readonly string[]>
  /** Resolves with how the runs ended; fails when one does not end. */
  ended(runs: readonly string[]): Promise<readonly string[]>
}

const sweepEveryMs = 50

/** Steps `read`, `keyed` and `once`, each of a few milliseconds, the last one until `worked`. */
export async function inWeather(
  t: TestContext,
  url: string,
  worked: Promise<void> = systemClock.sleep(0),
): Promise<InWeather> {
  const database = await openDatabase({ databaseUrl: url, dataFolder: '/nowhere', log: silentLog })
  later(t, () => database.close())
  await migrate(database, 0)
  const spies = (['read', 'keyed', 'once'] as const).map((repetition) => slow(repetition, worked))
  const flow = flowOf(inOrder(spies.map((spy) => step(spy.name, uses(spy.name)))))
  const runner = await aRunner(t, { flows: [flow], actions: spies, database })
  sweepOften(t, runner)
  return {
    runner,
    database,
    spies,
    start: (count) => Promise.all(Array.from({ length: count }, () => again(() => runner.start(flow)))),
    ended: (runs) => ended(database, runs),
  }
}

function slow(repetition: Repetition, worked: Promise<void>): SpyAction {
  const run = async (): Promise<null> => {
    await systemClock.sleep(10)
    if (repetition === 'once') await worked
    return null
  }
  return spyAction(repetition, { repetition, run })
}

function sweepOften(t: TestContext, runner: RunnerUnderTest): void {
  const end = new AbortController()
  const sweeping = (async () => {
    while (!end.signal.aborted) {
      await runner.sweep.once()
      await systemClock.sleep(sweepEveryMs, end.signal)
    }
  })()
  t.after(() => {
    end.abort()
    return sweeping
  })
}

const waitsMs = 40_000

export async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const endMs = performance.now() + waitsMs; ;) {
    try {
      return await work()
    } catch (error) {
      if (performance.now() > endMs) throw error
      await systemClock.sleep(50)
    }
  }
}

async function ended(database: Database, runs: readonly string[]): Promise<readonly string[]> {
  return again(async () => {
    const rows = await database.query<{ id: string; status: string; error: unknown }>(
      'select id, status, error from run where id = any($1) order by id',
      [runs],
    )
    const open = rows.filter(({ status }) => ['ready', 'running', 'queued'].includes(status))
    assert.equal(open.length, 0, `still open: ${JSON.stringify(open)}`)
    assert.equal(rows.length, runs.length, 'a run is missing')
    return rows.map((row) => row.status)
  })
}

/** How often each effect reached the outside; the most for any one key. */
export function mostPerKey(spy: SpyAction | undefined): number {
  assert.ok(spy !== undefined && spy.calls.length > 0, 'nothing reached the action')
  const counts = new Map<string, number>()
  for (const { key } of spy.calls) counts.set(key, (counts.get(key) ?? 0) + 1)
  return Math.max(...counts.values())
}
