// An engine as `start` builds it, without Git, page and triggers: real store, real queue, a no-op action.

import { assess } from '../runner/approval/risk.ts'
import { createTickets } from '../runner/approval/tickets.ts'
import { createDecider } from '../runner/decision/decide.ts'
import type { Action } from '../runner/model/action.ts'
import type { Flow } from '../runner/model/flow.ts'
import { flowName, newId } from '../runner/model/id.ts'
import { createAdmit, type Admit } from '../runner/run/admit.ts'
import type { Engine } from '../runner/run/engine.ts'
import { createWorker } from '../runner/run/worker.ts'
import type { Database } from '../runner/store/database.ts'
import { createOutcomes } from '../runner/store/outcomes.ts'
import { pgbossQueue } from '../runner/store/queue-pgboss.ts'
import { systemClock } from '../runner/world/clock.ts'
import { silentLog } from '../runner/world/log.ts'
import { createMetrics } from '../runner/world/metrics.ts'
import { systemRandom } from '../runner/world/random.ts'
import { aPolicy } from '../test/run/a-policy.ts'
import { flowOf, inOrder, step, uses } from '../test/run/flow-of.ts'

const nothing: Action = {
  name: 'bench.nothing',
  version: 1,
  summary: 'Does nothing.',
  input: { type: 'object', properties: {}, additionalProperties: false },
  output: {},
  sinks: {},
  repetition: () => 'read',
  floor: () => 'low',
  undo: { none: 'nothing happened' },
  describe: () => 'do nothing',
  run: async () => null,
}

export const threeSteps: Flow = flowOf(inOrder(['a', 'b', 'c'].map((id) => step(id, uses(nothing.name)))))

export interface BenchEngine {
  readonly admit: Admit
  /** Resolves when the run has ended. */
  ended(run: string): Promise<void>
  stop(): Promise<void>
}

export async function benchEngine(database: Database, concurrency: number): Promise<BenchEngine> {
  const queue = pgbossQueue(database, { log: silentLog })
  await queue.start()
  const parts = { database, queue, clock: systemClock, random: systemRandom, log: silentLog }
  const policy = aPolicy()
  const waiting = new Map<string, () => void>()
  const early = new Set<string>()
  const owner = newId(systemClock.now(), systemRandom.bytes(10))
  const engine: Engine = {
    ...parts,
    owner,
    tickets: createTickets({ ...parts, github: null, policy: () => policy }),
    decider: createDecider({
      ...parts,
      owner,
      claude: { apiKey: null, baseUrl: null },
      redact: (text) => text,
    }),
    assess,
    redact: (text) => text,
    metrics: createMetrics(),
    outcomes: createOutcomes({ database, queue }, { retries: 3, clock: systemClock }),
    admit: () => Promise.reject(new Error('nothing is called here')),
    actions: new Map([[nothing.name, nothing]]),
    head: () => ({
      commit: null,
      revision: 1,
      branch: 'main',
      flows: new Map([[flowName(threeSteps.name), threeSteps]]),
      policy,
      policyVersion: policy.version,
      policyOrigin: 'current',
      problems: [],
      condition: { is: 'following' },
      checkedMs: 0,
    }),
    flowVersion: async () => threeSteps,
    policyVersion: async () => policy,
    stopped: () => false,
    draining: () => false,
    context: ({ key, signal }) => ({ key, signal }) as never,
    ended: async (run) => {
      const call = waiting.get(run)
      if (call === undefined) early.add(run)
      else call()
      waiting.delete(run)
    },
    changed: () => {},
    concurrency,
  }
  await database.query(
    `insert into flow_version (hash, name, file, closure, created_ms) values ($1, $2, 'f', '{}', 0) on conflict do nothing`,
    [threeSteps.version, threeSteps.name],
  )
  const worker = createWorker(engine)
  queue.onHint(() => worker.hint())
  return {
    admit: createAdmit(engine, worker),
    ended: (run) =>
      early.delete(run) ? Promise.resolve() : new Promise((resolve) => waiting.set(run, resolve)),
    stop: async () => {
      await worker.drain(1_000)
      await queue.stop()
    },
  }
}
