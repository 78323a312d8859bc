// A scene for tickets: a real store, a clock that stands still until told, and a policy that tests change.

import type { TestContext } from 'node:test'
import { createTickets, type Tickets } from '../../runner/approval/tickets.ts'
import type { TicketParts } from '../../runner/approval/change.ts'
import type { Binding } from '../../runner/model/approval.ts'
import { Stop } from '../../runner/model/error.ts'
import type { Policy } from '../../runner/model/policy.ts'
import type { TicketGitHub } from '../../runner/github/tickets.ts'
import { type AuditRow, auditOf } from '../../runner/store/audit.ts'
import type { Database, Transaction } from '../../runner/store/database.ts'
import { memoryQueue } from '../../runner/store/queue-memory.ts'
import { type Ticket, ticketById } from '../../runner/store/tickets.ts'
import { type Vote, votesOf } from '../../runner/store/votes.ts'
import { type Clock, systemClock } from '../../runner/world/clock.ts'
import type { Log } from '../../runner/world/log.ts'
import { systemRandom } from '../../runner/world/random.ts'
import { freshDatabase, type Kind } from '../store/bring.ts'
import { aVersion } from '../store/a-run.ts'
import { policyOf } from './policy-of.ts'
import { bindingOf, startMs } from './ticket-of.ts'

export interface Scene {
  readonly tickets: Tickets
  readonly database: Database
  readonly clock: Clock
  /** Lets time pass. */
  pass(ms: number): void
  policy: Policy
  held: string | null
  /** What the log said as a warning or an error. */
  readonly alarms: string[]
  ticket(id?: string): Promise<Ticket>
  votes(id?: string): Promise<Vote[]>
  audit(id?: string): Promise<AuditRow[]>
  /** Claims as the engine does; `ran` counts the intents that were recorded. */
  claim(binding?: Binding, id?: string): ReturnType<Tickets['claim']>
  readonly ran: string[]
  readonly parts: TicketParts
  /** A second runner on the same store. */
  other(): Tickets
}

export async function scene(
  kind: Kind,
  t: TestContext,
  given: { readonly github?: TicketGitHub; readonly policy?: Policy } = {},
): Promise<Scene> {
  const { queue, database } = memoryQueue(await freshDatabase(kind, t))
  return sceneOn({ database, queue, ...given })
}

export function sceneOn(on: {
  readonly database: Database
  readonly queue: ReturnType<typeof memoryQueue>['queue']
  readonly github?: TicketGitHub
  readonly policy?: Policy
}): Scene {
  let nowMs = startMs
  const alarms: string[] = []
  const alarm: Log['warn'] = (_fields, message) => void alarms.push(message)
  const clock: Clock = { ...systemClock, now: () => nowMs }
  const ran: string[] = []
  const { database, queue, github = null } = on
  const parts = {
    database,
    queue,
    clock,
    random: systemRandom,
    log: { debug: () => {}, info: () => {}, warn: alarm, error: alarm },
    github,
    policy: () => made.policy,
    held: () => made.held,
  }
  const make = (): Tickets => createTickets(parts)
  const tickets = make()
  const made: Scene = {
    tickets,
    database,
    clock,
    pass: (ms) => void (nowMs += ms),
    policy: on.policy ?? policyOf(),
    held: null,
    alarms,
    ticket: async (id = 't1') => {
      const ticket = await ticketById(database, id)
      if (ticket === null) throw new Error(`there is no ticket ${id}`)
      return ticket
    },
    votes: (id = 't1') => votesOf(database, id),
    audit: (id = 't1') => auditOf(database, id),
    claim: (binding = bindingOf(), id = 't1') =>
      tickets.claim(id, binding, async (tx: Transaction) => {
        await tx.query('select 1')
        ran.push(id)
      }),
    ran,
    parts,
    other: make,
  }
  return made
}

/** For `assert.rejects`: a command that stops with this exit code, saying this and what to do. */
export const stop =
  (exitCode: number, message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof Stop && error.exitCode === exitCode && message.test(error.message) && error.remedy !== ''

/** A parked run, so that waking it can be seen. */
export async function parkedRun(database: Database, id = 'run1'): Promise<() => Promise<string | undefined>> {
  await aVersion(database)
  await database.query(
    `insert into run (id, flow, version, commit, policy, trigger, started_by, slot, event, inputs, status,
       scheduled_ms, created_ms) values ($1, 'shop', 'v1', 'c', 'p', 'manual', 'x', $1, '{}', '{}', 'parked', 1, 1)`,
    [id],
  )
  return async () =>
    (await database.query<{ status: string }>('select status from run where id = $1', [id]))[0]?.status
}
