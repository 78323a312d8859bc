// Events that steps may be waiting for: kept from the moment they came, so that none is lost to a run that was
// still on its way to its wait.

import { type Database, json, type Statements, type Transaction } from './database.ts'
import type { JsonObject } from '../model/json.ts'

export interface HeardEvent {
  readonly flow: string
  /** Path of the waiting step. */
  readonly step: string
  /** The same slot twice is one event. */
  readonly slot: string
  readonly atMs: number
  readonly event: JsonObject
}

/**
 * False when the slot was heard before. The caller wakes the runs of `listeners` in the same transaction. Events of
 * one step are inserted one after the other, so that `settleHeard` can wait for the one that is on its way.
 */
export async function insertHeard(tx: Transaction, heard: HeardEvent): Promise<boolean> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 11))', [lockName(heard)])
  const rows = await tx.query(
    `insert into heard (flow, step, slot, at_ms, event) values ($1, $2, $3, $4, $5::jsonb)
     on conflict (slot) do nothing returning seq`,
    [heard.flow, heard.step, heard.slot, heard.atMs, json(heard.event)],
  )
  return rows.length > 0
}

/**
 * Resolves when no event of this step is half inserted. Whoever holds a run calls it before `heardSince`: an event
 * is then either read, or its sender sees the run and wakes it. Without it, an event that was inserted while the run
 * was ready and is committed after the run has looked would reach nobody.
 */
export async function settleHeard(
  statements: Statements,
  about: Pick<HeardEvent, 'flow' | 'step'>,
): Promise<void> {
  await statements.query('select pg_advisory_xact_lock_shared(hashtextextended($1, 11))', [lockName(about)])
}

function lockName({ flow, step }: Pick<HeardEvent, 'flow' | 'step'>): string {
  return `${flow}/${step}`
}

/** Runs that may want an event of this step: those parked for it, and those on their way. */
export async function listeners(
  tx: Transaction,
  { flow, step }: Pick<HeardEvent, 'flow' | 'step'>,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select id from run where flow = $1 and (status = 'running'
       or (status = 'parked' and waiting @> jsonb_build_array(jsonb_build_object('for', 'event', 'step', $2::text))))
     order by id`,
    [flow, step],
  )
  return rows.map((row) => row.id)
}

const pageMax = 100

/** Events of one step from `sinceMs` on, oldest first, in pages. */
export async function* heardSince(
  database: Database,
  about: { readonly flow: string; readonly step: string; readonly sinceMs: number },
): AsyncGenerator<JsonObject> {
  for (let after = 0; ;) {
    const rows = await database.query<{ seq: number; event: JsonObject }>(
      `select seq, event from heard where flow = $1 and step = $2 and at_ms >= $3 and seq > $4
       order by seq limit $5`,
      [about.flow, about.step, about.sinceMs, after, pageMax],
    )
    for (const row of rows) yield row.event
    after = rows.at(-1)?.seq ?? 0
    if (rows.length < pageMax) return
  }
}

/** Forgets events from before `beforeMs`, in a small batch. */
export async function deleteHeard(database: Database, beforeMs: number, max: number): Promise<number> {
  const rows = await database.query(
    'delete from heard where seq in (select seq from heard where at_ms < $1 order by at_ms limit $2) returning seq',
    [beforeMs, max],
  )
  return rows.length
}
