// What is to be written to GitHub: stored with the change that causes it, sent afterwards, each once by its id.

import type { Json, JsonObject } from '../model/json.ts'
import { json, type Statements, type Transaction } from './database.ts'

/** `open`: the issue of a ticket. `comment`: text on it. `close`: the issue is closed. */
export type MessageKind = 'open' | 'comment' | 'close'

export interface Message {
  readonly id: string
  readonly ticket: string
  readonly kind: MessageKind
  readonly body: JsonObject
  readonly attempts: number
  readonly nextMs: number
}

const columns = 'id, ticket, kind, body, attempts, next_ms as "nextMs"'
const insertSql = `insert into outbox (id, ticket, kind, body, state, next_ms)
  values ($1, $2, $3, $4::jsonb, 'waiting', $5) on conflict (id) do nothing`

/** The same id twice is one message. */
export async function addMessage(tx: Transaction, message: Omit<Message, 'attempts'>): Promise<void> {
  await tx.query(insertSql, [message.id, message.ticket, message.kind, json(message.body), message.nextMs])
}

const dueSql = `select ${columns} from outbox where state = 'waiting' and next_ms <= $1 order by next_ms, id limit 50`

export async function dueMessages(db: Statements, nowMs: number): Promise<Message[]> {
  return db.query<Message>(dueSql, [nowMs])
}

const beginSql = `update outbox set attempts = attempts + 1, next_ms = $3
  where id = $1 and attempts = $2 and state = 'waiting' returning ${columns}`

/**
 * Recorded before anything is sent: whoever finds `attempts` above zero looks on GitHub first. Null: another
 * sender has it; until `nextMs` it stays ours.
 */
export async function beginMessage(
  db: Statements,
  message: Message,
  nextMs: number,
): Promise<Message | null> {
  const [row] = await db.query<Message>(beginSql, [message.id, message.attempts, nextMs])
  return row ?? null
}

const postponeSql = `update outbox set next_ms = $2, body = $3::jsonb where id = $1 and state = 'waiting'`

/** Not now: again at `nextMs`, with what was learned meanwhile in `body`. */
export async function postponeMessage(
  db: Statements,
  id: string,
  again: { readonly nextMs: number; readonly body: Json },
): Promise<void> {
  await db.query(postponeSql, [id, again.nextMs, json(again.body)])
}

const endSql = `update outbox set state = $2, sent_ms = $3 where id = $1 and state = 'waiting'`

/** `failed`: GitHub refuses it for good. */
export async function endMessage(
  db: Statements,
  id: string,
  end: { readonly state: 'sent' | 'failed'; readonly atMs: number },
): Promise<void> {
  await db.query(endSql, [id, end.state, end.atMs])
}

const forgetSql = `update outbox set state = 'failed', sent_ms = $3 where ticket = $1 and kind = $2 and state = 'waiting'`

/** Messages of a kind that no longer make sense are not sent. */
export async function forgetMessages(
  tx: Transaction,
  ticket: string,
  of: { readonly kind: MessageKind; readonly atMs: number },
): Promise<void> {
  await tx.query(forgetSql, [ticket, of.kind, of.atMs])
}

const nextSql = `select next_ms as "nextMs" from outbox where state = 'waiting' order by next_ms limit 1`

/** When the next message is due; null: none waits. */
export async function nextMessageMs(db: Statements): Promise<number | null> {
  const [row] = await db.query<{ nextMs: number }>(nextSql)
  return row?.nextMs ?? null
}
