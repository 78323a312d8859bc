// Tickets: the only door between a risky action and its execution. Built once, used by engine, socket and sweeper.

import type { Binding, Proposal, Verdict } from '../model/approval.ts'
import { Stop } from '../model/error.ts'
import type { Transaction } from '../store/database.ts'
import {
  listTickets,
  openTicketsOfRun,
  type Ticket,
  ticketByCode,
  ticketById,
  type TicketFilter,
  ticketsById,
} from '../store/tickets.ts'
import { type Vote, votesOf } from '../store/votes.ts'
import { answerLocal, type LocalAnswer, type LocalAnswered } from './answer.ts'
import { poll } from './by-github.ts'
import { changeTickets, move, type TicketParts } from './change.ts'
import { claim, type Claimed } from './claim.ts'
import { isCode } from './command.ts'
import { expire } from './expire.ts'
import { promote, propose } from './propose.ts'
import { ticketText } from './render.ts'
import { report, type TicketResult } from './report.ts'
import { verdictIn } from './ticket.ts'

export type { TicketResult }

export interface Tickets {
  /** Puts a question before people, once per `id`. Throws `Failure` when it cannot be shown in full. */
  propose(proposal: Proposal, id: string): Promise<void>
  /** What people answered, for the tickets that are answered. */
  verdicts(ids: readonly string[]): Promise<ReadonlyMap<string, Verdict>>
  /** What stands in the binding of a ticket for an action: engine and claim must speak of the same. */
  asked(id: string): Promise<{ readonly rule: string; readonly need: number }>
  claim(id: string, binding: Binding, also: (tx: Transaction) => Promise<void>): Promise<Claimed>
  /** What became of a claimed action, for the audit and for people on GitHub; the same again says nothing. */
  report(id: string, result: TicketResult): Promise<void>
  answerLocal(answer: LocalAnswer): Promise<LocalAnswered>
  /** The run does not need its answers any more. */
  cancelOf(run: string): Promise<void>
  /** The sweeper's part: ends what is over, lets the queue move up. Cheap when there is nothing to do. */
  expire(): Promise<void>
  /** The poller's part; gives the milliseconds until the next turn. */
  poll(): Promise<number>
  /** Calls when there is news for the poller; the returned function ends that. */
  onWork(call: () => void): () => void
  list(filter: TicketFilter): Promise<readonly Ticket[]>
  /** By id or code. Throws `Stop` when there is none. */
  show(idOrCode: string): Promise<ShownTicket>
}

export interface ShownTicket {
  readonly ticket: Ticket
  readonly votes: readonly Vote[]
  /** For a terminal: nothing in it moves the cursor or hides. */
  readonly text: string
}

export function createTickets(parts: TicketParts): Tickets {
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const call of listeners) call()
  }
  return {
    propose: async (proposal, id) => {
      await propose(parts, proposal, id)
      tell()
    },
    verdicts: async (ids) => {
      const verdicts = new Map<string, Verdict>()
      for (const ticket of await ticketsById(parts.database, ids)) {
        const verdict = verdictIn(ticket)
        if (verdict !== null) verdicts.set(ticket.id, verdict)
      }
      return verdicts
    },
    asked: (id) => asked(parts, id),
    claim: async (id, binding, also) => {
      const claimed = await claim(parts, { id, binding }, also)
      tell()
      return claimed
    },
    report: async (id, result) => {
      await report(parts, id, result)
      tell()
    },
    answerLocal: (answer) => answerLocal(parts, answer),
    cancelOf: async (run) => {
      await cancelOf(parts, run)
      tell()
    },
    expire: async () => {
      await expire(parts, null)
      await promote(parts)
    },
    poll: () => poll(parts),
    onWork: (call) => {
      listeners.add(call)
      return () => void listeners.delete(call)
    },
    list: (filter) => listTickets(parts.database, filter),
    show: (idOrCode) => show(parts, idOrCode),
  }
}

async function asked(
  parts: TicketParts,
  id: string,
): Promise<{ readonly rule: string; readonly need: number }> {
  const ticket = await ticketById(parts.database, id)
  if (ticket === null || ticket.kind !== 'action') throw new Error(`there is no ticket ${id} for an action`)
  const { rule, need } = JSON.parse(ticket.binding) as Binding
  return { rule, need }
}

async function cancelOf(parts: TicketParts, run: string): Promise<void> {
  if ((await openTicketsOfRun(parts.database, run)).length === 0) return
  await changeTickets(parts, async (tx) => {
    for (const ticket of await openTicketsOfRun(tx, run)) {
      const because = { why: 'the run does not need it any more' }
      await move(tx, parts, { ticket, change: { path: ['cancelled'], verdict: null, because } })
    }
  })
}

async function show(parts: TicketParts, idOrCode: string): Promise<ShownTicket> {
  const { database } = parts
  const ticket = isCode(idOrCode)
    ? await ticketByCode(database, idOrCode)
    : await ticketById(database, idOrCode)
  if (ticket === null)
    throw new Stop(1, `there is no ticket ${idOrCode.slice(0, 60)}`, '`watchbill approvals` lists what waits')
  return { ticket, votes: await votesOf(database, ticket.id), text: ticketText(ticket) }
}
