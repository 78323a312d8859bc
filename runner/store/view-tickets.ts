// Questions to people as pages show them: what is asked, the answer to paste, who said what.

import type { Database } from './database.ts'
import { type Page, pageOf } from './view-page.ts'
import type {
  Binding,
  Proposal,
  QuestionBinding,
  TicketKind,
  TicketState,
  Verdict,
} from '../model/approval.ts'
import { boundValues, isAction } from '../model/bound.ts'
import type { Json } from '../model/json.ts'
import type { Trust } from '../model/trust.ts'

/** What of a proposal people see beside the bound bytes. */
type Said = Pick<Proposal, 'title' | 'why' | 'approvers' | 'self' | 'choices' | 'reasoning' | 'startedBy'>

/** A parameter as bound, with where it came from. */
export interface BoundParameter {
  readonly name: string
  readonly value: Json
  readonly trust: Trust
  /** Empty when nobody said. */
  readonly from: string
}

export interface TicketRow {
  readonly id: string
  readonly run: string
  readonly flow: string
  readonly step: string
  readonly element: number | null
  readonly kind: TicketKind
  readonly state: TicketState
  readonly revision: number
  /** First 12 hex digits of the ticket's digest; an answer counts only with it. */
  readonly code: string
  readonly said: Said
  /** What was asked about, from the bytes that are bound: never what was handed over for showing. */
  readonly parameters: readonly BoundParameter[]
  /** The bound action, `family.verb`; null for the kinds that ask for something else. */
  readonly action: string | null
  readonly connections: readonly string[]
  readonly secrets: readonly string[]
  readonly undo: string
  readonly verdict: Verdict | null
  readonly need: number
  readonly expiresMs: number
  readonly createdMs: number
  readonly changedMs: number
  readonly transport: 'local' | 'github'
  readonly repository: string | null
  readonly issueNumber: number | null
  readonly issueUrl: string | null
  readonly votes: readonly VoteRow[]
}

export interface VoteRow {
  readonly ticket: string
  readonly seq: number
  readonly revision: number
  readonly actorName: string
  readonly verdict: string
  readonly counted: boolean
  /** Why it counted or did not. */
  readonly why: string
  readonly atMs: number
}

const columns = `t.id, t.run, t.flow, t.step, t.element, t.kind, t.state, t.revision, t.code, t.shown, t.binding,
  t.verdict, t.need,
  t.expires_ms as "expiresMs", t.created_ms as "createdMs", t.changed_ms as "changedMs", t.transport, t.repository,
  t.issue_number as "issueNumber", t.issue_url as "issueUrl"`

type Derived = 'said' | 'parameters' | 'action' | 'connections' | 'secrets' | 'undo' | 'votes'
type StoredTicket = Omit<TicketRow, Derived> & {
  readonly shown: Partial<Said & Pick<Proposal, 'shown' | 'undo'>>
  readonly binding: string
}

const openSql = `
select ${columns} from ticket t
where t.state in ('proposed', 'opening', 'pending', 'approved') order by t.expires_ms, t.id limit $1 offset $2`

/** Open tickets, the one that expires first at the top. Cost grows with the open ones. */
export async function listOpenTickets(
  database: Database,
  page: { readonly cursor: string | null; readonly limit: number },
): Promise<Page<TicketRow>> {
  const skip = Number(page.cursor ?? 0)
  const rows = await database.query<StoredTicket>(openSql, [page.limit + 1, skip])
  return withVotes(
    database,
    pageOf(rows, page.limit, () => String(skip + page.limit)),
  )
}

const closedSql = `
select ${columns} from ticket t
where t.state in ('claimed', 'rejected', 'expired', 'cancelled', 'superseded') and (t.created_ms, t.id) < ($1, $2)
order by t.created_ms desc, t.id desc limit $3`

/** Tickets that were answered or lapsed, the newest question first. */
export async function listClosedTickets(
  database: Database,
  page: { readonly cursor: string | null; readonly limit: number },
): Promise<Page<TicketRow>> {
  const [createdMs = '', id = ''] = (page.cursor ?? `${Number.MAX_SAFE_INTEGER}.~`).split('.')
  const rows = await database.query<StoredTicket>(closedSql, [Number(createdMs), id, page.limit + 1])
  return withVotes(
    database,
    pageOf(rows, page.limit, (ticket) => `${ticket.createdMs}.${ticket.id}`),
  )
}

/** All tickets of a run, oldest first. */
export async function listTicketsOf(
  database: Database,
  of: { readonly run: string; readonly limit: number },
): Promise<readonly TicketRow[]> {
  const rows = await database.query<StoredTicket>(
    `select ${columns} from ticket t where t.run = $1 order by t.created_ms, t.id limit $2`,
    [of.run, of.limit],
  )
  return (await withVotes(database, { items: rows, next: null })).items
}

/** One ticket with everything; null when there is none. */
export async function readTicketView(database: Database, id: string): Promise<TicketRow | null> {
  const rows = await database.query<StoredTicket>(`select ${columns} from ticket t where t.id = $1`, [id])
  return (await withVotes(database, { items: rows, next: null })).items[0] ?? null
}

/** How many wait for people, counted up to `limit`. */
export async function countOpenTickets(database: Database, limit: number): Promise<number> {
  const rows = await database.query<{ open: number }>(
    `select count(*) as open from (
       select 1 from ticket where state in ('proposed', 'opening', 'pending', 'approved') limit $1) counted`,
    [limit],
  )
  return rows[0]?.open ?? 0
}

/** Votes shown for one ticket; later ones are told as a number by the page. */
export const votesShownMax = 50

async function withVotes(database: Database, page: Page<StoredTicket>): Promise<Page<TicketRow>> {
  const votes = await database.query<VoteRow>(
    `select v.ticket, v.seq, v.revision, v.actor_name as "actorName", v.verdict, v.counted, v.why, v.at_ms as "atMs"
     from unnest($1::text[]) as wanted(id) cross join lateral (
       select * from vote where vote.ticket = wanted.id order by vote.seq limit $2) v
     order by v.ticket, v.seq`,
    [page.items.map((ticket) => ticket.id), votesShownMax],
  )
  const votesOf = Map.groupBy(votes, (vote) => vote.ticket)
  const items = page.items.map((ticket) => ticketRow(ticket, votesOf.get(ticket.id) ?? []))
  return { items, next: page.next }
}

function ticketRow({ shown, binding, ...ticket }: StoredTicket, votes: readonly VoteRow[]): TicketRow {
  const bound = JSON.parse(binding) as Binding | QuestionBinding
  const action = isAction(bound) ? bound : null
  const labels = new Map((shown.shown ?? []).map((one) => [one.name, one]))
  const parameters = boundValues(ticket.kind, bound).map(([name, value]) => {
    const label = labels.get(name)
    return { name, value, trust: label?.trust ?? ('untrusted' as const), from: label?.from ?? '' }
  })
  return {
    ...ticket,
    said: saidOf(shown),
    parameters,
    action: action?.action ?? null,
    connections: action?.connections ?? [],
    secrets: action?.secrets ?? [],
    undo: action?.undo ?? shown.undo ?? '',
    votes,
  }
}

function saidOf(shown: StoredTicket['shown']): Said {
  return {
    title: shown.title ?? '',
    why: shown.why ?? [],
    approvers: shown.approvers ?? [],
    self: shown.self ?? false,
    choices: shown.choices ?? [],
    reasoning: shown.reasoning ?? null,
    startedBy: shown.startedBy ?? '',
  }
}
