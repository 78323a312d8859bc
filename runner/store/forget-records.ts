// Deleting what is remembered by age alone, the oldest first, at most `max` of each; every one says how many.

import type { Statements } from './database.ts'

/** Decisions with what led to them. */
export async function forgetDecisions(
  statements: Statements,
  beforeMs: number,
  max: number,
): Promise<number> {
  const rows = await statements.query(
    `delete from decision where id in (select id from decision where at_ms < $1 order by at_ms limit $2) returning 1`,
    [beforeMs, max],
  )
  return rows.length
}

/** Money that is settled one way or the other; what is still held stays, however old. */
export async function forgetReservations(
  statements: Statements,
  beforeMs: number,
  max: number,
): Promise<number> {
  const rows = await statements.query(
    `delete from reservation where id in (
       select id from reservation where at_ms < $1 and state in ('settled', 'released', 'presumed')
       order by at_ms limit $2) returning 1`,
    [beforeMs, max],
  )
  return rows.length
}

/** From then on the same firing would be another run. */
export async function forgetSlots(statements: Statements, beforeMs: number, max: number): Promise<number> {
  const rows = await statements.query(
    `delete from slot where key in (select key from slot where created_ms < $1 order by created_ms limit $2)
     returning 1`,
    [beforeMs, max],
  )
  return rows.length
}
