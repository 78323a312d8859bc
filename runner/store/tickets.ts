// Rows of tickets: every change is a compare-and-set on `version`, so that two deciders never both succeed.

import type { Proposal, TicketKind, TicketState, Verdict } from '../model/approval.ts'
import { json, type Statements, type Transaction } from './database.ts'

/** The proposal as people see it; what is bound stands in `binding`, as bytes. */
export type Shown = Omit<Proposal, 'binding'> & {
  /** Whether the approvers follow the policy's head or were named by the flow's own text. */
  readonly named: 'policy' | 'flow'
}

export interface Ticket {
  readonly id: string
  readonly run: string
  readonly flow: string
  readonly step: string
  readonly element: number | null
  readonly kind: TicketKind
  readonly state: TicketState
  readonly version: number
  readonly revision: number
  readonly nonce: string
  readonly actionDigest: string
  readonly ticketDigest: string
  readonly code: string
  readonly binding: string
  readonly shown: Shown
  readonly verdict: Verdict | null
  readonly need: number
  readonly expiresMs: number
  readonly transport: 'local' | 'github'
  readonly repository: string | null
  readonly issueNumber: number | null
  readonly issueNode: string | null
  readonly issueUrl: string | null
  readonly bodyHash: string | null
  readonly createdMs: number
  readonly askedMs: number | null
  readonly changedMs: number
}

const columns = `id, run, flow, step, element, kind, state, version, revision, nonce,
  action_digest as "actionDigest", ticket_digest as "ticketDigest", code, binding, shown, verdict, need,
  expires_ms as "expiresMs", transport, repository, issue_number as "issueNumber", issue_node as "issueNode",
  issue_url as "issueUrl", body_hash as "bodyHash", created_ms as "createdMs", asked_ms as "askedMs",
  changed_ms as "changedMs"`

const lockSql = 'select pg_advisory_xact_lock(7766021)'

/** All changes of tickets happen one after the other, on any number of runners, until this commits. */
export async function lockTickets(tx: Transaction): Promise<void> {
  await tx.query(lockSql)
}

const insertSql = `insert into ticket (id, run, flow, step, element, kind, state, revision, nonce, action_digest,
    ticket_digest, code, binding, shown, need, expires_ms, transport, repository, created_ms, asked_ms, changed_ms)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, $15, $16, $17, $18, $19, $20, $19)
  returning ${columns}`

export async function insertTicket(
  tx: Transaction,
  row: Omit<
    Ticket,
    'version' | 'verdict' | 'issueNumber' | 'issueNode' | 'issueUrl' | 'bodyHash' | 'changedMs'
  >,
): Promise<Ticket> {
  const place = [row.id, row.run, row.flow, row.step, row.element, row.kind, row.state, row.revision]
  const digests = [row.nonce, row.actionDigest, row.ticketDigest, row.code, row.binding, json(row.shown)]
  const terms = [row.need, row.expiresMs, row.transport, row.repository, row.createdMs, row.askedMs]
  const [inserted] = await tx.query<Ticket>(insertSql, [...place, ...digests, ...terms])
  if (inserted === undefined) throw new Error('an inserted ticket came back empty')
  return inserted
}

const moveSql = `update ticket set state = $3, version = version + 1, verdict = $4::jsonb,
    asked_ms = coalesce(asked_ms, $5), changed_ms = $6
  where id = $1 and version = $2 returning ${columns}`

/** Null: somebody else changed it since `version` was read, and nothing happened here. */
export async function moveTicket(
  tx: Transaction,
  from: Ticket,
  to: {
    readonly state: TicketState
    readonly verdict: Verdict | null
    readonly askedMs: number | null
    readonly atMs: number
  },
): Promise<Ticket | null> {
  const verdict = to.verdict === null ? null : json(to.verdict)
  const [row] = await tx.query<Ticket>(moveSql, [
    from.id,
    from.version,
    to.state,
    verdict,
    to.askedMs,
    to.atMs,
  ])
  return row ?? null
}

const reviseSql = `update ticket set state = $3, version = version + 1, verdict = null, revision = $4, nonce = $5,
    action_digest = $6, ticket_digest = $7, code = $8, binding = $9, shown = $10::jsonb, need = $11,
    expires_ms = $12, transport = $13, repository = $14, asked_ms = $15, changed_ms = $16, body_hash = null
  where id = $1 and version = $2 and state in ('proposed', 'opening', 'pending', 'approved') returning ${columns}`

/** Another form of the same ticket; only one that is still open takes it. Null: somebody else was first. */
export async function reviseTicket(tx: Transaction, from: Ticket, to: Ticket): Promise<Ticket | null> {
  const place = [from.id, from.version, to.state, to.revision, to.nonce]
  const digests = [to.actionDigest, to.ticketDigest, to.code, to.binding, json(to.shown)]
  const terms = [to.need, to.expiresMs, to.transport, to.repository, to.askedMs, to.changedMs]
  const [row] = await tx.query<Ticket>(reviseSql, [...place, ...digests, ...terms])
  return row ?? null
}

