// A day in the life of a runner: flows of every kind, runs in every state, questions, failures, commits, money.

import { flows } from './flows.ts'
import { type Rows, head, hashOf, makeRows } from './rows.ts'
import { seedLive } from './scene-live.ts'
import { seedTickets } from './scene-tickets.ts'
import { type Database, json } from '../../runner/store/database.ts'
import type { Flow } from '../../runner/model/flow.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export interface Scene {
  readonly rows: Rows
  readonly compiled: ReadonlyMap<string, Flow>
  /** Runs worth looking at, by what they show. */
  readonly runs: Readonly<Record<string, string>>
  readonly tickets: Readonly<Record<string, string>>
}

export async function seedScene(database: Database, nowMs: number): Promise<Scene> {
  return database.transaction(async (tx) => {
    const rows = makeRows(tx)
    await seedFlows(rows, nowMs)
    await seedCommits(rows, nowMs)
    await seedHistory(rows, nowMs)
    await seedMoney(rows, nowMs)
    const live = await seedLive(rows, nowMs)
    const { tickets, runs } = await seedTickets(rows, nowMs, live['timer'] ?? '')
    const compiled = new Map(flows.map(({ flow }) => [flow.version, flow]))
    return { rows: makeRows(database), compiled, runs: { ...live, ...runs }, tickets }
  })
}

/** Next time of each schedule, after now. */
export const nextAfterMs: Readonly<Record<string, number>> = {
  'data-pipeline': 12 * minute,
  'daily-digest': 23 * hour + 57 * minute,
  'disk-watch': 2 * minute,
}
export const rhythmMs: Readonly<Record<string, number>> = {
  'data-pipeline': 15 * minute,
  'daily-digest': day,
  'disk-watch': hour,
}

async function seedFlows(rows: Rows, nowMs: number): Promise<void> {
  for (const { flow, yaml } of flows) {
    await rows.insert('blob', { hash: hashOf(yaml), body: yaml })
    await rows.insert('flow_version', {
      hash: flow.version,
      name: flow.name,
      file: flow.file,
      closure: json({ [flow.file]: hashOf(yaml), 'prompts/ask.md': hashOf(yaml) }),
      created_ms: nowMs - 9 * day,
    })
    await rows.insert(
      'flow_head',
      headOf(
        flow.name,
        { version: flow.version, description: flow.description, suspended: flow.suspended },
        nowMs,
      ),
    )
    for (const trigger of flow.triggers) {
      const next = nextAfterMs[flow.name]
      await rows.insert('trigger_state', {
        flow: flow.name,
        trigger: trigger.id,
        kind: trigger.kind,
        spec: json({ kind: trigger.kind }),
        since_ms: nowMs - 9 * day,
        next_ms: trigger.kind !== 'schedule' || next === undefined ? null : nowMs + next,
        last_fired_ms: nowMs - 20 * minute,
      })
    }
  }
  await seedBroken(rows, nowMs)
}

async function seedBroken(rows: Rows, nowMs: number): Promise<void> {
  const problems = [
    {
      code: 'unknown-key',
      severity: 'error',
      place: { file: 'flows/price-watch.yaml', line: 14, column: 5 },
      message: 'a step has no key "decid"',
      hint: 'did you mean "decide"?',
      excerpt: '    decid: { prompt: prompts/price.md }',
    },
    {
      code: 'trust',
      severity: 'warning',
      place: { file: 'flows/price-watch.yaml', line: 22, column: 13 },
      message: 'untrusted data decides where this request goes, so it will ask people',
      excerpt: '      url: ${ event.webhook.body.url }',
    },
  ]
  const described = {
    version: null,
    description: 'Compare our prices with those of two others.',
    suspended: false,
  }
  await rows.insert('flow_head', {
    ...headOf('price-watch', described, nowMs),
    state: 'broken',
    problems: json(problems),
  })
}

interface Described {
  readonly version: string | null
  readonly description: string
  readonly suspended: boolean
}

