// A run as a row, with everything that a test does not care about filled in.

import { type Database, json } from '../../runner/store/database.ts'

export interface RunRow {
  readonly id: string
  readonly status: string
  readonly priority?: number
  readonly wakeMs?: number
}

export async function insertRun(database: Database, run: RunRow): Promise<void> {
  await database.query(
    `insert into flow_version (hash, name, file, closure, created_ms) values ('v', 'f', 'f.yaml', '{}', 0)
     on conflict do nothing`,
    [],
  )
  await database.query(
    `insert into run (id, flow, version, commit, policy, trigger, started_by, slot, event, inputs, status, priority,
                      wake_ms, scheduled_ms, created_ms)
     values ($1, 'f', 'v', 'c', 'p', 'manual', 'test', $1, $2, $2, $3, $4, $5, 0, 0)`,
    [run.id, json({}), run.status, run.priority ?? 0, run.wakeMs ?? null],
  )
}
