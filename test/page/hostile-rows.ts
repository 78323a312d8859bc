// Rows that hold hostile text in every field that a page shows.

import { head, hashOf, iso, makeRows } from './rows.ts'
import { insertTicket } from './ticket-rows.ts'
import { type Database, json } from '../../runner/store/database.ts'

/** Breaks out of text, attributes, scripts, styles, templates and addresses, where it is let. */
export const sharp = `"><script>alert(1)</script><img src=x onerror=alert(2)>'\`\${7*7}{{7*7}}</pre></style><svg/onload=alert(3)>javascript:alert(4)\u202Eabc\u200B`

/** A run whose journal and log hold the texts, in order. */
export async function seedRun(database: Database, nowMs: number, texts: readonly string[]): Promise<string> {
  const rows = makeRows(database)
  const atMs = nowMs - 60_000
  await rows.insert('flow_version', {
    hash: hashOf('v'),
    name: 'x',
    file: 'x.yaml',
    closure: '{}',
    created_ms: 1,
  })
  const run = await rows.run({
    flow: 'x',
    version: hashOf('v'),
    atMs,
    status: 'running',
    event: { kind: 'manual', texts: [] },
  })
  await rows.journal(
    run,
    texts.map((output) => [
      atMs,
      {
        is: 'succeeded',
        at: { step: 'a', element: null },
        attempt: 1,
        output,
        uses: null,
        risk: 'low',
        tookMs: 1,
      },
    ]),
  )
  for (const line of texts) await rows.insert('run_log', { run, at_ms: atMs, step: 's', line })
  return run
}

/** The sharp text in every field. */
export async function seedEverywhere(
  database: Database,
  nowMs: number,
): Promise<{ run: string; ticket: string }> {
  const rows = makeRows(database)
  const problem = {
    code: sharp,
    severity: 'error',
    place: { file: sharp, line: 1, column: 9 },
    message: sharp,
    hint: sharp,
    excerpt: sharp,
  }
  const yaml = `name: x # ${sharp}\n`
  await rows.insert('blob', { hash: hashOf(yaml), body: yaml })
  await rows.insert('flow_version', {
    hash: hashOf('v'),
    name: 'x',
    file: 'x.yaml',
    closure: json({ 'x.yaml': hashOf(yaml), [sharp]: hashOf(yaml) }),
    created_ms: 1,
  })
  await rows.insert('flow_head', {
    file: 'x.yaml',
    name: 'x',
    version: hashOf('v'),
    commit: head,
    state: 'broken',
    suspended: false,
    problems: json([problem]),
    description: sharp,
    changed_ms: nowMs,
  })
  await rows.insert('trigger_state', {
    flow: 'x',
    trigger: sharp,
    kind: sharp,
    spec: '{}',
    since_ms: 1,
    next_ms: nowMs - 3_600_000,
  })
  await rows.insert('revision', {
    commit: head,
    message: `${sharp}\n\n${sharp}`,
    author: sharp,
    seen_ms: nowMs,
    state: 'refused',
    reason: sharp,
    problems: json([problem]),
    changed: json([sharp, 'x.yaml']),
  })
  const atMs = nowMs - 60_000
  const error = { kind: sharp, message: sharp, remedy: sharp }
  const base = {
    flow: 'x',
    version: hashOf('v'),
    trigger: sharp,
    startedBy: sharp,
    inputs: { [sharp]: sharp },
    outputs: { [sharp]: sharp },
    error,
  }
  await rows.run({ ...base, atMs, status: 'failed', endedMs: nowMs })
  const run = await rows.run({
    ...base,
    atMs,
    status: 'parked',
    event: { kind: 'manual', at: iso(atMs), [sharp]: sharp },
    waiting: [{ for: 'time', step: sharp, element: null, untilMs: nowMs }],
  })
  const at = { step: sharp, element: null }
  const action = {
    uses: sharp,
    version: 1,
    input: { [sharp]: sharp },
    sources: { [sharp]: { trust: 'untrusted', from: sharp } },
  } as const
  const decided = {
    is: 'decided',
    at,
    decision: 'd1',
    route: sharp,
    choice: sharp,
    parameters: { [sharp]: sharp },
    provenance: {},
    reason: sharp,
    priority: 'low',
    risk: 'low',
    costPicoUsd: '1',
  } as const
  await rows.journal(run, [
    [atMs, decided],
    [
      atMs,
      { is: 'intended', at, attempt: 1, key: sharp, action, requestHash: sharp, risk: 'low', ticket: sharp },
    ],
    [atMs, { is: 'failed', at, attempt: 1, error: error as never, uses: sharp, tookMs: 1, retryAtMs: null }],
    [atMs, { is: 'denied', at, answer: 'no', reason: sharp }],
    [atMs, { is: 'waiting', at, untilMs: nowMs, why: sharp }],
    [atMs, { is: 'cancel_requested', by: sharp }],
  ])
  await rows.insert('run_log', { run, at_ms: atMs, step: sharp, line: sharp })
  const record = {
    prompt: { path: sharp },
    given: [{ name: sharp, trust: sharp, bytes: 1 }],
    choices: [sharp],
    passed: [sharp],
    tries: [
      { model: sharp, outcome: { is: 'x', why: sharp }, paid: { pico: sharp, tokens: { [sharp]: 3 } } },
    ],
  }
  await rows.insert('decision', {
    id: 'd1',
    run,
    flow: 'x',
    step: sharp,
    round: 1,
    version: 'v',
    at_ms: atMs,
    route: 'small',
    model: sharp,
    choice: sharp,
    reason: sharp,
    cost_pico: 1n,
    record: json(record),
  })
  const ticket = await insertTicket(rows, {
    run,
    flow: 'x',
    step: sharp,
    kind: 'unsure',
    title: sharp,
    input: { [sharp]: sharp, more: sharp },
    why: [sharp],
    undo: sharp,
    choices: [{ name: sharp, means: sharp }],
    reasoning: sharp,
    createdMs: nowMs,
    expiresMs: nowMs,
    verdict: { is: 'no', by: sharp, reason: sharp },
    issue: { repository: sharp, number: 1 },
  })
  await database.query('update ticket set issue_url = $1 where id = $2', [
    `javascript:alert("${sharp}")`,
    ticket,
  ])
  await rows.insert('vote', {
    ticket,
    revision: 1,
    actor: 'x',
    actor_name: sharp,
    verdict: sharp,
    counted: false,
    why: sharp,
    at_ms: nowMs,
  })
  await rows.insert('reservation', {
    id: 'r',
    decision: 'd',
    run: 'r',
    flow: sharp,
    step: 's',
    model: 'm',
    rung: 'small',
    owner: 'o',
    windows: '[]',
    state: 'settled',
    held_pico: 1n,
    settled_pico: 1n,
    at_ms: nowMs - 1,
    changed_ms: nowMs,
  })
  return { run, ticket }
}