function headOf(name: string, described: Described, nowMs: number): Record<string, unknown> {
  return {
    file: `${name}.yaml`,
    name,
    commit: head,
    state: 'active',
    problems: json([]),
    changed_ms: nowMs - 3 * day,
    ...described,
  }
}

const commits = [
  {
    message: 'Compare prices hourly',
    author: 'Ben Hur',
    state: 'applied',
    files: ['price-watch.yaml', 'prompts/price.md'],
    reason: null,
    ago: 40 * minute,
  },
  {
    message: 'Ask before production again\n\nTwo releases in one hour were one too many.',
    author: 'Ana Lopez',
    state: 'applied',
    files: ['code-delivery.yaml', 'policy.yaml'],
    reason: null,
    ago: 7 * hour,
  },
  {
    message: 'Remove the old flows',
    author: 'Ben Hur',
    state: 'held',
    files: ['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml'],
    reason: 'it removes 4 of 9 flows, more than a third',
    ago: 26 * hour,
  },
  {
    message: 'First watch',
    author: 'Ana Lopez',
    state: 'applied',
    files: ['support-mail.yaml', 'disk-watch.yaml'],
    reason: null,
    ago: 9 * day,
  },
]

async function seedCommits(rows: Rows, nowMs: number): Promise<void> {
  for (const [index, commit] of commits.toReversed().entries()) {
    const newest = index === commits.length - 1
    await rows.insert('revision', {
      commit: newest ? head : hashOf(commit.message).slice(0, 40),
      previous: null,
      message: commit.message,
      author: commit.author,
      seen_ms: nowMs - commit.ago,
      state: commit.state,
      reason: commit.reason,
      problems: json([]),
      changed: json(commit.files),
    })
  }
}

/** Ended runs of the last day: mostly well, some not. */
async function seedHistory(rows: Rows, nowMs: number): Promise<void> {
  for (let n = 0; n < 200; n++) {
    const { flow } = flows[[6, 2, 0, 6, 1, 6, 2, 0, 6, 5][n % 10] ?? 0] ?? flows[0]!
    const atMs = nowMs - 23 * hour + n * 6.5 * minute
    const status = n % 67 === 13 ? 'cancelled' : 'succeeded'
    const workingMs = 300 + ((n * 977) % 4_100)
    const costPico = n % 3 === 0 ? BigInt(180_000_000 + n * 3_000_000) : 0n
    const run = {
      flow: flow.name,
      version: flow.version,
      trigger: flow.triggers[0]?.id ?? 'manual',
      atMs,
      status,
    }
    await rows.run({ ...run, endedMs: atMs + workingMs + 40, workingMs, costPico })
  }
}

async function seedMoney(rows: Rows, nowMs: number): Promise<void> {
  const month = new Date(nowMs).toISOString().slice(0, 7)
  const usd = 1_000_000_000_000n
  await rows.insert('ledger_window', {
    name: `usd:month:${month}`,
    settled: (81n * usd) / 10n,
    held: usd / 20n,
    presumed: usd / 100n,
  })
  const startMs = Date.parse(`${month}-01T00:00:00Z`)
  for (let n = 0; n < 240; n++) {
    const { flow } = flows[[0, 1, 0, 5, 2, 0, 3][n % 7] ?? 0] ?? flows[0]!
    const atMs = startMs + ((nowMs - startMs) * n) / 240
    await rows.insert('reservation', {
      id: rows.id(atMs),
      decision: rows.id(atMs),
      run: rows.id(atMs),
      flow: flow.name,
      step: 'triage',
      model: 'claude-haiku-5-5',
      rung: 'small',
      owner: 'runner-1',
      windows: json([]),
      state: 'settled',
      held_pico: usd / 20n,
      settled_pico: (usd * BigInt(10 + ((n * 31) % 47))) / 1_000n,
      at_ms: Math.round(atMs),
      changed_ms: Math.round(atMs),
    })
  }
}
