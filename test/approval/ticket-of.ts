// Tickets, proposals and bindings for tests: complete ones, changed where a test needs it.

import type { Binding, Proposal, QuestionBinding } from '../../runner/model/approval.ts'
import { bind, seal } from '../../runner/approval/digest.ts'
import type { Said } from '../../runner/approval/ticket.ts'
import type { Shown, Ticket } from '../../runner/store/tickets.ts'
import type { Vote } from '../../runner/store/votes.ts'

export const startMs = Date.UTC(2026, 10, 22, 9)
export const hourMs = 3_600_000

export function bindingOf(given: Partial<Binding> = {}): Binding {
  return {
    flow: 'shop',
    flow_version: 'a'.repeat(64),
    run: 'run1',
    step: 'refund',
    element: null,
    round: 0,
    generation: 0,
    action: 'test.act',
    action_version: 1,
    input: { to: 'bob@example.com', amount: 12 },
    connections: [],
    secrets: [],
    undo: 'none: money that left is gone',
    rule: 'floor',
    need: 1,
    ...given,
  }
}

export function questionOf(kind: string, shown: QuestionBinding['shown'], need = 1): QuestionBinding {
  const { flow, flow_version, run, step, element } = bindingOf()
  return { flow, flow_version, run, step, element, round: 0, kind, shown, need }
}

export function proposalOf(given: Partial<Proposal> = {}): Proposal {
  const binding = given.binding ?? bindingOf({ need: given.need ?? 1 })
  return {
    kind: 'action',
    flow: binding.flow,
    run: binding.run,
    step: binding.step,
    element: binding.element,
    binding,
    title: 'Pay back 12 to bob@example.com',
    shown: [
      { name: 'to', value: 'bob@example.com', trust: 'untrusted', from: 'event.mail.from' },
      { name: 'amount', value: 12, trust: 'trusted', from: 'the flow' },
    ],
    why: ['test.act with this input is high by itself'],
    undo: 'none: money that left is gone',
    need: binding.need,
    approvers: ['@ana', '@ben'],
    self: false,
    expiresMs: 24 * hourMs,
    choices: [],
    reasoning: null,
    startedBy: 'trigger:inbox',
    ...given,
  }
}

/** A pending ticket on this machine, unless said otherwise. */
export function ticketOf(given: Partial<Ticket> = {}, shown: Partial<Shown> = {}): Ticket {
  const { binding, ...proposal } = proposalOf()
  const bound = bind(binding)
  const { revision = 1, nonce = 'ab'.repeat(16) } = given
  return {
    id: 'ticket1',
    run: 'run1',
    flow: 'shop',
    step: 'refund',
    element: null,
    kind: 'action',
    state: 'pending',
    version: 3,
    revision,
    nonce,
    actionDigest: bound.actionDigest,
    ...seal({ actionDigest: bound.actionDigest, revision, nonce }),
    binding: bound.text,
    shown: { ...proposal, named: 'policy', ...shown },
    verdict: null,
    need: 1,
    expiresMs: startMs + 24 * hourMs,
    transport: 'local',
    repository: null,
    issueNumber: null,
    issueNode: null,
    issueUrl: null,
    bodyHash: null,
    createdMs: startMs,
    askedMs: startMs,
    changedMs: startMs,
    ...given,
  }
}

export function saidOf(verb: Said['verb'], given: Partial<Said> = {}): Said {
  const { code } = ticketOf()
  return { verb, actor: 'github:1', name: 'ana', code, choice: null, reason: '', atMs: startMs, ...given }
}

export function voteOf(given: Partial<Vote> = {}): Vote {
  return {
    ticket: 'ticket1',
    revision: 1,
    actor: 'github:1',
    actorName: 'ana',
    verdict: 'approve',
    counted: true,
    why: 'counts',
    comment: null,
    bodyHash: null,
    atMs: startMs,
    ...given,
  }
}
