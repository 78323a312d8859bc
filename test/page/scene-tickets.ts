// Questions to people: one of each kind that waits, and some that were answered, with the runs behind them.

import { flows } from './flows.ts'
import { hashOf, iso, type Rows } from './rows.ts'
import { decided, intended, succeeded } from './fact-rows.ts'
import { insertTicket } from './ticket-rows.ts'

const minute = 60_000
const hour = 60 * minute

const version = (name: string): string =>
  flows.find(({ flow }) => flow.name === name)?.flow.version ?? hashOf(name)

interface Asking {
  readonly tickets: Record<string, string>
  readonly runs: Record<string, string>
}

export async function seedTickets(rows: Rows, nowMs: number, released: string): Promise<Asking> {
  const refund = await refundRun(rows, nowMs)
  const release = await parkedRun(rows, {
    flow: 'code-delivery',
    step: 'release',
    atMs: nowMs - 2 * hour,
    seed: 'question',
  })
  const unsure = await parkedRun(rows, {
    flow: 'support-mail',
    step: 'triage',
    atMs: nowMs - 35 * minute,
    seed: 'unsure',
  })
  const unknown = await parkedRun(rows, {
    flow: 'refund-desk',
    step: 'pay',
    atMs: nowMs - 26 * minute,
    seed: 'unknown',
  })
  const action = await insertTicket(rows, {
    run: refund,
    flow: 'refund-desk',
    step: 'pay',
    kind: 'action',
    action: 'http.request',
    title: 'POST https://pay.example.com/refunds with amount 82000 KRW for order 1187',
    input: {
      url: 'https://pay.example.com/refunds',
      amount: 82_000,
      order: '1187',
      note: 'Paid twice by mistake.\n@everyone please <b>approve</b> quickly',
    },
    why: ['the action pays (floor of http.request to pay_api)', 'policy risk[0]: amount > 50000'],
    undo: 'none: money that left cannot be called back',
    reasoning:
      'The order was charged twice within a minute, with the same card; the customer asks for one of them.',
    createdMs: nowMs - 3 * hour,
    expiresMs: nowMs + 21 * hour,
  })
  const question = await insertTicket(rows, {
    run: release,
    flow: 'code-delivery',
    step: 'release',
    kind: 'question',
    title: 'Release 3f2a91c to production?',
    input: { commit: '3f2a91c', changes: 'Ask before production again' },
    why: ['the flow asks'],
    createdMs: nowMs - 2 * hour,
    expiresMs: nowMs + 6 * hour,
    issue: { repository: 'acme/ops', number: 482 },
  })
  await insertTicket(rows, {
    run: unsure,
    flow: 'support-mail',
    step: 'triage',
    kind: 'unsure',
    title: 'What should happen with the mail "Complaint, part 3"?',
    input: { mail: 'I have written three times now.' },
    why: ['Claude was unsure: two of the choices fit'],
    choices: [
      { name: 'assign', means: 'A person must look.' },
      { name: 'drop', means: 'Spam or an automatic reply.' },
    ],
    createdMs: nowMs - 35 * minute,
    expiresMs: nowMs + 23 * hour,
    self: true,
  })
  await insertTicket(rows, {
    run: unknown,
    flow: 'refund-desk',
    step: 'pay',
    kind: 'unknown',
    title: 'did http.request happen? Look there, then say what you found',
    input: { action: 'http.request', url: 'https://pay.example.com/refunds' },
    why: ['the runner was killed while the request was under way'],
    choices: [
      { name: 'succeeded', means: 'It happened; go on.' },
      { name: 'failed', means: 'It did not happen, and shall not.' },
      { name: 'again', means: 'It did not happen; do it now.' },
    ],
    createdMs: nowMs - 26 * minute,
    expiresMs: nowMs + 20 * hour,
  })
  await insertTicket(rows, {
    run: released,
    flow: 'code-delivery',
    step: 'release',
    kind: 'question',
    title: 'Release 77c01aa to production?',
    input: { commit: '77c01aa' },
    why: ['the flow asks'],
    state: 'claimed',
    verdict: { is: 'yes', by: ['ana'] },
    createdMs: nowMs - 5 * minute,
    expiresMs: nowMs + 24 * hour,
  })
  await seedAnswered(rows, nowMs)
  return { tickets: { action, question }, runs: { refund, release, unsure, unknown } }
}

