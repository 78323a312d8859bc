// A runner's engine on a real store, with the queue's twin, real tickets and a real decider without a key.

import { hostname } from 'node:os'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { aFiring } from './a-firing.ts'
import { aPolicy } from './a-policy.ts'
import { freshDatabase } from '../store/bring.ts'
import { assess } from '../../runner/approval/risk.ts'
import { createTickets } from '../../runner/approval/tickets.ts'
import { createDecider } from '../../runner/decision/decide.ts'
import type { Action, ActionContext } from '../../runner/model/action.ts'
import type { Flow } from '../../runner/model/flow.ts'
import type { Head } from '../../runner/model/head.ts'
import { commit, flowName } from '../../runner/model/id.ts'
import type { JsonObject } from '../../runner/model/json.ts'
import type { Policy } from '../../runner/model/policy.ts'
import { type Admit, createAdmit } from '../../runner/run/admit.ts'
import type { EffectContext, Engine } from '../../runner/run/engine.ts'
import { createSweep, type Sweep } from '../../runner/run/sweep.ts'
import { createWorker, type Worker } from '../../runner/run/worker.ts'
import type { Database } from '../../runner/store/database.ts'
import { createMemory } from '../../runner/store/memory.ts'
import { createOutcomes } from '../../runner/store/outcomes.ts'
import { memoryQueue, type MemoryQueue } from '../../runner/store/queue-memory.ts'
import { pgbossQueue } from '../../runner/store/queue-pgboss.ts'
import { register } from '../../runner/store/runners.ts'
import { type Clock, systemClock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'
import { createMetrics } from '../../runner/world/metrics.ts'
import { systemRandom } from '../../runner/world/random.ts'

export interface RunnerUnderTest {
  readonly engine: Engine
  readonly worker: Worker
  readonly sweep: Sweep
  readonly admit: Admit
  readonly database: Database
  /** Resolves with the run's row when it is one of these statuses. */
  until(run: string, ...statuses: readonly string[]): Promise<RunRow>
  start(flow: Flow, inputs?: JsonObject): Promise<string>
  setPolicy(policy: Policy): void
  stop(stopped: boolean): void
}

export interface RunRow {
  readonly id: string
  readonly status: string
  readonly error: { readonly kind: string; readonly message: string } | null
  readonly outputs: JsonObject | null
  readonly waiting: readonly JsonObject[] | null
}

export interface Given {
  readonly flows: readonly Flow[]
  readonly actions: readonly Action[]
  readonly kind?: 'pglite' | 'postgres'
  readonly database?: Database
  readonly owner?: string
  readonly clock?: Clock
  /** `real`: pg-boss, which runners on one database share. */
  readonly queue?: 'memory' | 'real'
  readonly concurrency?: number
}

export async function aRunner(t: TestContext, given: Given): Promise<RunnerUnderTest> {
  const source = given.database ?? (await freshDatabase(given.kind ?? 'pglite', t))
  const { queue, database } = given.queue === 'real' ? await realQueue(t, source) : memoryQueue(source)
  const owner = given.owner ?? 'w1'
  let policy = aPolicy()
  let stopped = false
  const changes = new Set<() => void>()
  const clock = given.clock ?? systemClock
  const parts = { database, queue, clock, random: systemRandom, log: silentLog }
  const head = (): Head => headOf(given.flows, policy)
  const tickets = createTickets({ ...parts, github: null, policy: () => policy })
  const decider = createDecider({
    ...parts,
    owner,
    claude: { apiKey: null, baseUrl: null },
    redact: (text) => text,
  })
  const late: { admit?: Admit } = {}
  const engine: Engine = {
    ...parts,
    owner,
    tickets,
    decider,
    assess,
    redact: (text) => text,
    metrics: createMetrics(),
    outcomes: createOutcomes({ database, queue }, { retries: 3, clock }),
    admit: (firing) => late.admit?.(firing) ?? Promise.reject(new Error('the worker comes first')),
    actions: new Map(given.actions.map((action) => [action.name, action])),
    head,
    flowVersion: async (hash) => flowWith(given.flows, hash),
    policyVersion: async () => policy,
    stopped: () => stopped,
    draining: () => false,
    context: (effect) => contextOf(effect, database),
    ended: (run) => tickets.cancelOf(run),
    changed: () => changes.forEach((call) => call()),
    concurrency: given.concurrency ?? 8,
  }
  for (const flow of given.flows) await storeVersion(database, flow)
  const lockKey = BigInt(owner.codePointAt(owner.length - 1) ?? 1)
  if (given.queue === 'real') {
    // Others take a runner without its lock for dead.
    const lock = await database.holdLock(lockKey)
    t.after(() => lock?.release())
  }
  await register(
    database,
    { id: owner, lockKey, host: hostname(), pid: 1, version: '0', startedMs: 0, slots: 8 },
    Number.MAX_SAFE_INTEGER,
  )
  const worker = createWorker(engine)
  queue.onHint(() => worker.hint())
  const admit = createAdmit(engine, worker)
  late.admit = admit
  t.after(() => worker.drain(2_000))
  return {
    engine,
    worker,
    sweep: createSweep(engine, worker),
    admit,
    database,
    until: (run, ...statuses) => until({ database, changes }, run, statuses),
    start: async (flow, inputs = {}) => {
      const admitted = await admit(aFiring(flow.name, { inputs }))
      if ('refused' in admitted) throw new Error(admitted.refused)
      return admitted.run
    },
    setPolicy: (next) => {
      policy = next
    },
    stop: (next) => {
      stopped = next
    },
  }
}

async function realQueue(t: TestContext, database: Database): Promise<MemoryQueue> {
  const queue = pgbossQueue(database, { log: silentLog })
  await queue.start()
  t.after(() => queue.stop())
  return { queue, database }
}

function headOf(flows: readonly Flow[], policy: Policy): Head {
  return {
    commit: commit('c0'),
    revision: 1,
    branch: 'main',
    flows: new Map(flows.map((flow) => [flowName(flow.name), flow])),
    policy,
    policyVersion: policy.version,
    policyOrigin: 'current',
    problems: [],
    condition: { is: 'following' },
    checkedMs: 0,
  }
}

function flowWith(flows: readonly Flow[], version: string): Flow {
  const flow = flows.find((one) => one.version === version)
  if (flow === undefined) throw new Error(`no version ${version}`)
  return flow
}

async function storeVersion(database: Database, flow: Flow): Promise<void> {
  await database.query(
    `insert into flow_version (hash, name, file, closure, created_ms) values ($1, $2, $3, '{}', 0) on conflict do nothing`,
    [flow.version, flow.name, flow.file],
  )
}

function contextOf(effect: EffectContext, database: Database): ActionContext {
  const none = (): never => {
    throw new Error('this test gives actions nothing of the world')
  }
  return {
    key: effect.key,
    signal: effect.signal,
    memory: createMemory({ database, clock: systemClock }, effect),
    http: { request: none },
    files: { read: none, write: none, append: none, stat: none },
    commands: { run: none },
    github: null,
    connections: {},
    log: () => {},
  }
}

const lookEveryMs = 200

interface Watched {
  readonly database: Database
  readonly changes: Set<() => void>
}

async function until(
  { database, changes }: Watched,
  run: string,
  statuses: readonly string[],
): Promise<RunRow> {
  const deadline = AbortSignal.timeout(20_000)
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const call = (): void => {
        changes.delete(call)
        resolve()
      }
      changes.add(call)
    })
    const [row] = await database.query<RunRow>(
      'select id, status, error, outputs, waiting from run where id = $1',
      [run],
    )
    if (row !== undefined && statuses.includes(row.status)) return row
    await Promise.race([
      changed,
      // Another runner may have taken the run: of that one nothing is heard here.
      sleep(lookEveryMs, undefined, { ref: false }),
      new Promise<never>((_, reject) => {
        deadline.addEventListener('abort', () =>
          reject(new Error(`run is ${row?.status}, not ${statuses.join(' or ')}`)),
        )
      }),
    ])
  }
}
