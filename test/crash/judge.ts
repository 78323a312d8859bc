// The verdict over a play, from what reached the outside and what the store says in the end.

import type { Reference } from './flows.ts'
import { type Outside, repetitions } from './outside.ts'
import type { Json } from '../../runner/model/json.ts'
import type { Database } from '../../runner/store/database.ts'

export interface Verdict {
  /** Triggers, runs, effects or records that are gone, in words. */
  readonly lost: readonly string[]
  /** What happened more often than it may, in words. */
  readonly doubled: readonly string[]
  /** Effects of which the product said that it does not know. */
  readonly unknown: number
}

export interface Played {
  readonly reference: Reference
  readonly outside: Outside
  /** The run that was promised when the trigger was accepted. */
  readonly run: string
  /** Every success that was on record when a life ended. */
  readonly recorded: readonly Recorded[]
}

/** A success in the journal. */
export interface Recorded {
  readonly run: string
  readonly seq: number
  readonly fact: Json
}

export async function judge(store: Database, played: Played): Promise<Verdict> {
  const { reference, outside } = played
  const lost: string[] = []
  const doubled: string[] = []
  const runs = await store.query<{ id: string; status: string; parent: string | null; why: string | null }>(
    `select id, status, parent, error->>'message' as why from run`,
    [],
  )
  for (const { id, status, why } of runs)
    if (status !== 'succeeded') lost.push(`run ${id} is ${status}: ${why ?? 'no error'}`)
  if (runs.every((run) => run.id !== played.run)) lost.push(`the run ${played.run} that was promised`)
  if (runs.length > reference.runs) doubled.push(`${runs.length} runs instead of ${reference.runs}`)
  if (runs.length < reference.runs) lost.push(`${reference.runs - runs.length} runs`)
  for (const effect of reference.effects) judgeEffect(effect, outside, { lost, doubled })
  const known = new Set(reference.effects)
  for (const { effect } of outside.arrivals)
    if (!known.has(effect) && !effect.startsWith('list.read'))
      doubled.push(`${effect}, which nobody asked for`)
  for (const one of await goneOf(store, played.recorded)) lost.push(one)
  const unknown = await store.query<{ n: number }>(
    `select count(*)::int as n from ticket where kind = 'unknown'`,
    [],
  )
  return { lost, doubled, unknown: unknown[0]?.n ?? 0 }
}

/** Every run succeeded, so every effect must be there: once, or under one key. */
function judgeEffect(
  effect: string,
  outside: Outside,
  into: { readonly lost: string[]; readonly doubled: string[] },
): void {
  const times = outside.happened(effect)
  const keys = outside.keysOf(effect)
  if (times === 0) into.lost.push(`${effect} is on record as done and never happened`)
  const repetition = repetitions.get(effect.split(' ')[0] ?? '')
  if (repetition === 'once' && times > 1) into.doubled.push(`${effect} happened ${times} times`)
  if (keys > 1) into.doubled.push(`${effect} reached the outside under ${keys} keys`)
}

export async function recordedIn(store: Database): Promise<Recorded[]> {
  return store.query<Recorded>(
    `select run, seq, fact from journal where fact->>'is' in ('succeeded', 'decided', 'intended') order by run, seq`,
    [],
  )
}

/** What was on record and is not any more, or reads otherwise. */
async function goneOf(store: Database, recorded: readonly Recorded[]): Promise<string[]> {
  const now = new Map(
    (await recordedIn(store)).map((one) => [`${one.run} ${one.seq}`, JSON.stringify(one.fact)]),
  )
  return recorded
    .filter((one) => now.get(`${one.run} ${one.seq}`) !== JSON.stringify(one.fact))
    .map((one) => `entry ${one.seq} of run ${one.run}, which was on record`)
}
