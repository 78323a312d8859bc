// Putting a question before people: idempotent by its id, at most `per_day` at once, the rest waits in the queue.

import type { Proposal, TicketState } from '../model/approval.ts'
import { isAction } from '../model/bound.ts'
import { Failure } from '../model/error.ts'
import type { Policy } from '../model/policy.ts'
import { storable } from '../model/storable.ts'
import { appendAudit } from '../store/audit.ts'
import type { Transaction } from '../store/database.ts'
import { addMessage, forgetMessages } from '../store/outbox.ts'
import {
  askedSince,
  insertTicket,
  openTickets,
  reviseTicket,
  type Shown,
  type Ticket,
  ticketById,
} from '../store/tickets.ts'
import { changeTickets, move, type TicketParts } from './change.ts'
import { bind, type Bound, nonceBytes, seal } from './digest.ts'
import { issueBody, issueCharactersMax } from './render.ts'

export const dayMs = 86_400_000
const bytesMax = 1_048_576
const openStates: ReadonlySet<TicketState> = new Set(['proposed', 'opening', 'pending', 'approved'])

/**
 * The same binding again does nothing. Another one for the same id makes a new form: new code, old votes void.
 * Throws `Failure`: what cannot be shown in full is never asked.
 */
export async function propose(parts: TicketParts, proposal: Proposal, id: string): Promise<void> {
  const bound = checked(proposal)
  await changeTickets(parts, async (tx) => {
    const known = await ticketById(tx, id)
    if (known === null) return first(tx, parts, { id, proposal, bound })
    if (known.actionDigest === bound.actionDigest) return
    if (!openStates.has(known.state))
      throw new Failure(
        'denied',
        `the ticket was answered for another form of this step; it is ${known.state}`,
        {
          remedy: 'start the flow again',
        },
      )
    const expiresMs = expiry(parts, proposal.expiresMs)
    await revise(tx, parts, {
      ticket: known,
      bound,
      shown: shownOf(parts.policy(), proposal),
      expiresMs,
      why: 'changed',
    })
  })
}

/** Assertions in pairs: what is shown as its terms is what is bound. */
function checked(proposal: Proposal): Bound {
  const { binding } = proposal
  for (const name of ['flow', 'run', 'step', 'element', 'need'] as const)
    if (binding[name] !== proposal[name])
      throw new Error(`the proposal's ${name} is not the one that is bound`)
  if ((proposal.kind === 'action') !== isAction(binding))
    throw new Error('only a ticket for an action binds one')
  if (!Number.isSafeInteger(proposal.need) || proposal.need < 1)
    throw new Error('at least one person must answer')
  const fault = storable(binding, bytesMax) ?? storable({ ...proposal, binding: null }, bytesMax)
  if (fault !== null)
    throw new Failure('invalid', `what should be asked cannot be kept: ${fault}`, {
      remedy: 'shorten or clean the values that the step hands to its action',
    })
  return bind(binding)
}

/** Whole seconds: GitHub's times have no finer ones, and people read the last second of validity. */
function expiry(parts: TicketParts, expiresMs: number): number {
  return Math.ceil((parts.clock.now() + expiresMs) / 1_000) * 1_000
}

function shownOf(policy: Policy, proposal: Proposal): Shown {
  const { binding, ...shown } = proposal
  const inPolicy = new Set(policy.approvals.approvers)
  const same =
    proposal.approvers.length === inPolicy.size && proposal.approvers.every((one) => inPolicy.has(one))
  return { ...shown, named: isAction(binding) || same ? 'policy' : 'flow' }
}

interface New {
  readonly id: string
  readonly proposal: Proposal
  readonly bound: Bound
}

async function first(tx: Transaction, parts: TicketParts, { id, proposal, bound }: New): Promise<void> {
  const { flow, run, step, element, kind, need } = proposal
  const place = placeOf(parts)
  const nonce = newNonce(parts)
  const terms = {
    need,
    expiresMs: expiry(parts, proposal.expiresMs),
    shown: shownOf(parts.policy(), proposal),
  }
  const about = { id, flow, run, step, element, kind, state: 'proposed', revision: 1, nonce } as const
  const inserted = await insertTicket(tx, {
    ...about,
    ...place,
    ...terms,
    ...seal({ actionDigest: bound.actionDigest, revision: 1, nonce }),
    actionDigest: bound.actionDigest,
    binding: bound.text,
    createdMs: parts.clock.now(),
    askedMs: null,
  })
  refuseTooLong(inserted)
  await audit(tx, parts, { ticket: inserted, kind: 'proposed', body: {} })
  if ((await room(tx, parts)) > 0) await ask(tx, parts, inserted)
}

function newNonce(parts: TicketParts): string {
  return Buffer.from(parts.random.bytes(nonceBytes)).toString('hex')
}

