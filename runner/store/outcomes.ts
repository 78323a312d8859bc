// The lane of outcomes: what happened in many runs, in one statement at a time; whoever called a run hears of its end.

import type { Database } from './database.ts'
import { type Outcome, writeOutcomes, type Written } from './journal.ts'
import { createLane, type Lane, type LaneOptions } from './lane.ts'
import type { Queue } from './queue.ts'
import { wakeRuns } from './wake.ts'

export interface OutcomeParts {
  readonly database: Database
  readonly queue: Queue
}

export function createOutcomes(
  parts: OutcomeParts,
  options: Omit<LaneOptions, 'itemsMax'>,
): Lane<Outcome, Written> {
  return createLane((batch) => commitOutcomes(parts, batch), {
    ...options,
    itemsMax: outcomesPerStatementMax,
  })
}

const outcomesPerStatementMax = 256

/** The callers are woken in the same transaction, so that no end of a called run is lost. */
async function commitOutcomes(
  { database, queue }: OutcomeParts,
  batch: readonly Outcome[],
): Promise<readonly Written[]> {
  const callers = batch.flatMap((outcome) =>
    outcome.fate.is === 'end' && outcome.parent !== null ? [outcome.parent] : [],
  )
  if (callers.length === 0) return writeOutcomes(database.writer, batch)
  return database.transaction(async (tx) => {
    // All rows that will be written, in one order for everybody.
    await tx.query('select 1 from run where id = any($1) order by id for no key update', [
      [...callers, ...batch.map((outcome) => outcome.run)],
    ])
    const written = await writeOutcomes(tx, batch)
    await wakeRuns(tx, queue, callers)
    return written
  })
}
