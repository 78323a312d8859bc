// Starts that a rate counts: a sliding window for each key, exact for whoever holds the key's lock.

import { json, type Statements, type Transaction } from './database.ts'

export interface Start {
  readonly key: string
  readonly perMs: number
  /** The run, or the invocation that used a connection; the same one again counts once. */
  readonly what: string
}

/** Counts a start for each; what has left the window of its key goes. */
export async function addStarts(tx: Transaction, starts: readonly Start[], nowMs: number): Promise<void> {
  if (starts.length === 0) return
  await tx.query(
    `delete from rate_start using jsonb_to_recordset($1::jsonb) as s(key text, "perMs" bigint)
     where rate_start.key = s.key and rate_start.at_ms <= $2 - s."perMs"`,
    [json(starts), nowMs],
  )
  await tx.query(
    `insert into rate_start (key, what, at_ms)
     select key, what, $2 from jsonb_to_recordset($1::jsonb) as s(key text, what text)
     on conflict (key, what) do nothing`,
    [json(starts), nowMs],
  )
}

/** When the window of a key has room for one more: at once when it has. */
export async function roomAt(
  statements: Statements,
  rate: { readonly key: string; readonly max: number; readonly perMs: number },
  nowMs: number,
): Promise<number> {
  const [row] = await statements.query<{ at: number }>(
    `select at_ms + $3 as at from rate_start where key = $1 and at_ms > $4 - $3
     order by at_ms desc offset $2 - 1 limit 1`,
    [rate.key, rate.max, rate.perMs, nowMs],
  )
  return row?.at ?? nowMs
}

/** Starts of keys that nobody uses any more, at most `max`. */
export async function forgetStarts(statements: Statements, beforeMs: number, max: number): Promise<number> {
  const rows = await statements.query(
    `delete from rate_start where (key, what) in (
       select key, what from rate_start where at_ms < $1 limit $2) returning 1`,
    [beforeMs, max],
  )
  return rows.length
}
