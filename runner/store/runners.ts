// Which runners live: a row with a lease each, and on PostgreSQL a session lock that dies with the process.

import type { Statements } from './database.ts'

export interface RunnerRow {
  readonly id: string
  readonly lockKey: bigint
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly startedMs: number
  readonly slots: number
}

/** Makes this runner known; its lease ends at `leaseMs`. */
export async function register(statements: Statements, runner: RunnerRow, leaseMs: number): Promise<void> {
  await statements.query(
    `insert into runner (id, lock_key, host, pid, version, started_ms, lease_ms, slots)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      runner.id,
      runner.lockKey.toString(),
      runner.host,
      runner.pid,
      runner.version,
      runner.startedMs,
      leaseMs,
      runner.slots,
    ],
  )
}

/** Extends the lease; false when the row is gone, because others took this runner for dead. */
export async function renew(statements: Statements, id: string, leaseMs: number): Promise<boolean> {
  const rows = await statements.query('update runner set lease_ms = $2 where id = $1 returning id', [
    id,
    leaseMs,
  ])
  return rows.length > 0
}

export async function unregister(statements: Statements, ids: readonly string[]): Promise<void> {
  await statements.query('delete from runner where id = any($1)', [ids])
}

export function listRunners(
  statements: Statements,
): Promise<{ id: string; lockKey: string; leaseMs: number; host: string; pid: number; version: string }[]> {
  return statements.query(
    'select id, lock_key::text as "lockKey", lease_ms as "leaseMs", host, pid, version from runner order by started_ms',
  )
}

/**
 * Takes or renews a duty for one runner until `untilMs`. An optimisation: two holders at once do no harm, because
 * every effect of a duty is guarded by its own key.
 */
export async function holdDuty(
  statements: Statements,
  duty: { readonly name: string; readonly owner: string; readonly nowMs: number; readonly untilMs: number },
): Promise<boolean> {
  const rows = await statements.query(
    `insert into duty (name, owner, until_ms) values ($1, $2, $4)
     on conflict (name) do update set owner = $2, until_ms = $4 where duty.owner = $2 or duty.until_ms < $3
     returning owner`,
    [duty.name, duty.owner, duty.nowMs, duty.untilMs],
  )
  return rows.length > 0
}
