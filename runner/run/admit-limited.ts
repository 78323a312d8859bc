// Admission within limits: counting and inserting are one transaction under the locks of the run's keys alone.

import type { Admitted, Engine } from './engine.ts'
import { letIn } from './let-in.ts'
import type { Limit } from './limits-of.ts'
import type { Firing } from '../model/firing.ts'
import { type Birth, insertRuns, runOfSlot } from '../store/admission.ts'
import type { Transaction } from '../store/database.ts'
import { attachLimits, holderAbove, lockKeys, runsOfKey, type Standing, standingOf } from '../store/limits.ts'
import { addStarts } from '../store/rates.ts'
import { outlast } from '../store/outlast.ts'
import { lockRuns, requestCancel } from '../store/runs.ts'
import { wakeRuns } from '../store/wake.ts'

export interface LimitedBirth {
  readonly birth: Birth
  readonly limits: readonly Limit[]
  readonly firing: Firing
  /** Whether room is reserved for it here, so that it may be born claimed. */
  readonly reserved: boolean
}

const retriesMax = 6

/** How it was born. Null: its slot bears nothing any more. */
export type Born = { readonly is: Birth['status'] } | Extract<Admitted, { refused: string }> | null

/** A limit is never passed: whoever counts its places or takes one holds the lock of its key. */
export async function admitLimited(engine: Engine, given: LimitedBirth): Promise<Born> {
  const keys = given.limits.map((limit) => limit.key)
  const { born, behind } = await outlast({ retries: retriesMax, clock: engine.clock }, () =>
    engine.database.transaction(async (tx) => {
      await lockKeys(tx, keys)
      return admit(engine, tx, given)
    }),
  )
  if (behind) await letInNow(engine, keys)
  return born
}

/** Those who wait go first, but somebody whom another limit holds up does not stand in the way. */
async function letInNow(engine: Engine, keys: readonly string[]): Promise<void> {
  try {
    await letIn(engine, keys)
  } catch (error) {
    engine.log.warn({ error }, 'letting in failed; the sweep tries it again in a second')
  }
}

interface Decided {
  readonly born: Born
  /** It waits although there is room, because others waited before it. */
  readonly behind: boolean
}

async function admit(engine: Engine, tx: Transaction, given: LimitedBirth): Promise<Decided> {
  const { birth, limits, firing } = given
  // The same firing again is not held against its own run.
  if ((await runOfSlot(tx, birth.slot)) !== null) return { born: null, behind: false }
  const nowMs = engine.clock.now()
  const standing = await standingOf(tx, limits, nowMs)
  const full = limits.filter((limit) => isFull(limit, standing.get(limit.key)))
  const dropping = full.find((limit) => limit.whenFull === 'drop')
  if (dropping !== undefined) return refused(refusal(dropping, standing.get(dropping.key)))
  const waits = limits.some((limit) => (standing.get(limit.key)?.waiting ?? 0) > 0)
  if (full.length === 0 && !waits) return enter(engine, tx, given)
  const above = await deadlock(tx, firing, limits)
  if (above !== null) return refused(above)
  const [born] = await insertRuns(tx, [{ ...birth, status: 'queued' }])
  if (born !== true) return { born: null, behind: false }
  for (const limit of full) if (limit.whenFull === 'replace') await replace(engine, tx, limit)
  await attachLimits(tx, { id: birth.id, orderMs: birth.nowMs, is: 'waiting' }, limits)
  const room = limits.every(({ key, max }) => (standing.get(key)?.taken ?? 0) < max)
  return { born: { is: 'queued' }, behind: room }
}

function refused(why: string): Decided {
  return { born: { refused: why }, behind: false }
}

/** Who waits has asked for the place before. */
function isFull({ max }: Limit, standing: Standing | undefined): boolean {
  return standing !== undefined && standing.taken + standing.waiting >= max
}

function refusal({ key, max, perMs }: Limit, standing: Standing | undefined): string {
  const taken = (standing?.taken ?? 0) + (standing?.waiting ?? 0)
  if (perMs === null) return `${key} already has ${taken} of ${max} runs`
  return `${key} had ${Math.min(taken, max)} of ${max} starts in the last ${perMs / 1_000} s`
}

async function enter(engine: Engine, tx: Transaction, given: LimitedBirth): Promise<Decided> {
  const { birth, limits, reserved } = given
  const status = reserved ? 'running' : 'ready'
  const owner = reserved ? engine.owner : null
  const [born] = await insertRuns(tx, [{ ...birth, status, owner }])
  if (born !== true) return { born: null, behind: false }
  await attachLimits(tx, { id: birth.id, orderMs: birth.nowMs, is: 'in' }, limits)
  const starts = limits.flatMap(({ key, perMs }) => (perMs === null ? [] : [{ key, perMs, what: birth.id }]))
  await addStarts(tx, starts, birth.nowMs)
  if (!reserved) await engine.queue.call(tx, 'ready')
  return { born: { is: status }, behind: false }
}

/** A called run that waits for a place of its caller, who waits for it, would wait for ever. */
async function deadlock(tx: Transaction, firing: Firing, limits: readonly Limit[]): Promise<string | null> {
  if (firing.parent === undefined) return null
  const keys = limits.flatMap(({ key, perMs }) => (perMs === null ? [key] : []))
  const holder = await holderAbove(tx, firing.parent.run, keys)
  if (holder === null) return null
  return `it would wait for ${holder.key}, which its own caller ${holder.run} holds until it has ended: raise \`max\`, or say \`while_waiting: release\``
}

/** The new one waits until those it replaces have ended; of a rate it takes the place of those who wait. */
async function replace(engine: Engine, tx: Transaction, { key, perMs }: Limit): Promise<void> {
  const runs = await runsOfKey(tx, key, perMs === null ? 'all' : 'waiting')
  await lockRuns(tx, runs)
  for (const run of runs) await requestCancel(tx, run, 'a newer run of the same key')
  await wakeRuns(tx, engine.queue, runs)
}
