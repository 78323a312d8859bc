// A run as a row, with everything that a test does not care about filled in.

import { aVersion } from './a-run.ts'
import { type Database, json } from '../../runner/store/database.ts'

export interface RunRow {
  readonly id: string
  readonly status: string
  readonly priority?: number
  readonly wakeMs?: number
}

export async function insertRun(database: Database, run: RunRow): Promise<void> {
  const version = await aVersion(database)
  await database.query(
    `insert into run (id, flow, version, commit, policy, trigger, started_by, slot, event, inputs, status, priority,
                      wake_ms, scheduled_ms, created_ms)
     values ($1, 'f', $6, 'c', 'p', 'manual', 'test', $1, $2, $2, $3, $4, $5, 0, 0)`,
    [run.id, json({}), run.status, run.priority ?? 0, run.wakeMs ?? null, version],
  )
}