/** GitHub where the policy names a repository and the runner can reach it; else this machine. */
function placeOf(parts: TicketParts): Pick<Ticket, 'transport' | 'repository'> {
  const { repository } = parts.policy().approvals
  if (repository === null || parts.github === null) return { transport: 'local', repository: null }
  return { transport: 'github', repository }
}

function refuseTooLong(ticket: Ticket): void {
  if (ticket.transport !== 'github') return
  const length = issueBody(ticket, '').length
  if (length > issueCharactersMax)
    throw new Failure(
      'refused',
      `an issue cannot show this in full: ${length} of ${issueCharactersMax} characters`,
      {
        remedy: 'hand less to the action; nothing is approved that was not shown whole',
      },
    )
}

async function room(tx: Transaction, parts: TicketParts): Promise<number> {
  return parts.policy().approvals.perDay - (await askedSince(tx, parts.clock.now() - dayMs))
}

async function ask(tx: Transaction, parts: TicketParts, ticket: Ticket): Promise<void> {
  const path: TicketState[] = ticket.transport === 'github' ? ['opening'] : ['opening', 'pending']
  const asked = await move(tx, parts, { ticket, change: { path, verdict: null, because: {} } })
  if (asked !== null && asked.transport === 'github') await openOnGitHub(tx, parts, asked)
}

async function openOnGitHub(tx: Transaction, parts: TicketParts, ticket: Ticket): Promise<void> {
  const atMs = parts.clock.now()
  await forgetMessages(tx, ticket.id, { kind: 'open', atMs })
  const id = `${ticket.id}:${ticket.revision}:open`
  await addMessage(tx, { id, ticket: ticket.id, kind: 'open', body: { misses: 0 }, nextMs: atMs })
}

/** As many of the queue as the day still takes, the most urgent first. */
export async function promote(parts: TicketParts): Promise<void> {
  if ((await openTickets(parts.database, ['proposed'], 1)).length === 0) return
  await changeTickets(parts, async (tx) => {
    const free = Math.max(0, await room(tx, parts))
    for (const ticket of await openTickets(tx, ['proposed'], Math.min(free, 100)))
      if (ticket.expiresMs > parts.clock.now()) await ask(tx, parts, ticket)
  })
}

/** Another form of a ticket: every vote so far is void, and only the new code counts. */
export async function revise(
  tx: Transaction,
  parts: TicketParts,
  to: {
    readonly ticket: Ticket
    readonly bound: Bound
    readonly shown: Shown
    readonly expiresMs: number
    readonly why: string
  },
): Promise<Ticket | null> {
  const { ticket, bound, shown, expiresMs, why } = to
  const revision = ticket.revision + 1
  const nonce = newNonce(parts)
  // An issue that stands stays the ticket's place, whatever the policy says by now.
  const place =
    ticket.issueNumber === null
      ? placeOf(parts)
      : { transport: ticket.transport, repository: ticket.repository }
  const asked: TicketState = place.transport === 'github' ? 'opening' : 'pending'
  const revised = await reviseTicket(tx, ticket, {
    ...ticket,
    ...place,
    ...seal({ actionDigest: bound.actionDigest, revision, nonce }),
    revision,
    nonce,
    shown,
    need: shown.need,
    expiresMs,
    actionDigest: bound.actionDigest,
    binding: bound.text,
    state: ticket.state === 'proposed' ? 'proposed' : asked,
    changedMs: parts.clock.now(),
  })
  if (revised === null) return null
  refuseTooLong(revised)
  await audit(tx, parts, { ticket: revised, kind: 'revised', body: { why, former_code: ticket.code } })
  if (revised.state !== 'opening') return revised
  await openOnGitHub(tx, parts, revised)
  if (revised.issueNumber !== null) await tellRevised(tx, parts, revised)
  return revised
}

/** Edits of an issue tell nobody: people who have read the former form learn of the new one by a comment. */
async function tellRevised(tx: Transaction, parts: TicketParts, ticket: Ticket): Promise<void> {
  const text =
    'This ticket has changed: read it again. The answers so far are void, and its code is another one.'
  const message = {
    id: `${ticket.id}:${ticket.revision}:revised`,
    ticket: ticket.id,
    kind: 'comment',
  } as const
  await addMessage(tx, { ...message, body: { text }, nextMs: parts.clock.now() + 1 })
}

async function audit(
  tx: Transaction,
  parts: TicketParts,
  of: { readonly ticket: Ticket; readonly kind: string; readonly body: Readonly<Record<string, string>> },
): Promise<void> {
  const { ticket, kind, body } = of
  const { flow, run, step, element, revision, actionDigest, code, need, transport } = ticket
  const about = { flow, run, step, element, kind: ticket.kind, revision, need, transport }
  const facts = { ...about, action_digest: actionDigest, code, rules: [...ticket.shown.why], ...body }
  await appendAudit(tx, { atMs: parts.clock.now(), ticket: ticket.id, kind, body: facts })
}
