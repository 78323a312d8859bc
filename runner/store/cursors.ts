// How far the comments of a ticket repository were read. It moves only with the votes that it stands for.

import type { Json } from '../model/json.ts'
import { json, type Statements, type Transaction } from './database.ts'

export interface Cursor {
  readonly repository: string
  readonly sinceMs: number
  readonly etags: Readonly<Record<string, string>>
  /** Comment id → its time of change, of those that were dealt with and may come again. */
  readonly seen: Readonly<Record<string, number>>
}

const ofSql = 'select repository, since_ms as "sinceMs", etags, seen from github_cursor where repository = $1'

export async function cursorOf(db: Statements, repository: string): Promise<Cursor | null> {
  const [row] = await db.query<Cursor>(ofSql, [repository])
  return row ?? null
}

const saveSql = `insert into github_cursor (repository, since_ms, etags, seen) values ($1, $2, $3::jsonb, $4::jsonb)
  on conflict (repository) do update set since_ms = $2, etags = $3::jsonb, seen = $4::jsonb`

export async function saveCursor(tx: Transaction, cursor: Cursor): Promise<void> {
  const value: Json[] = [cursor.etags, cursor.seen]
  await tx.query(saveSql, [cursor.repository, cursor.sinceMs, ...value.map(json)])
}

const rewindSql = `insert into github_cursor (repository, since_ms, etags, seen) values ($1, $2, '{}', '{}')
  on conflict (repository) do update set since_ms = least(github_cursor.since_ms, $2), etags = '{}'`

/**
 * Reads from then on, in GitHub's own time, or again: an issue became a ticket's only after comments were possible.
 */
export async function rewindCursor(tx: Transaction, repository: string, sinceMs: number): Promise<void> {
  await tx.query(rewindSql, [repository, sinceMs])
}
