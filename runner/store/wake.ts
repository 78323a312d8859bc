// No wake-up is lost: whoever records a fact that concerns a run calls this in the same transaction.

import type { Transaction } from './database.ts'
import type { Queue } from './queue.ts'

/**
 * Raises `wake_seq` of runs that have not ended, makes parked ones ready and sends a hint for them.
 * A holder that parks compares `wake_seq` and so notices; ended runs are left alone.
 */
export async function wakeRuns(tx: Transaction, queue: Queue, runs: readonly string[]): Promise<void> {
  const woken = await tx.query<{ run: string; priority: number; status: string }>(
    `with target as (select id, status from run where id = any($1) order by id for no key update)
     update run r set wake_seq = r.wake_seq + 1,
            status = case when t.status = 'parked' then 'ready' else t.status end,
            wake_ms = case when t.status = 'parked' then null else r.wake_ms end
     from target t where r.id = t.id and t.status in ('queued', 'ready', 'running', 'parked')
     returning r.id as run, r.priority, r.status`,
    [runs],
  )
  const ready = woken.filter((row) => row.status === 'ready')
  if (ready.length > 0) await queue.send(tx, ready)
}
