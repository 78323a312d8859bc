// The approvals' own book: rows that are only added, each holding the hash of the one before.

import { digestOf } from '../model/digest.ts'
import type { JsonObject } from '../model/json.ts'
import { json, type Statements, type Transaction } from './database.ts'

export interface AuditRow {
  readonly seq: number
  readonly atMs: number
  readonly ticket: string | null
  readonly kind: string
  readonly body: JsonObject
  readonly previous: string
  readonly hash: string
}

/** What stands before the first row. */
export const auditBegin = '0'.repeat(64)

const columns = 'seq, at_ms as "atMs", ticket, kind, body, previous, hash'
const lastSql = `select ${columns} from audit order by seq desc limit 1`
const insertSql = `insert into audit (seq, at_ms, ticket, kind, body, previous, hash)
  values ($1, $2, $3, $4, $5::jsonb, $6, $7)`

/** Adds the next row. The caller holds the tickets' lock, so the chain never forks; never a secret in `body`. */
export async function appendAudit(
  tx: Transaction,
  entry: Pick<AuditRow, 'atMs' | 'ticket' | 'kind' | 'body'>,
): Promise<void> {
  const [last] = await tx.query<AuditRow>(lastSql)
  const row = { ...entry, seq: (last?.seq ?? 0) + 1, previous: last?.hash ?? auditBegin }
  const values = [row.seq, row.atMs, row.ticket, row.kind, json(row.body), row.previous, hashOf(row)]
  await tx.query(insertSql, values)
}

function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const { seq, atMs, ticket, kind, body, previous } = row
  return digestOf({ seq, at_ms: atMs, ticket, kind, body, previous })
}

const pageSql = `select ${columns} from audit where seq > $1 order by seq limit 1000`

export interface AuditVerdict {
  readonly rows: number
  /** Hash of the last row: whoever keeps it elsewhere also notices a cut tail. */
  readonly head: string
  readonly broken: { readonly seq: number; readonly why: string } | null
}

/** Checks the whole chain: numbers without a gap, each hash, each link. Stops at the first row that is wrong. */
export async function verifyAudit(db: Statements): Promise<AuditVerdict> {
  let rows = 0
  let head = auditBegin
  for (;;) {
    const page = await db.query<AuditRow>(pageSql, [rows])
    for (const row of page) {
      const why = wrongWith(row, rows + 1, head)
      if (why !== null) return { rows, head, broken: { seq: row.seq, why } }
      rows = row.seq
      head = row.hash
    }
    if (page.length === 0) return { rows, head, broken: null }
  }
}

function wrongWith(row: AuditRow, seq: number, head: string): string | null {
  if (row.seq !== seq) return `row ${seq} is missing`
  if (row.previous !== head) return 'it does not follow the row before it'
  if (row.hash !== hashOf(row)) return 'its content was changed'
  return null
}

const ofSql = `select ${columns} from audit where ticket = $1 order by seq`

export async function auditOf(db: Statements, ticket: string): Promise<AuditRow[]> {
  return db.query<AuditRow>(ofSql, [ticket])
}

const formerSql = `select ticket from audit where kind = 'revised' and body->>'former_code' = $1 limit 1`

/** The ticket that had this code in an earlier form; for the answer to somebody who pastes an old one. */
export async function ticketOfFormerCode(db: Statements, code: string): Promise<string | null> {
  const [row] = await db.query<{ ticket: string }>(formerSql, [code])
  return row?.ticket ?? null
}
