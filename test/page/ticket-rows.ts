// One ticket as the approvals write it, for tests that look at it.

import { hashOf, type Rows } from './rows.ts'
import { canonicalJson } from '../../runner/model/digest.ts'
import { json } from '../../runner/store/database.ts'

export interface TicketSeed {
  readonly run: string
  readonly flow: string
  readonly step: string
  readonly kind: 'action' | 'question' | 'unsure' | 'unknown'
  readonly title: string
  readonly input: Readonly<Record<string, string | number>>
  readonly action?: string
  readonly why: readonly string[]
  readonly undo?: string
  readonly choices?: readonly { readonly name: string; readonly means: string }[]
  readonly reasoning?: string | null
  readonly state?: string
  readonly verdict?: object
  readonly createdMs: number
  readonly expiresMs: number
  readonly issue?: { readonly repository: string; readonly number: number }
  readonly self?: boolean
}

export async function insertTicket(rows: Rows, seed: TicketSeed): Promise<string> {
  const id = hashOf(seed.run + seed.step + seed.kind).slice(0, 26)
  const about = {
    flow: seed.flow,
    flow_version: hashOf(seed.flow),
    run: seed.run,
    step: seed.step,
    element: null,
    round: 1,
  }
  const undo = seed.undo ?? 'none'
  const binding =
    seed.action === undefined
      ? { ...about, kind: seed.kind, shown: { ...seed.input }, need: 1 }
      : {
          ...about,
          generation: 0,
          action: seed.action,
          action_version: 1,
          input: { ...seed.input },
          connections: ['pay_api'],
          secrets: ['PAY_TOKEN'],
          undo,
          rule: 'floor',
          need: 1,
        }
  const shown = {
    title: seed.title,
    shown: Object.entries(seed.input).map(([name, value], index) => ({
      name,
      value,
      trust: index === 0 ? 'trusted' : 'untrusted',
      from: index === 0 ? 'the flow' : 'event.webhook.body',
    })),
    why: seed.why,
    undo,
    approvers: ['@ana', '@team:acme/ops'],
    self: seed.self ?? false,
    choices: seed.choices ?? [],
    reasoning: seed.reasoning ?? null,
    startedBy: 'trigger:request',
  }
  const digest = hashOf(id)
  await rows.insert('ticket', {
    id,
    run: seed.run,
    flow: seed.flow,
    step: seed.step,
    kind: seed.kind,
    state: seed.state ?? 'pending',
    nonce: digest.slice(0, 32),
    action_digest: digest,
    ticket_digest: digest,
    code: digest.slice(0, 12),
    binding: canonicalJson(binding),
    shown: json(shown),
    verdict: seed.verdict === undefined ? null : json(seed.verdict),
    need: 1,
    expires_ms: seed.expiresMs,
    transport: seed.issue === undefined ? 'local' : 'github',
    repository: seed.issue?.repository ?? null,
    issue_number: seed.issue?.number ?? null,
    issue_url:
      seed.issue === undefined
        ? null
        : `https://github.com/${seed.issue.repository}/issues/${seed.issue.number}`,
    created_ms: seed.createdMs,
    changed_ms: seed.createdMs,
  })
  return id
}
