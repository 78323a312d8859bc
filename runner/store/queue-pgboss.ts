// The queue on pg-boss, in our own database and our own transactions.

import { type ConstructorOptions, type Db, type JobInsert, PgBoss } from 'pg-boss'
import type { Database, Statements } from './database.ts'
import { callsOver } from './calls.ts'
import type { Job, Queue } from './queue.ts'
import type { Log } from '../world/log.ts'

export interface QueueOptions {
  readonly log: Log
  /** A fetched job that is not done in this time is given to somebody else. Whole seconds, at least one. */
  readonly holdMs?: number
}

/** Between fetching a hint and holding its run are milliseconds, so five seconds mean that the holder died. */
const defaultHoldMs = 5_000

const name = 'run'
// More than a window of hints ever holds; read once, at the start on PGlite.
const jobsReadMax = 10_000
const secondsInYear = 31_536_000

/**
 * One queue of policy `stately` with the run as its key: one job waiting, one fetched. Jobs that are done are
 * deleted, so the table stays as small as what is pending. `start` makes pg-boss's schema if it is missing.
 */
export function pgbossQueue(database: Database, options: QueueOptions): Queue {
  const calls = new Set<() => void>()
  const hint = (): void => {
    for (const call of calls) call()
  }
  const boss = new PgBoss({ ...bossOptions(database.kind), db: listening(database, hint) })
  // Its maintenance failed; it tries again by itself, and the hints are not the truth anyway.
  boss.on('error', (error: Error) =>
    options.log.warn({ reason: error.message }, 'the queue reported an error'),
  )
  boss.on('warning', (warning: { readonly message: string }) => {
    options.log.warn({ reason: warning.message }, 'the queue reported a warning')
  })
  const writer = adapter(database.writer)
  const called = callsOver(database, options.log)
  return {
    start: async () => {
      await boss.start()
      await createQueue(boss, options.holdMs ?? defaultHoldMs)
      if (database.kind === 'pglite') await releaseAbandoned(boss, database)
    },
    stop: async () => {
      await called.stop()
      await boss.stop({ graceful: false, close: false })
    },
    send: async (tx, hints) => {
      if (hints.length === 0) return
      const jobs = hints.map((one) => ({ singletonKey: one.run, priority: one.priority }))
      await boss.insert(name, jobs, { db: adapter(tx) })
    },
    fetch: async (count) => {
      if (count < 1) return []
      const jobs = await boss.fetch(name, { batchSize: count, includeMetadata: true, db: writer })
      // The right ones were fetched, in no order.
      jobs.sort((a, b) => b.priority - a.priority || a.createdOn.getTime() - b.createdOn.getTime())
      return jobs.map((job) => ({ id: `${job.id}:${job.retryCount}`, run: job.singletonKey ?? '' }))
    },
    done: async (jobs) => {
      if (jobs.length === 0) return
      // Fenced by the attempt: a holder that was late does not remove what another fetched since.
      await boss.deleteJob(name, jobs.map(attemptOf))
    },
    onHint: (call) => {
      calls.add(call)
      return () => calls.delete(call)
    },
    call: called.call,
    onCall: called.onCall,
  }
}

function bossOptions(kind: Database['kind']): ConstructorOptions {
  // Only another process makes a takeover urgent, and on PGlite there is none.
  const superviseSeconds = kind === 'postgres' ? 1 : 5
  return {
    backend: kind,
    schema: 'pgboss',
    schedule: false,
    useListenNotify: true,
    registerInstance: false,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    maintenanceIntervalSeconds: 3_600,
    queueCacheIntervalSeconds: 60,
    persistWarnings: false,
    persistQueueStats: false,
    // Our queue holds thousands of jobs at most, and its warnings would be noise to whoever runs it.
    reindex: false,
    monitorVacuum: false,
    openTelemetry: { enabled: false },
  }
}

/** Also brings a queue that exists to these options. Either way pg-boss then knows it and need not look it up. */
async function createQueue(boss: PgBoss, holdMs: number): Promise<void> {
  const options = {
    notify: true,
    expireInSeconds: Math.max(1, Math.round(holdMs / 1_000)),
    // It counts takeovers, and a hint must never be given up.
    retryLimit: 1_000_000,
    retryDelay: 0,
    // By default a job that waited two weeks is deleted.
    retentionSeconds: 10 * secondsInYear,
    deleteAfterSeconds: 60,
  }
  // Two who create it at once: the second finds it.
  await boss.createQueue(name, { policy: 'stately', ...options })
  await boss.updateQueue(name, options)
}

/** On PGlite whoever held jobs before this process started is dead: they come back at once. */
async function releaseAbandoned(boss: PgBoss, database: Database): Promise<void> {
  const all = await boss.findJobs(name, { limit: jobsReadMax })
  const held = all.filter((job) => job.state === 'active')
  if (held.length === 0) return
  await database.transaction(async (tx) => {
    const db = adapter(tx)
    await boss.deleteJob(
      name,
      held.map((job) => job.id),
      { db },
    )
    await boss.insert(
      name,
      held.map(({ singletonKey, priority }) => ({ singletonKey, priority })) as JobInsert[],
      { db },
    )
  })
}

function attemptOf(job: Job): { id: string; retryCount: number } {
  const [id, retryCount] = job.id.split(':')
  if (id === undefined || retryCount === undefined) throw new Error(`${job.id} is no job of this queue`)
  return { id, retryCount: Number(retryCount) }
}

/** pg-boss runs scripts of several statements without parameters, which `query` allows when there is no list. */
function adapter(statements: Statements): Db {
  return {
    executeSql: async (text, values) => ({
      rows: await statements.query(text, values === undefined || values.length === 0 ? undefined : values),
    }),
  }
}

function listening(database: Database, hint: () => void): Db {
  return {
    ...adapter(database),
    listen: async (channel, onNotification, onReconnect) => {
      const stop = await database.listen(
        channel,
        (payload) => {
          onNotification(payload)
          hint()
        },
        () => {
          onReconnect()
          hint()
        },
      )
      return { close: stop }
    },
  }
}