async function refundRun(rows: Rows, nowMs: number): Promise<string> {
  const atMs = nowMs - 3 * hour
  const ticket = { step: 'pay', kind: 'action' }
  const run = rows.id(atMs)
  const id = hashOf(run + ticket.step + ticket.kind).slice(0, 26)
  const waiting = [{ for: 'people', step: 'pay', element: null, ticket: id }]
  await rows.run({
    id: run,
    flow: 'refund-desk',
    version: version('refund-desk'),
    trigger: 'request',
    atMs,
    status: 'parked',
    waiting,
    workingMs: 1_900,
    costPico: 212_000_000n,
  })
  await rows.journal(run, [
    [
      atMs + 1_800,
      decided('weigh', 'refund', 'Charged twice within a minute; the policy of the shop pays one back.'),
    ],
    [atMs + 1_810, succeeded('weigh', 0)],
    [
      atMs + 1_900,
      {
        is: 'asked',
        at: { step: 'pay', element: null },
        ticket: id,
        notBeforeMs: null,
        action: {
          uses: 'http.request',
          version: 1,
          input: { url: 'https://pay.example.com/refunds', amount: 82_000 },
          sources: {},
        },
      },
    ],
  ])
  return run
}

interface Parked {
  readonly flow: string
  readonly step: string
  readonly atMs: number
  readonly seed: 'question' | 'unsure' | 'unknown'
}

async function parkedRun(rows: Rows, { flow, step, atMs, seed }: Parked): Promise<string> {
  const run = rows.id(atMs)
  const ticket = hashOf(run + step + seed).slice(0, 26)
  const waiting = [{ for: 'people', step, element: null, ticket }]
  const trigger = flow === 'code-delivery' ? 'merged' : 'request'
  await rows.run({
    id: run,
    flow,
    version: version(flow),
    trigger,
    atMs,
    status: 'parked',
    waiting,
    workingMs: 1_200,
    event: { kind: 'webhook', scheduled_at: iso(atMs), fired_at: iso(atMs) },
  })
  const asked = { is: 'asked', at: { step, element: null }, ticket, action: null, notBeforeMs: null } as const
  if (seed === 'unknown')
    await rows.journal(run, [
      [atMs + 10, intended(step, 'http.request', { url: 'https://pay.example.com/refunds' })],
      [atMs + 95_000, asked],
    ])
  else await rows.journal(run, [[atMs + 1_200, asked]])
  return run
}

async function seedAnswered(rows: Rows, nowMs: number): Promise<void> {
  const answers = [
    { state: 'claimed', verdict: { is: 'yes', by: ['ana'] }, title: 'merge #481 into shop', ago: 5 * hour },
    {
      state: 'rejected',
      verdict: { is: 'no', by: 'ben', reason: 'not on a Friday' },
      title: 'Release 91bd02e to production?',
      ago: 20 * hour,
    },
    {
      state: 'expired',
      verdict: { is: 'silence' },
      title: 'POST https://pay.example.com/refunds with amount 12000 KRW',
      ago: 70 * hour,
    },
  ]
  for (const { state, verdict, title, ago } of answers) {
    const run = await rows.run({
      flow: 'code-delivery',
      version: version('code-delivery'),
      trigger: 'merged',
      atMs: nowMs - ago,
      status: 'succeeded',
      endedMs: nowMs - ago + 90_000,
      workingMs: 60_000,
    })
    const ticket = await insertTicket(rows, {
      run,
      flow: 'code-delivery',
      step: 'release',
      kind: 'question',
      title,
      input: { commit: '91bd02e' },
      why: ['the flow asks'],
      state,
      verdict,
      createdMs: nowMs - ago,
      expiresMs: nowMs - ago + hour,
    })
    if (state === 'expired') continue
    await rows.insert('vote', {
      ticket,
      revision: 1,
      actor: 'github:7',
      actor_name: state === 'claimed' ? 'ana' : 'ben',
      verdict: state === 'claimed' ? 'approve' : 'reject',
      counted: true,
      why: '',
      at_ms: nowMs - ago + 60_000,
    })
  }
}
