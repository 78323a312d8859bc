// Deleting ended runs with everything that belongs to them. The audit stays, and slots and decisions have ages of
// their own.

import type { Transaction } from './database.ts'

/** Facts of the runs of one batch; a single run may have more. */
const factsMax = 20_000

// A called run stays while its caller has not ended: the caller may still have to take its result.
const oldestSql = `
select r.id, coalesce((select seq from journal j where j.run = r.id order by seq desc limit 1), 0) as facts
from run r
where r.ended_ms < $1
  and coalesce((select p.ended_ms is not null from run p where p.id = r.parent), true)
order by r.ended_ms limit $2 for update of r skip locked`

/**
 * Deletes the runs that ended first, before `beforeMs`, at most `max`; gives how many. Two who do it at once take
 * different ones; a run that somebody starts again at that moment is left.
 */
export async function forgetRuns(tx: Transaction, beforeMs: number, max: number): Promise<number> {
  const oldest = await tx.query<{ id: string; facts: number }>(oldestSql, [beforeMs, max])
  const runs = fitting(oldest)
  if (runs.length === 0) return 0
  await tx.query('delete from journal where run = any($1)', [runs])
  await tx.query('delete from run_log where run = any($1)', [runs])
  await tx.query('delete from effect where run = any($1)', [runs])
  await tx.query(`delete from ledger_window where name = any($1)`, [runs.map((run) => `usd:run:${run}`)])
  const tickets = await tx.query<{ id: string }>('select id from ticket where run = any($1)', [runs])
  if (tickets.length > 0)
    await forgetTickets(
      tx,
      tickets.map(({ id }) => id),
    )
  await tx.query('delete from run where id = any($1)', [runs])
  return runs.length
}

function fitting(oldest: readonly { readonly id: string; readonly facts: number }[]): string[] {
  const runs: string[] = []
  let facts = 0
  for (const run of oldest) {
    facts += run.facts
    if (runs.length > 0 && facts > factsMax) break
    runs.push(run.id)
  }
  return runs
}

async function forgetTickets(tx: Transaction, tickets: readonly string[]): Promise<void> {
  await tx.query('delete from outbox where ticket = any($1)', [tickets])
  await tx.query('delete from ticket where id = any($1)', [tickets])
}
