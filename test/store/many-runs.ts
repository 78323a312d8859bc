// Thousands of runs at once, for tests of what a backlog does to others.

import { type Database, json } from '../../runner/store/database.ts'

export interface ManyRuns {
  readonly flow: string
  /** Before the number in their ids; the flow when absent. */
  readonly name?: string
  readonly runs: number
  readonly status: 'ready' | 'parked' | 'queued'
  readonly createdMs?: number
  readonly priority?: number
  /** A limit of one place that all of them wait for. */
  readonly key?: string
}

/** Ids are the name and a number of five digits; each is one millisecond younger than the one before. */
export async function manyRuns(database: Database, many: ManyRuns): Promise<void> {
  const { flow, name = flow, runs, status, createdMs = 0, priority = 0 } = many
  await database.query(
    `insert into run (id, flow, version, commit, policy, trigger, started_by, slot, event, inputs, status, priority,
                      scheduled_ms, created_ms)
     select $1 || '-' || lpad(n::text, 5, '0'), $2, 'v1', 'c', 'p0', 'manual', 'local:ana', $1 || n, $3, '{}', $4, $5,
            0, $6 + n
     from generate_series(0, $7::int - 1) as of(n)`,
    [name, flow, json({ kind: 'manual' }), status, priority, createdMs, runs],
  )
  if (many.key === undefined) return
  await database.query(
    `insert into run_limit (key, run, max, holds, order_ms)
     select $1, $2 || '-' || lpad(n::text, 5, '0'), 1, false, $3 + n from generate_series(0, $4::int - 1) as of(n)`,
    [many.key, name, createdMs, runs],
  )
}
