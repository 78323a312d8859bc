// No wake-up is lost: whoever records a fact that concerns a run calls this in the same transaction.

import type { Transaction } from './database.ts'
import type { Queue } from './queue.ts'
import { lockRuns } from './runs.ts'

const wakeSql = `
with target as (
  select id, status, cancel_by is not null as cancelled from run
  where id = any($1) and status in ('queued', 'ready', 'running', 'parked')),
lent as (
  update run_limit l set holds = false, order_ms = r.order_ms from target t join run r on r.id = t.id
  where l.run = t.id and l.holds is null and t.status = 'parked' and not t.cancelled returning l.run),
woken as (
  select id, case when status = 'parked' and id in (select run from lent) then 'queued'
                  when status = 'parked' or (status = 'queued' and cancelled) then 'ready'
                  else status end as status
  from target)
update run r set wake_seq = r.wake_seq + 1, status = woken.status,
       wake_ms = case when r.status = 'parked' then null else r.wake_ms end
from woken where r.id = woken.id
returning woken.status`

/**
 * Raises `wake_seq` of runs that have not ended and makes parked ones ready; one that gave its place of a limit back
 * waits for it again, unless it is to be cancelled: that needs no place. A holder that parks compares `wake_seq` and
 * so notices; ended runs are left alone. Who hands out work is called after the commit.
 */
export async function wakeRuns(tx: Transaction, queue: Queue, runs: readonly string[]): Promise<void> {
  // In a statement of its own: what was committed while it waited for a row is seen by the next one.
  await lockRuns(tx, runs)
  const woken = await tx.query<{ status: string }>(wakeSql, [runs])
  if (woken.some((row) => row.status === 'ready')) await queue.call(tx, 'ready')
  if (woken.some((row) => row.status === 'queued')) await queue.call(tx, 'queued')
}
