// The queue's twin for simulated time: the same guarantees, in memory, with no timer and no randomness.

import type { Database, Transaction } from './database.ts'
import type { Hint, Job, Queue } from './queue.ts'

export interface MemoryQueue {
  readonly queue: Queue
  /** The database to use with it: it tells the queue which transactions committed. */
  readonly database: Database
}

interface Waiting extends Hint {
  /** Order of arrival, which decides between equal priorities. */
  readonly seq: number
}

/** Stopping the queue is the death of its holder: what was fetched and not done waits again. */
export function memoryQueue(database: Database): MemoryQueue {
  const staged = new WeakMap<Transaction, Hint[]>()
  const waiting = new Map<string, Waiting>()
  const fetched = new Map<string, Job & Hint>()
  const calls = new Set<() => void>()
  let seq = 0

  const add = (hints: readonly Hint[]): void => {
    for (const hint of hints) if (!waiting.has(hint.run)) waiting.set(hint.run, { ...hint, seq: seq++ })
    if (hints.length > 0) for (const call of calls) queueMicrotask(call)
  }

  const transaction: Database['transaction'] = async (work) => {
    let hints: Hint[] = []
    const result = await database.transaction(async (tx) => {
      hints = []
      staged.set(tx, hints)
      return work(tx)
    })
    add(hints)
    return result
  }

  const queue: Queue = {
    start: async () => {},
    stop: async () => {
      const lost = [...fetched.values()]
      fetched.clear()
      add(lost)
    },
    send: async (tx, hints) => {
      const stage = staged.get(tx)
      if (stage === undefined)
        throw new Error('this transaction is not of the database that came with the queue')
      stage.push(...hints)
    },
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
  }
  return { queue, database: { ...database, transaction } }
}
