// Runs as rows: claiming, waking, taking over, cancelling. Every change of holder raises the epoch.

import type { Statements, Transaction } from './database.ts'
import type { RecordedError } from '../model/error.ts'
import type { JsonObject } from '../model/json.ts'

/** A run that this runner holds. */
export interface HeldRun {
  readonly id: string
  readonly flow: string
  readonly version: string
  readonly policy: string
  readonly trigger: string
  readonly startedBy: string
  readonly event: JsonObject
  readonly inputs: JsonObject
  readonly epoch: number
  readonly wakeSeq: number
  readonly cancelBy: string | null
  readonly priority: number
  readonly scheduledMs: number
  readonly createdMs: number
  readonly startedMs: number
  readonly workingMs: number
  /** The run whose `call` step started this one. */
  readonly parent: string | null
  readonly depth: number
}

const heldColumns = `id, flow, version, policy, trigger, started_by as "startedBy", event, inputs, epoch,
  wake_seq as "wakeSeq", cancel_by as "cancelBy", priority, scheduled_ms as "scheduledMs",
  created_ms as "createdMs", started_ms as "startedMs", working_ms as "workingMs",
  parent, depth`

/** Claims ready runs for this runner; their places in the window of hints are free. Two runners never get the same run. */
export function claimRuns(
  statements: Statements,
  claim: { readonly runs: readonly string[]; readonly owner: string; readonly nowMs: number },
): Promise<HeldRun[]> {
  return statements.query<HeldRun>(
    `with target as (select id from run where id = any($1) and status = 'ready' order by id for no key update)
     update run set status = 'running', hinted = false, owner = $2, epoch = epoch + 1, started_ms = coalesce(started_ms, $3)
     where id in (select id from target) and status = 'ready' returning ${heldColumns}`,
    [claim.runs, claim.owner, claim.nowMs],
  )
}

/** Parked runs whose time has come, at most `max`, to be woken. */
export async function dueRuns(tx: Transaction, nowMs: number, max: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select id from run where status = 'parked' and wake_ms <= $1 order by wake_ms limit $2 for no key update skip locked`,
    [nowMs, max],
  )
  return rows.map((row) => row.id)
}

/**
 * Frees running runs of dead owners, and of owners that nobody knows; their old holder can write nothing from here
 * on. An owner that registers meanwhile is known before it holds anything.
 */
export function takeOver(
  tx: Transaction,
  dead: readonly string[],
): Promise<{ run: string; priority: number }[]> {
  return tx.query(
    `with lost as (
       select id from run where status = 'running'
         and (owner = any($1) or not exists (select 1 from runner where runner.id = run.owner))
       order by id for no key update skip locked)
     update run set status = 'ready', hinted = false, owner = null, epoch = epoch + 1
     where id in (select id from lost) returning id as run, priority`,
    [dead],
  )
}

/** Hands back runs that we hold, unfinished, so that any runner may go on with them. */
export function handBack(
  tx: Transaction,
  runs: readonly { readonly id: string; readonly epoch: number }[],
): Promise<{ run: string; priority: number }[]> {
  return tx.query(
    `update run set status = 'ready', hinted = false, owner = null from unnest($1::text[], $2::int[]) as mine(id, epoch)
     where run.id = mine.id and run.epoch = mine.epoch and run.status = 'running'
     returning run.id as run, run.priority`,
    [runs.map((run) => run.id), runs.map((run) => run.epoch)],
  )
}

/** What changed for the runs this runner holds: read each second, so that a long step notices a cancel. */
export function newsOfHeld(
  statements: Statements,
  owner: string,
): Promise<{ id: string; epoch: number; wakeSeq: number }[]> {
  return statements.query(
    `select id, epoch, wake_seq as "wakeSeq" from run where status = 'running' and owner = $1`,
    [owner],
  )
}

/** Locks runs in one order for everybody, so that nobody deadlocks. */
export async function lockRuns(tx: Transaction, runs: readonly string[]): Promise<void> {
  await tx.query('select 1 from run where id = any($1) order by id for no key update', [runs])
}

/** Asks for the end of a run; false when it has ended or does not exist. The caller wakes it. */
export async function requestCancel(tx: Transaction, run: string, by: string): Promise<boolean> {
  const rows = await tx.query(
    `update run set cancel_by = coalesce(cancel_by, $2)
     where id = $1 and status in ('queued', 'ready', 'running', 'parked') returning id`,
    [run, by],
  )
  return rows.length > 0
}

/** Parked runs that wait for the emergency stop to be lifted. */
export async function stoppedRuns(tx: Transaction): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select id from run where status = 'parked' and waiting @> '[{"for":"resume"}]' order by id`,
  )
  return rows.map((row) => row.id)
}

/** The freshest news of one run, after parking was refused. */
export async function newsOf(
  statements: Statements,
  run: string,
): Promise<{ wakeSeq: number; cancelBy: string | null }> {
  const rows = await statements.query<{ wakeSeq: number; cancelBy: string | null }>(
    'select wake_seq as "wakeSeq", cancel_by as "cancelBy" from run where id = $1',
    [run],
  )
  return rows[0] ?? { wakeSeq: 0, cancelBy: null }
}

/** How a run ended, for the run that called it. */
export interface EndedRun {
  readonly id: string
  readonly flow: string
  readonly status: 'succeeded' | 'failed' | 'cancelled'
  readonly error: RecordedError | null
  readonly outputs: JsonObject
  readonly createdMs: number
  readonly endedMs: number
}

/** Those of the runs that have ended. */
export function endedRuns(statements: Statements, runs: readonly string[]): Promise<EndedRun[]> {
  return statements.query(
    `select id, flow, status, error, coalesce(outputs, '{}') as outputs, created_ms as "createdMs",
            ended_ms as "endedMs"
     from run where id = any($1) and status in ('succeeded', 'failed', 'cancelled')`,
    [runs],
  )
}
