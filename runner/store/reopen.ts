// An ended run that people start again.

import { json, type Statements, type Transaction } from './database.ts'
import type { Fact } from '../model/journal.ts'
import type { JsonObject } from '../model/json.ts'
import type { RunStatus } from '../model/run.ts'

export interface EndedRow {
  readonly id: string
  readonly flow: string
  readonly version: string
  readonly status: RunStatus
  readonly epoch: number
  readonly cancelBy: string | null
  readonly parent: string | null
  readonly trigger: string
  readonly event: JsonObject
  readonly inputs: JsonObject
  readonly createdMs: number
}

const columns = `id, flow, version, status, epoch, cancel_by as "cancelBy", parent, trigger, event, inputs,
  created_ms as "createdMs"`

/** Null when there is no such run. */
export async function readEnded(statements: Statements, run: string): Promise<EndedRow | null> {
  const rows = await statements.query<EndedRow>(`select ${columns} from run where id = $1`, [run])
  return rows[0] ?? null
}

/** The row, locked until the transaction ends: of two who start a run again, one does. */
export async function lockEnded(tx: Transaction, run: string): Promise<EndedRow | null> {
  const rows = await tx.query<EndedRow>(`select ${columns} from run where id = $1 for no key update`, [run])
  return rows[0] ?? null
}

const reopenSql = `
with retried as (
  insert into journal (run, seq, epoch, at_ms, fact)
  select $1, coalesce(max(seq), 0) + 1, $2, $3, $4::jsonb from journal where run = $1),
limits as (
  delete from run_limit where run = $1)
update run set status = $5, epoch = $2,
       owner = null, cancel_by = null, waiting = null, wake_ms = null, ended_ms = null, working_ms = 0,
       error = null, outputs = null, hinted = false
where id = $1`

/**
 * Appends the fact and takes back the end. Nobody who held the run before can write from here on. The caller has
 * locked the row, and in the same transaction wakes the run; one that waits for its limits gets these before.
 */
export async function reopenRun(
  tx: Transaction,
  row: EndedRow,
  retried: {
    readonly fact: Extract<Fact, { is: 'retried' }>
    readonly atMs: number
    readonly status: 'queued' | 'parked'
  },
): Promise<void> {
  const { fact, atMs, status } = retried
  await tx.query(reopenSql, [row.id, row.epoch + 1, atMs, json(fact), status])
}
