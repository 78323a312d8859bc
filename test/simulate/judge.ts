// What is judged: by the calendar how often each slot fired, by the remote's record what happened, by the caps what
// was spent. Every sentence that comes back is a broken promise.

import { type Line, slotKey, slotsOf } from './calendar.ts'
import type { Happened, Remote } from './remote.ts'
import type { Database } from '../../runner/store/database.ts'
import type { Fact } from '../../runner/model/journal.ts'
import { keyOf } from '../../runner/model/run.ts'

export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** Slots of the span that fired never or more than once, and what fired without one. */
export async function judgeSlots(store: Database, lines: readonly Line[], span: Span): Promise<string[]> {
  const rows = await store.query<{ slot: string; runs: number }>(
    `select slot, count(*)::int as runs from run
     where slot like 'schedule:%' and scheduled_ms > $1 and scheduled_ms <= $2 group by slot`,
    [span.fromMs, span.untilMs],
  )
  const fired = new Map(rows.map((row) => [row.slot, row.runs]))
  const faults: string[] = []
  for (const line of lines)
    for (const atMs of slotsOf(line, span.fromMs, span.untilMs)) {
      const slot = slotKey(line.name, atMs)
      const runs = fired.get(slot) ?? 0
      if (runs !== 1) faults.push(`${slot} fired ${runs} times`)
      fired.delete(slot)
    }
  for (const slot of fired.keys()) faults.push(`${slot} fired and is no slot`)
  return faults
}

/** Judges the runs that have ended since, and lets the remote forget them. */
export async function judgeEffects(store: Database, remote: Remote): Promise<string[]> {
  const ended = await store.query<{ id: string }>(
    `select id from run where id = any($1) and status in ('succeeded', 'failed', 'cancelled')`,
    [remote.runs()],
  )
  const faults: string[] = []
  for (let from = 0; from < ended.length; from += 500) {
    const runs = ended.slice(from, from + 500).map((row) => row.id)
    const rows = await store.query<{ run: string; fact: Fact }>(
      `select run, fact from journal where run = any($1)
         and fact->>'is' in ('intended', 'succeeded', 'failed', 'denied') order by run, seq`,
      [runs],
    )
    const facts = Map.groupBy(rows, (row) => row.run)
    for (const run of runs) {
      const told = (facts.get(run) ?? []).map((row) => row.fact)
      faults.push(...judgeRun(told, remote.record(run)).map((fault) => `run ${run}: ${fault}`))
      remote.forget(run)
    }
  }
  return faults
}

const surely = new Set(['once', 'blind'])

function judgeRun(facts: readonly Fact[], happened: readonly Happened[]): string[] {
  const faults: string[] = []
  const times = new Map(happened.map((one) => [one.key, one.times]))
  for (const one of happened)
    if (one.times > 1 && one.step !== 'look') faults.push(`${one.step} happened ${one.times} times`)
  const intents = new Map<string, { readonly key: string; readonly uses: string }>()
  for (const fact of facts) {
    if (!('at' in fact)) continue
    const at = keyOf(fact.at)
    if (fact.is === 'intended') intents.set(at, { key: fact.key, uses: fact.action.uses })
    const intent = intents.get(at)
    if (intent === undefined) continue
    const count = times.get(intent.key) ?? 0
    if (fact.is === 'succeeded' && count === 0) faults.push(`${at} is said to have happened and did not`)
    const over = fact.is === 'failed' && fact.retryAtMs === null
    if (over && surely.has(intent.uses) && fact.error.kind !== 'unknown_outcome' && count > 0)
      faults.push(`${at} is said not to have happened (${fact.error.kind}) and did`)
  }
  return faults
}

/** Windows of the ledger beyond what policy and flows allow. */
export async function judgeLedger(
  store: Database,
  caps: Readonly<Record<string, bigint>>,
): Promise<string[]> {
  const rows = await store.query<{ name: string; used: bigint }>(
    'select name, settled + held + presumed as used from ledger_window',
  )
  return rows.flatMap(({ name, used }) => {
    const cap = Object.entries(caps).find(([prefix]) => name.startsWith(prefix))?.[1]
    return cap !== undefined && used > cap ? [`${name} holds ${used} of ${cap}`] : []
  })
}

/** Runs without an end. */
export async function judgeEnds(store: Database): Promise<string[]> {
  const rows = await store.query<{ id: string; flow: string; status: string }>(
    `select id, flow, status from run where status not in ('succeeded', 'failed', 'cancelled')`,
  )
  return rows.map(({ id, flow, status }) => `run ${id} of ${flow} is still ${status}`)
}
