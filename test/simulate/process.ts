// One life of the engine in simulated time: the real parts and the queue's twin. When it ends nothing of it is left
// but what the store has.

import { inspect } from 'node:util'
import type { Remote } from './remote.ts'
import { mortal, type Weather } from './weather.ts'
import type { Claude } from '../fakes/claude/stub.ts'
import type { FakeClock } from '../fakes/clock.ts'
import type { Seed } from '../crash/seed.ts'
import { assess } from '../../runner/approval/risk.ts'
import { createTickets } from '../../runner/approval/tickets.ts'
import { createDecider, type Decider } from '../../runner/decision/decide.ts'
import type { ActionContext } from '../../runner/model/action.ts'
import type { Head } from '../../runner/model/head.ts'
import { newId } from '../../runner/model/id.ts'
import { type Admit, createAdmit } from '../../runner/run/admit.ts'
import type { EffectContext, Engine } from '../../runner/run/engine.ts'
import { createSweep, type Sweep } from '../../runner/run/sweep.ts'
import { createWorker, type Worker } from '../../runner/run/worker.ts'
import { type Database, isOfTheStore } from '../../runner/store/database.ts'
import { createOutcomes } from '../../runner/store/outcomes.ts'
import { memoryQueue } from '../../runner/store/queue-memory.ts'
import { register } from '../../runner/store/runners.ts'
import { createScheduler, type Scheduler } from '../../runner/trigger/schedule.ts'
import type { Clock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'
import { createMetrics } from '../../runner/world/metrics.ts'
import type { Random } from '../../runner/world/random.ts'

export interface Site {
  readonly store: Database
  readonly clock: FakeClock
  readonly seed: Seed
  readonly weather: Weather
  readonly remote: Remote
  readonly claude: Claude
  readonly head: Head
  /** Unexpected: what the engine logged as our own mistake. */
  readonly errors: string[]
  /** Ends the life that is now. */
  endLife: () => void
}

export interface Process {
  readonly engine: Engine
  readonly worker: Worker
  readonly sweep: Sweep
  readonly scheduler: Scheduler
  /** How many questions Claude is being asked. */
  readonly asking: () => number
  readonly dead: () => boolean
  /** Ends it where it stands. */
  kill(): void
}

export async function startProcess(site: Site): Promise<Process> {
  const time = mortalClock(site.clock)
  const { database: mortalStore, dead, end } = mortal(site.store, site.weather, () => time.end())
  const { queue, database } = memoryQueue(mortalStore)
  site.endLife = end
  const random = randomOf(site.seed)
  const { clock } = time
  const owner = newId(site.clock.now(), random.bytes(10))
  const late: { admit?: Admit } = {}
  const log = {
    ...silentLog,
    error: (fields: object, text: string) => noteError(site, dead, { fields, text }),
  }
  const parts = { database, queue, clock, random, log }
  const { head } = site
  const redact = (text: string): string => text
  const tickets = createTickets({ ...parts, github: null, policy: () => head.policy })
  const claude = { apiKey: 'key', baseUrl: site.claude.url }
  const { decider, asking } = counted(createDecider({ ...parts, owner, claude, redact }))
  const engine: Engine = {
    ...parts,
    owner,
    tickets,
    decider,
    assess,
    redact,
    metrics: createMetrics(),
    outcomes: createOutcomes({ database, queue }, { retries: 6, clock }),
    admit: (firing) => late.admit?.(firing) ?? Promise.reject(new Error('the worker comes first')),
    actions: new Map(site.remote.actions.map((action) => [action.name, action])),
    head: () => head,
    flowVersion: async (hash) => flowWith(head, hash),
    policyVersion: async () => head.policy,
    stopped: () => false,
    draining: () => false,
    context: (effect) => contextOf(site, effect),
    ended: (run, open) => (open === 'open tickets' ? tickets.cancelOf(run) : Promise.resolve()),
    changed: () => {},
    concurrency: 16,
  }
  // The row of a runner is made before anything can fail: a start that fails is another start.
  const row = { id: owner, lockKey: 1n, host: 'h', pid: 1, version: '0', startedMs: clock.now(), slots: 16 }
  await register(site.store, row, Number.MAX_SAFE_INTEGER)
  const worker = createWorker(engine)
  queue.onHint(() => {
    if (!dead()) worker.hint()
  })
  const admit = createAdmit(engine, worker)
  late.admit = admit
  const scheduler = createScheduler({ ...parts, head: () => head, admit })
  return { engine, worker, sweep: createSweep(engine, worker), scheduler, asking, dead, kill: end }
}

interface MortalClock {
  readonly clock: Clock
  end(): void
}

/** Timers of the dead never fire. */
function mortalClock(clock: FakeClock): MortalClock {
  const cancels = new Set<() => void>()
  let dead = false
  const after: Clock['after'] = (ms, call) => {
    if (dead) return () => {}
    const cancel = clock.after(ms, () => {
      cancels.delete(stop)
      call()
    })
    const stop = (): void => {
      cancels.delete(stop)
      cancel()
    }
    cancels.add(stop)
    return stop
  }
  return {
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted === true) return resolve()
          const stop = after(ms, finish)
          signal?.addEventListener('abort', finish, { once: true })
          function finish(): void {
            stop()
            signal?.removeEventListener('abort', finish)
            if (!dead) resolve()
          }
        }),
    },
    end: () => {
      dead = true
      for (const cancel of cancels) cancel()
    },
  }
}

function randomOf(seed: Seed): Random {
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => seed.upTo(256) - 1),
    uniform: () => (seed.upTo(1_000_000) - 1) / 1_000_000,
  }
}

function counted(decider: Decider): { readonly decider: Decider; readonly asking: () => number } {
  let asking = 0
  const decide: Decider['decide'] = async (question, signal) => {
    asking += 1
    try {
      return await decider.decide(question, signal)
    } finally {
      asking -= 1
    }
  }
  return { decider: { ...decider, decide }, asking: () => asking }
}

/** The log's `error` means our own mistake, except where only the weather was bad. */
function noteError(
  site: Site,
  dead: () => boolean,
  { text, fields }: { readonly text: string; readonly fields: object },
): void {
  const error = 'error' in fields ? fields.error : null
  if (dead() || isOfTheStore(error)) return
  site.errors.push(`${text} ${inspect(fields, { depth: 3, breakLength: Infinity })}`)
}

function flowWith(head: Head, version: string) {
  for (const flow of head.flows.values()) if (flow.version === version) return flow
  throw new Error(`no version ${version}`)
}

function contextOf({ remote }: Site, effect: EffectContext): ActionContext {
  remote.introduce(effect)
  const none = (): never => {
    throw new Error('the flows of the month need nothing else of the world')
  }
  return {
    key: effect.key,
    signal: effect.signal,
    http: { request: none },
    files: { read: none, write: none, append: none, stat: none },
    commands: { run: none },
    memory: { read: none, write: none, append: none, take: none },
    github: null,
    connections: {},
    log: () => {},
  }
}
