// Who may say yes, by the policy of the head: looked up when it matters, never part of what is approved.

import type { Binding } from '../model/approval.ts'
import type { Policy } from '../model/policy.ts'
import type { Ticket } from '../store/tickets.ts'
import { peopleFor } from './risk.ts'

export interface People {
  readonly approvers: readonly string[]
  /** Never less than the ticket showed. */
  readonly need: number
  /** Only what the ticket printed as single control, and the head still allows. */
  readonly selfAllowed: boolean
}

export function peopleNow(policy: Policy, ticket: Ticket): People {
  const selfAllowed = ticket.shown.self && policy.approvals.self
  if (ticket.kind !== 'action') {
    const approvers = ticket.shown.named === 'flow' ? ticket.shown.approvers : policy.approvals.approvers
    return { approvers, need: ticket.need, selfAllowed }
  }
  const { flow, action, input } = JSON.parse(ticket.binding) as Binding
  const now = peopleFor(policy, { flow, uses: action, input })
  return { approvers: now.approvers, need: Math.max(ticket.need, now.need), selfAllowed }
}
