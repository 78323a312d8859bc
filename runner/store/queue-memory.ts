// The queue's twin for simulated time: the same guarantees, in memory, with no timer and no randomness.

import type { Database, Transaction } from './database.ts'
import type { Call, Hint, Job, Queue } from './queue.ts'

export interface MemoryQueue {
  readonly queue: Queue
  /** The database to use with it: it tells the queue which transactions committed. */
  readonly database: Database
}

/** What a transaction leaves for its commit. */
interface Staged {
  readonly hints: Hint[]
  readonly calls: Set<Call>
}

interface Waiting extends Hint {
  /** Order of arrival, which decides between equal priorities. */
  readonly seq: number
}

/** Stopping the queue is the death of its holder: what was fetched and not done waits again. */
export function memoryQueue(database: Database): MemoryQueue {
  const staged = new WeakMap<Transaction, Staged>()
  const waiting = new Map<string, Waiting>()
  const fetched = new Map<string, Job & Hint>()
  const calls = new Set<() => void>()
  const hearers = new Set<(what: Call) => void>()
  let seq = 0

  const add = (hints: readonly Hint[]): void => {
    for (const hint of hints) if (!waiting.has(hint.run)) waiting.set(hint.run, { ...hint, seq: seq++ })
    if (hints.length > 0) for (const call of calls) queueMicrotask(call)
  }

  const transaction: Database['transaction'] = async (work) => {
    let stage: Staged = { hints: [], calls: new Set() }
    const result = await database.transaction(async (tx) => {
      stage = { hints: [], calls: new Set() }
      staged.set(tx, stage)
      return work(tx)
    })
    add(stage.hints)
    for (const what of stage.calls) for (const hear of hearers) queueMicrotask(() => hear(what))
    return result
  }
  const stageOf = (tx: Transaction): Staged => staged.get(tx) ?? foreign()

  const queue: Queue = {
    start: async () => {},
    stop: async () => {
      const lost = [...fetched.values()]
      fetched.clear()
      add(lost)
    },
    send: async (tx, hints) => void stageOf(tx).hints.push(...hints),
    fetch: async (count) => {
      const free = [...waiting.values()].filter((one) => !fetched.has(one.run))
      free.sort((a, b) => b.priority - a.priority || a.seq - b.seq)
      return free.slice(0, count).map(({ run, priority, seq: at }) => {
        const job = { id: String(at), run, priority }
        waiting.delete(run)
        fetched.set(run, job)
        return job
      })
    },
    done: async (jobs) => {
      for (const job of jobs) if (fetched.get(job.run)?.id === job.id) fetched.delete(job.run)
    },
    onHint: (call) => {
      calls.add(call)
      return () => calls.delete(call)
    },
    call: async (tx, what) => void stageOf(tx).calls.add(what),
    onCall: (hear) => {
      hearers.add(hear)
      return () => hearers.delete(hear)
    },
  }
  return { queue, database: { ...database, transaction } }
}

function foreign(): never {
  throw new Error('this transaction is not of the database that came with the queue')
}