const pinSql = `update ticket set version = version + 1, issue_number = $3, issue_node = $4, issue_url = $5,
    body_hash = $6, changed_ms = $7
  where id = $1 and version = $2 returning ${columns}`

/** The issue that shows this ticket from now on. Null: somebody else changed the ticket. */
export async function pinIssue(
  tx: Transaction,
  from: Ticket,
  issue: {
    readonly number: number
    readonly node: string
    readonly url: string
    readonly bodyHash: string
    readonly atMs: number
  },
): Promise<Ticket | null> {
  const parameters = [from.id, from.version, issue.number, issue.node, issue.url, issue.bodyHash, issue.atMs]
  const [row] = await tx.query<Ticket>(pinSql, parameters)
  return row ?? null
}

const byIdSql = `select ${columns} from ticket where id = any($1)`

export async function ticketsById(db: Statements, ids: readonly string[]): Promise<Ticket[]> {
  return ids.length === 0 ? [] : db.query<Ticket>(byIdSql, [ids])
}

export async function ticketById(db: Statements, id: string): Promise<Ticket | null> {
  const [row] = await ticketsById(db, [id])
  return row ?? null
}

const byCodeSql = `select ${columns} from ticket where code = $1 order by changed_ms desc, id limit 1`

/** An open ticket has its code alone; of ended ones with the same code the last. */
export async function ticketByCode(db: Statements, code: string): Promise<Ticket | null> {
  const [row] = await db.query<Ticket>(byCodeSql, [code])
  return row ?? null
}

const byIssueSql = `select ${columns} from ticket where repository = $1 and issue_number = any($2)`

export async function ticketsByIssue(
  db: Statements,
  repository: string,
  numbers: readonly number[],
): Promise<Ticket[]> {
  return numbers.length === 0 ? [] : db.query<Ticket>(byIssueSql, [repository, numbers])
}

const openOfRunSql = `select ${columns} from ticket
  where run = $1 and state in ('proposed', 'opening', 'pending', 'approved') order by id`

export async function openTicketsOfRun(db: Statements, run: string): Promise<Ticket[]> {
  return db.query<Ticket>(openOfRunSql, [run])
}

const openSql = `select ${columns} from ticket where state = any($1)
  and state in ('proposed', 'opening', 'pending', 'approved') order by kind = 'unknown' desc, expires_ms, id limit $2`

/** Open tickets in these states, the most urgent first. */
export async function openTickets(
  db: Statements,
  states: readonly TicketState[],
  limit: number,
): Promise<Ticket[]> {
  return db.query<Ticket>(openSql, [states, limit])
}

const listSql = `select ${columns} from ticket
  where ($1::text[] is null or state = any($1)) and ($2::text is null or flow = $2)
    and ($3::text is null or run = $3)
  order by created_ms desc, id desc limit $4`

export interface TicketFilter {
  readonly states?: readonly TicketState[]
  readonly flow?: string
  readonly run?: string
  readonly limit?: number
}

/** Newest first, at most `limit`, 100 when absent. */
export async function listTickets(db: Statements, filter: TicketFilter): Promise<Ticket[]> {
  const { states = null, flow = null, run = null, limit = 100 } = filter
  return db.query<Ticket>(listSql, [states, flow, run, limit])
}

const askedSql = 'select count(*)::int as asked from ticket where asked_ms > $1'

/** How many tickets were put before people since then. */
export async function askedSince(db: Statements, sinceMs: number): Promise<number> {
  const [row] = await db.query<{ asked: number }>(askedSql, [sinceMs])
  return row?.asked ?? 0
}

const overdueSql = `select ${columns} from ticket where
  (state in ('proposed', 'opening') and expires_ms <= $1)
  or (state = 'pending' and expires_ms <= case transport when 'github' then $2::bigint else $1::bigint end)
  or (state = 'approved' and expires_ms < $3)
  order by expires_ms, id limit 100`

/** Open tickets whose time is over: a hundred at a time, the oldest first. */
export async function overdueTickets(
  db: Statements,
  at: { readonly nowMs: number; readonly readMs: number; readonly graceMs: number },
): Promise<Ticket[]> {
  return db.query<Ticket>(overdueSql, [at.nowMs, at.readMs, at.nowMs - at.graceMs])
}

const repositoriesSql = `select distinct repository from ticket
  where state in ('opening', 'pending', 'approved') and transport = 'github' order by repository`

/** Where open tickets stand on GitHub. */
export async function ticketRepositories(db: Statements): Promise<string[]> {
  const rows = await db.query<{ repository: string }>(repositoriesSql)
  return rows.map((row) => row.repository)
}
