// One life of a runner's engine, of the real parts: store, queue, tickets and decider as the program has them; only
// what would leave the machine ends in the fakes.

import { hostname } from 'node:os'
import { aPolicy } from '../run/a-policy.ts'
import { assess } from '../../runner/approval/risk.ts'
import { createTickets } from '../../runner/approval/tickets.ts'
import { createDecider } from '../../runner/decision/decide.ts'
import type { ActionContext } from '../../runner/model/action.ts'
import type { Flow } from '../../runner/model/flow.ts'
import type { Head } from '../../runner/model/head.ts'
import { commit, flowName, newId } from '../../runner/model/id.ts'
import { type Admit, createAdmit } from '../../runner/run/admit.ts'
import type { EffectContext, Engine } from '../../runner/run/engine.ts'
import { createSweep, leaseMs, type Sweep } from '../../runner/run/sweep.ts'
import { createWorker } from '../../runner/run/worker.ts'
import type { Database } from '../../runner/store/database.ts'
import { createOutcomes } from '../../runner/store/outcomes.ts'
import { pgbossQueue } from '../../runner/store/queue-pgboss.ts'
import type { Queue } from '../../runner/store/queue.ts'
import { register } from '../../runner/store/runners.ts'
import { silentLog } from '../../runner/world/log.ts'
import { createMetrics } from '../../runner/world/metrics.ts'
import { systemRandom } from '../../runner/world/random.ts'
import type { Life } from './life.ts'
import { type Ahead, mortalClock } from './mortal-clock.ts'
import { mortalDatabase, unnumbered } from './mortal-database.ts'
import { actionsOf, type Outside } from './outside.ts'

export interface Given {
  /** The real one; it outlives this life. */
  readonly store: Database
  readonly flows: readonly Flow[]
  readonly outside: Outside
  readonly claudeUrl: string
  readonly ahead: Ahead
}

export interface Living {
  readonly engine: Engine
  readonly sweep: Sweep
  readonly admit: Admit
}

const policy = aPolicy()

/** Starts as `start.ts` does: the queue, the runner's row and its lock, then the worker. */
export async function startLife(life: Life, given: Given): Promise<Living> {
  const { store, ahead } = given
  const database = mortalDatabase(life, store)
  const clock = mortalClock(life, ahead)
  const queue = mortalQueue(life, store)
  await queue.start()
  const owner = newId(clock.now(), systemRandom.bytes(10))
  const late: { admit?: Admit } = {}
  const engine = engineOf({ life, given, database, clock, queue, owner, late })
  const lockKey = Buffer.from(systemRandom.bytes(8)).readBigInt64BE()
  await database.holdLock(lockKey)
  const row = { id: owner, lockKey, host: hostname(), pid: 1, version: '0', startedMs: clock.now(), slots: 8 }
  await register(database, row, clock.now() + leaseMs)
  const worker = createWorker(engine)
  queue.onHint(() => {
    if (!life.dead) worker.hint()
  })
  const admit = createAdmit(engine, worker)
  late.admit = admit
  return { engine, sweep: createSweep(engine, worker), admit }
}

/** Fetching and letting go are points; the upkeep of pg-boss, which has its own times, is not. */
function mortalQueue(life: Life, store: Database): Queue {
  const queue = pgbossQueue(unnumbered(life, store), { log: silentLog, holdMs: 1_000 })
  life.onDeath(() => void queue.stop().catch(() => {}))
  return {
    ...queue,
    start: () => life.does('queue start', () => queue.start()),
    fetch: (count) => life.does('queue fetch', () => queue.fetch(count)),
    done: (jobs) => life.does('queue done', () => queue.done(jobs)),
  }
}

interface Wiring {
  readonly life: Life
  readonly given: Given
  readonly database: Database
  readonly clock: Engine['clock']
  readonly queue: Queue
  readonly owner: string
  readonly late: { readonly admit?: Admit }
}

function engineOf({ life, given, database, clock, queue, owner, late }: Wiring): Engine {
  const parts = { database, queue, clock, random: systemRandom, log: silentLog }
  const redact = (text: string): string => text
  const tickets = createTickets({ ...parts, github: null, policy: () => policy })
  const claude = { apiKey: 'key', baseUrl: given.claudeUrl }
  return {
    ...parts,
    owner,
    tickets,
    decider: createDecider({ ...parts, owner, claude, redact }),
    assess,
    redact,
    metrics: createMetrics(),
    outcomes: createOutcomes({ database, queue }, { retries: 3, clock }),
    admit: (firing) => late.admit?.(firing) ?? Promise.reject(new Error('the worker comes first')),
    actions: new Map(actionsOf(life, given.outside).map((action) => [action.name, action])),
    head: () => headOf(given.flows),
    flowVersion: async (hash) => flowWith(given.flows, hash),
    policyVersion: async () => policy,
    stopped: () => false,
    draining: () => false,
    context: contextOf,
    ended: (run, open) => (open === 'open tickets' ? tickets.cancelOf(run) : Promise.resolve()),
    changed: () => {},
    concurrency: 8,
  }
}

function headOf(flows: readonly Flow[]): Head {
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

function contextOf({ key, signal }: EffectContext): ActionContext {
  const none = (): never => {
    throw new Error('the reference flows need nothing else of the world')
  }
  return {
    key,
    signal,
    http: { request: none },
    files: { read: none, write: none, append: none, stat: none },
    commands: { run: none },
    memory: { read: none, write: none, append: none, take: none },
    github: null,
    connections: {},
    log: () => {},
  }
}
