// Queued runs start as soon as their limits have room: when a run leaves its places, and each second by the sweep.

import type { Engine } from './engine.ts'
import type { Held } from './held.ts'
import type { Flow } from '../model/flow.ts'
import type { Statements } from '../store/database.ts'
import { lendLimits, lockKeys, releaseLimits, standingOf } from '../store/limits.ts'
import { addStarts } from '../store/rates.ts'
import {
  firstWaiting,
  forgetRuns,
  lockWaiting,
  takePlaces,
  type WaitingRun,
} from '../store/waiting-for-limits.ts'

/** Mostly the first finds room. */
const lookedAtFirst = 8
/** How many that wait for one key are looked at; who stands behind more that another key holds up, waits. */
const lookedAtMax = 256
/** Let in by one transaction, so that it is short. */
const batchMax = 32
/** Batches of one call; what is left the sweep lets in. */
const batchesMax = 8

/** A run has ended or is parked: places that it does not keep go to whoever waits for them. */
export async function leaveLimits(engine: Engine, held: Held, fate: 'end' | 'park'): Promise<void> {
  if (fate === 'end' ? countsAgainst(held.flow) : lends(held.flow))
    await pass(engine, held.row.id, fate === 'end' ? releaseLimits : lendLimits)
}

/** The same for a run that was never loaded. */
export async function leaveAllLimits(engine: Engine, run: string): Promise<void> {
  await pass(engine, run, releaseLimits)
}

async function pass(engine: Engine, run: string, leave: typeof releaseLimits): Promise<void> {
  try {
    const released = await engine.database.transaction((tx) => leave(tx, run))
    const wanted = released.flatMap(({ key, wanted }) => (wanted ? [key] : []))
    if (wanted.length > 0) await letIn(engine, wanted)
  } catch (error) {
    engine.log.warn({ run, error }, 'places of a run could not be passed on; the sweep does it')
  }
}

function countsAgainst({ limits, triggers }: Flow): boolean {
  if (limits.concurrency !== null || limits.rate !== null) return true
  return triggers.some((trigger) => trigger.kind === 'schedule' && trigger.overlap !== 'allow')
}

function lends({ limits, triggers }: Flow): boolean {
  if (limits.concurrency?.whileWaiting === 'release') return true
  return triggers.some((trigger) => trigger.kind === 'schedule' && trigger.whileWaiting === 'release')
}

/**
 * Lets in who waits for these keys, in their order, as far as there is room in every limit of theirs. Each is looked
 * at again under the locks of all its keys, so that no limit is passed, whoever else lets in.
 */
export async function letIn(engine: Engine, keys: readonly string[]): Promise<void> {
  let look = lookedAtFirst
  for (let batch = 0; batch < batchesMax; batch++) {
    const first = await firstWaiting(engine.database, keys, look)
    const ended = first.flatMap((one) => (one.is === 'ended' ? [one.run] : []))
    if (ended.length > 0) await forgetRuns(engine.database, ended)
    const waiting = first.filter((one) => one.is === 'waiting')
    const fitting = await fit(engine.database, waiting, engine.clock.now())
    if (fitting.length > 0) {
      const entered = await admit(engine, fitting.slice(0, batchMax))
      if (entered === 0 || (fitting.length < waiting.length && fitting.length <= batchMax)) return
    } else if (first.length < look || look === lookedAtMax) return
    else look = lookedAtMax
  }
}

/** Those who find room one after the other, in the given order. */
async function fit(
  statements: Statements,
  waiting: readonly WaitingRun[],
  nowMs: number,
): Promise<WaitingRun[]> {
  if (waiting.length === 0) return []
  const wanted = new Map(waiting.flatMap((one) => missing(one).map((limit) => [limit.key, limit])))
  const standing = await standingOf(statements, [...wanted.values()], nowMs)
  const taken = new Map([...standing].map(([key, one]) => [key, one.taken]))
  return waiting.filter((one) => {
    const limits = missing(one)
    if (!limits.every(({ key, max }) => (taken.get(key) ?? 0) < max)) return false
    for (const { key } of limits) taken.set(key, (taken.get(key) ?? 0) + 1)
    return true
  })
}

/** A run that waited for people may have kept some of its places. */
function missing({ limits }: WaitingRun): WaitingRun['limits'] {
  return limits.filter((limit) => !limit.holds)
}

async function admit(engine: Engine, fitting: readonly WaitingRun[]): Promise<number> {
  const keys = new Set(fitting.flatMap((one) => one.limits.map((limit) => limit.key)))
  const runs = fitting.map((one) => one.run)
  const entered = await engine.database.transaction(async (tx) => {
    await lockKeys(tx, [...keys])
    const nowMs = engine.clock.now()
    const entering = await fit(tx, await lockWaiting(tx, runs), nowMs)
    if (entering.length === 0) return []
    const starts = entering.flatMap(({ run, limits }) =>
      limits.flatMap(({ key, perMs }) => (perMs === null ? [] : [{ key, perMs, what: run }])),
    )
    await addStarts(tx, starts, nowMs)
    await takePlaces(
      tx,
      entering.map((one) => one.run),
    )
    await engine.queue.call(tx, 'ready')
    return entering
  })
  for (const { run } of entered) engine.changed(run)
  return entered.length
}
