// An event that steps may be waiting for: kept, and whoever may want it is woken.

import type { Database } from '../store/database.ts'
import { type HeardEvent, insertHeard, listeners } from '../store/heard.ts'
import type { Queue } from '../store/queue.ts'
import { wakeRuns } from '../store/wake.ts'

/** Resolves when the event is durable; `duplicate`: its slot was heard before. */
export type Hear = (heard: HeardEvent) => Promise<'heard' | 'duplicate'>

export interface HearParts {
  readonly database: Database
  readonly queue: Queue
}

/** Nobody may be waiting yet: a run that is on its way to its wait reads it there. */
export function createHear({ database, queue }: HearParts): Hear {
  return (heard) =>
    database.transaction(async (tx) => {
      if (!(await insertHeard(tx, heard))) return 'duplicate'
      const runs = await listeners(tx, heard)
      if (runs.length > 0) await wakeRuns(tx, queue, runs)
      return 'heard'
    })
}
