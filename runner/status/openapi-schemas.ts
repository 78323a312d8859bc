// Shapes of what the API answers, as JSON Schema. Held against real answers by a test, so that they stay true.

import { ticketStates } from '../model/approval.ts'
import { failureKinds } from '../model/error.ts'
import type { JsonObject } from '../model/json.ts'
import { risks } from '../model/risk.ts'
import { runStatuses } from '../model/run.ts'

const text = { type: 'string' } as const
const whole = { type: 'integer' } as const
const yes = { type: 'boolean' } as const
const any = {} as const
const ms = { type: 'integer', description: 'epoch milliseconds' } as const
const pico = { type: 'string', pattern: '^\\d+$', description: 'pico-USD (10^-12 dollar)' } as const

function or(schema: JsonObject): JsonObject {
  return { anyOf: [schema, { type: 'null' }] }
}
function list(items: JsonObject): JsonObject {
  return { type: 'array', items }
}
function object(properties: Readonly<Record<string, JsonObject>>): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}
function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` }
}
function oneOf(...values: readonly string[]): JsonObject {
  return { type: 'string', enum: values }
}
/** A listing: items and where to go on. */
function page(item: string): JsonObject {
  return object({ items: list(ref(item)), next: or(text) })
}

const shown = oneOf(
  'queued',
  'ready',
  'running',
  'people',
  'waiting',
  'unknown',
  'succeeded',
  'failed',
  'cancelled',
)
const mark = oneOf(
  'queued',
  'ready',
  'running',
  'people',
  'waiting',
  'unknown',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'denied',
  'pending',
)

const error = {
  type: 'object',
  properties: { kind: { type: 'string', enum: failureKinds }, message: text, remedy: text },
  required: ['kind', 'message'],
  additionalProperties: false,
}

const run = {
  id: text,
  flow: text,
  version: text,
  commit: text,
  trigger: text,
  startedBy: text,
  status: { type: 'string', enum: runStatuses },
  shown,
  waiting: list({ type: 'object' }),
  wakeMs: or(ms),
  scheduledMs: ms,
  createdMs: ms,
  startedMs: or(ms),
  endedMs: or(ms),
  workingMs: whole,
  costPicoUsd: pico,
  error: or(ref('Error')),
}

const decision = {
  id: text,
  run: text,
  flow: text,
  step: text,
  element: or(whole),
  round: whole,
  atMs: ms,
  route: oneOf('rule', 'small', 'large', 'fallback', 'people'),
  model: or(text),
  choice: or(text),
  reason: or(text),
  priority: or(text),
  risk: or({ type: 'string', enum: risks }),
  parameters: or({ type: 'object' }),
  costPicoUsd: pico,
}

const span = object({
  kind: oneOf('work', 'people', 'timer', 'retry'),
  fromMs: { type: 'number' },
  toMs: { type: 'number' },
  mark,
  attempt: whole,
})

const lane = object({
  key: text,
  step: text,
  element: or(whole),
  mark,
  uses: or(text),
  choice: or(text),
  elements: or(whole),
  spans: list(span),
})

const approval = object({
  id: text,
  run: text,
  flow: text,
  step: text,
  element: or(whole),
  kind: oneOf('action', 'question', 'unsure', 'unknown'),
  state: { type: 'string', enum: ticketStates },
  revision: whole,
  code: text,
  verdict: or({ type: 'object' }),
  need: whole,
  expiresMs: ms,
  createdMs: ms,
  changedMs: ms,
  transport: oneOf('local', 'github'),
  repository: or(text),
  issueNumber: or(whole),
  issueUrl: or(text),
  said: object({
    title: text,
    why: list(text),
    approvers: list(text),
    self: yes,
    choices: list(object({ name: text, means: text })),
    reasoning: or(text),
    startedBy: text,
  }),
  parameters: list(object({ name: text, value: any, trust: oneOf('trusted', 'untrusted'), from: text })),
  action: or(text),
  connections: list(text),
  secrets: list(text),
  undo: text,
  votes: list(
    object({
      ticket: text,
      seq: whole,
      revision: whole,
      actorName: text,
      verdict: text,
      counted: yes,
      why: text,
      atMs: ms,
    }),
  ),
})

const trigger = object({
  flow: text,
  trigger: text,
  kind: text,
  spec: any,
  nextMs: or(ms),
  lastFiredMs: or(ms),
})

const flow = {
  name: text,
  file: text,
  version: or(text),
  commit: text,
  state: oneOf('active', 'broken', 'removed'),
  suspended: yes,
  problems: list({ type: 'object' }),
  description: text,
  changedMs: ms,
  triggers: list(trigger),
  recent: list(object({ id: text, shown, createdMs: ms })),
}

const commit = {
  commit: text,
  seq: whole,
  previous: or(text),
  message: text,
  author: text,
  seenMs: ms,
  state: oneOf('applied', 'held', 'refused'),
  reason: or(text),
  problems: list({ type: 'object' }),
  changed: list(text),
  flows: list(text),
}

const journal = object({
  seq: whole,
  atMs: ms,
  epoch: whole,
  is: text,
  fact: or({ type: 'object' }),
  characters: whole,
})
const upcoming = object({ flow: text, trigger: text, nextMs: ms })

export const schemas: JsonObject = {
  Error: error,
  Run: object(run),
  RunPage: page('Run'),
  RunDetail: object({
    ...run,
    event: { type: 'object' },
    inputs: { type: 'object' },
    outputs: or({ type: 'object' }),
    cancelBy: or(text),
    owner: or(text),
    before: list(object({ key: text, max: whole, runs: whole })),
    lanes: list(lane),
    journal: object({ items: list(journal), next: or(text) }),
    log: list(object({ id: whole, atMs: ms, step: text, line: text })),
    decisions: list(object({ ...decision, record: any })),
    approvals: list(ref('Approval')),
  }),
  Flow: object(flow),
  FlowPage: page('Flow'),
  FlowDetail: object({
    ...flow,
    nextTimes: { type: 'object', additionalProperties: list(ms) },
    text: or(object({ file: text, text, others: list(text) })),
    commits: list(object({ commit: text, message: text, author: text, seenMs: ms, state: text })),
    choices: list(object({ step: text, choice: text, decisions: whole })),
  }),
  Approval: approval,
  ApprovalPage: page('Approval'),
  Commit: object(commit),
  CommitPage: page('Commit'),
  Decision: object(decision),
  DecisionPage: page('Decision'),
  Status: object({
    runner: { type: 'object' },
    today: { type: 'object' },
    month: object({ month: text, startMs: ms, endMs: ms, settled: pico, held: pico, presumed: pico }),
    approvals: list(ref('Approval')),
    running: list(object({ ...run, step: or(text) })),
    failed: list(object({ ...run, attempts: whole })),
    next: list(upcoming),
    overdue: list(upcoming),
    broken: list(object({ name: text, file: text, version: or(text), problems: list({ type: 'object' }) })),
  }),
  Fault: object({ error: object({ code: text, message: text }) }),
}
