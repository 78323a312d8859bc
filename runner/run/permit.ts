// Connections that the policy limits: before an action uses one, it takes a place across all runners, or waits.

import { conclude, invocationOf, type Task } from './task.ts'
import type { Action } from '../model/action.ts'
import type { Fact, Frozen } from '../model/journal.ts'
import type { PolicyConnection } from '../model/policy.ts'
import { keyOf } from '../model/run.ts'
import { addUse, countUses, endUse, type Use } from '../store/connection-uses.ts'
import type { Transaction } from '../store/database.ts'
import { lockKeys } from '../store/limits.ts'
import { addStarts, roomAt } from '../store/rates.ts'

/** About when a connection that is in use is looked at again. */
const againMs = 1_000

/** Does the work in a place of every connection that the action uses; without one, the invocation waits instead. */
export async function permitted(
  task: Task,
  { action, frozen }: { readonly action: Action; readonly frozen: Frozen },
  work: () => Promise<void>,
): Promise<void> {
  const limited = limitedOf(task, action.uses?.(frozen.input).connections ?? [])
  if (limited.length === 0) return work()
  const untilMs = await take(task, limited)
  if (untilMs !== null) return conclude(task, waiting(task, frozen, untilMs))
  try {
    await work()
  } finally {
    await giveBack(task)
  }
}

interface Limited {
  readonly key: string
  readonly connection: string
  readonly limits: PolicyConnection['limits']
}

/** As the head of the branch says now. */
function limitedOf(task: Task, connections: readonly string[]): Limited[] {
  const known = task.engine.head().policy.connections
  return [...new Set(connections)].flatMap((connection) => {
    const limits = known[connection]?.limits
    if (limits === undefined || (limits.concurrency === null && limits.rate === null)) return []
    return { key: `connection:${connection}`, connection, limits }
  })
}

function useOf({ engine, held, at }: Task): Omit<Use, 'connection'> {
  return { owner: engine.owner, run: held.row.id, invocation: keyOf(at) }
}

/** Null when every place was taken; else when to look again, and none was. */
function take(task: Task, limited: readonly Limited[]): Promise<number | null> {
  const { engine } = task
  return engine.database.transaction(async (tx) => {
    await lockKeys(
      tx,
      limited.map((one) => one.key),
    )
    const nowMs = engine.clock.now()
    let untilMs = nowMs
    for (const one of limited) untilMs = Math.max(untilMs, await roomFor(task, tx, { ...one, nowMs }))
    if (untilMs > nowMs) return untilMs
    for (const one of limited) await occupy(task, tx, { ...one, nowMs })
    return null
  })
}

interface Moment extends Limited {
  readonly nowMs: number
}

async function roomFor(
  task: Task,
  tx: Transaction,
  { key, connection, limits, nowMs }: Moment,
): Promise<number> {
  const { concurrency, rate } = limits
  const rateMs = rate === null ? nowMs : await roomAt(tx, { key, ...rate }, nowMs)
  if (concurrency === null) return rateMs
  if ((await countUses(tx, { ...useOf(task), connection })) < concurrency) return rateMs
  // Those who wait do not all come back at once.
  return Math.max(rateMs, nowMs + Math.round(againMs * (0.5 + task.engine.random.uniform())))
}

async function occupy(
  task: Task,
  tx: Transaction,
  { key, connection, limits, nowMs }: Moment,
): Promise<void> {
  if (limits.concurrency !== null) await addUse(tx, { ...useOf(task), connection }, nowMs)
  if (limits.rate === null) return
  const { run, invocation } = useOf(task)
  const { attempts, round, generation } = invocationOf(task)
  const what = [run, invocation, round, generation, attempts, task.held.row.epoch].join(' ')
  await addStarts(tx, [{ key, perMs: limits.rate.perMs, what }], nowMs)
}

/** An answer of people is kept: it is used when there is a place. */
function waiting(task: Task, frozen: Frozen, untilMs: number): Fact {
  const { phase } = invocationOf(task)
  if (phase.is === 'answered')
    return { v: 1, is: 'asked', at: task.at, ticket: phase.ticket, action: frozen, notBeforeMs: untilMs }
  return { v: 1, is: 'waiting', at: task.at, untilMs, why: 'limit' }
}

/** What cannot be given back now, the sweep frees when the run is not held here any more. */
async function giveBack(task: Task): Promise<void> {
  try {
    await endUse(task.engine.database, useOf(task))
  } catch (error) {
    task.engine.log.warn({ run: task.held.row.id, error }, 'a place of a connection could not be given back')
  }
}
