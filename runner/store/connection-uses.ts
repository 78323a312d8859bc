// Who uses a limited connection now. Whoever counts and takes holds the lock of the connection's key.

import type { Statements, Transaction } from './database.ts'

export interface Use {
  readonly connection: string
  readonly owner: string
  readonly run: string
  /** Step and element. */
  readonly invocation: string
}

/** Uses by others than this very invocation. */
export async function countUses(tx: Transaction, use: Use): Promise<number> {
  const [row] = await tx.query<{ uses: number }>(
    `select count(*) as uses from connection_use where connection = $1 and (run, invocation) <> ($2, $3)`,
    [use.connection, use.run, use.invocation],
  )
  return row?.uses ?? 0
}

export async function addUse(tx: Transaction, use: Use, nowMs: number): Promise<void> {
  await tx.query(
    `insert into connection_use (connection, owner, run, invocation, at_ms) values ($1, $2, $3, $4, $5)
     on conflict (connection, run, invocation) do update set owner = $2, at_ms = $5`,
    [use.connection, use.owner, use.run, use.invocation, nowMs],
  )
}

/** Gives back what this holder took; what another has taken over since stays. */
export async function endUse(statements: Statements, use: Omit<Use, 'connection'>): Promise<void> {
  await statements.query('delete from connection_use where owner = $1 and run = $2 and invocation = $3', [
    use.owner,
    use.run,
    use.invocation,
  ])
}

/** Places that nobody uses any more: of runners that are gone, and of runs that this runner does not hold. */
export async function freeUses(statements: Statements, owner: string): Promise<void> {
  await statements.query(
    `delete from connection_use u
     where not exists (select 1 from runner where runner.id = u.owner)
        or (u.owner = $1 and not exists (
          select 1 from run where run.id = u.run and run.status = 'running' and run.owner = u.owner))`,
    [owner],
  )
}
