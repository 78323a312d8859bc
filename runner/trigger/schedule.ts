// The scheduler: fires what is due, once, whoever else does the same and whatever the clock does.
//
// The store holds the next slot of every schedule, memory those of the next ten minutes. A slot is admitted first and
// its schedule moved on after, by compare-and-set: dying between the two repeats an admission, which its slot key
// makes harmless; nothing is lost.

import type { Firing } from '../model/firing.ts'
import type { ScheduleTrigger } from '../model/flow.ts'
import type { Head } from '../model/head.ts'
import { flowName } from '../model/id.ts'
import type { Admit } from '../run/admit.ts'
import type { Database } from '../store/database.ts'
import { type Advance, advanceSchedules, plannedSchedules, unplannedSchedules } from '../store/triggers.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import { createAgenda, type Entry } from './agenda.ts'
import { nextSlot } from './align.ts'
import { slotsToFire } from './missed.ts'

export interface SchedulerParts {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  /** What the branch says now. */
  head(): Head
  /** Resolves when the run is durable or refused for good; a rejection is tried again. */
  readonly admit: Admit
  /** Whether this runner does the scheduling; only to save work, never needed for correctness. Absent: it does. */
  onDuty?(): boolean
  /** The emergency stop: slots wait, and after it `missed` decides about them. Absent: never. */
  stopped?(): boolean
  /** For the metrics. */
  fired?(firing: { readonly kind: 'schedule'; readonly lateMs: number }): void
}

export interface Scheduler {
  start(): void
  /** Ends after what is being admitted. */
  stop(): Promise<void>
  /** One look at what is due, as `start` does it at least once a second. */
  pass(): Promise<void>
}

const tickMs = 1_000
/** How far memory reaches, and how much of that must be left before it is filled again. */
const horizonMs = 600_000
const refillMs = 300_000
/** Admitted side by side. */
const batchMax = 256

export function createScheduler(parts: SchedulerParts): Scheduler {
  const agenda = createAgenda()
  const loaded = { revision: -1, atMs: Infinity, untilMs: -Infinity }
  const ending = new AbortController()
  let loop: Promise<void> = Promise.resolve()

  async function pass(): Promise<void> {
    const nowMs = parts.clock.now()
    // A policy that suspends lets slots pass for good; the emergency stop keeps them waiting.
    const waiting = parts.stopped?.() === true && !parts.head().policy.suspended
    if (parts.onDuty?.() === false || waiting) {
      loaded.untilMs = -Infinity
      return
    }
    await fill(nowMs)
    for (let due = agenda.takeDue(nowMs, batchMax); due.length > 0; due = agenda.takeDue(nowMs, batchMax))
      if ((await fireAll(due, nowMs)) === 'stuck') return
  }

  /** Reads again when the branch moved, the ten minutes run out, or the clock went back. */
  async function fill(nowMs: number): Promise<void> {
    const { revision } = parts.head()
    const fresh = revision === loaded.revision && nowMs >= loaded.atMs && nowMs < loaded.untilMs - refillMs
    if (fresh) return
    await planNew(parts)
    agenda.clear()
    for (const { flow, trigger, nextMs } of await plannedSchedules(parts.database, nowMs + horizonMs))
      if (nextMs !== null) agenda.add({ flow, trigger, nextMs })
    Object.assign(loaded, { revision, atMs: nowMs, untilMs: nowMs + horizonMs })
  }

  /** `stuck`: something could not be admitted; it is tried again at the next look, not in a circle. */
  async function fireAll(due: readonly Entry[], nowMs: number): Promise<'went on' | 'stuck'> {
    const fired = await Promise.all(due.map((entry) => fire(parts, entry, nowMs)))
    const failed = due.filter((_, n) => fired[n] === 'failed')
    for (const entry of failed) agenda.add(entry)
    const advances = fired.filter((one) => typeof one === 'object')
    const moved = new Set((await advanceSchedules(parts.database, advances)).map(keyOf))
    // Another runner moved some of them, or their file changed: the store knows better.
    if (moved.size < advances.length) loaded.untilMs = -Infinity
    for (const { flow, trigger, nextMs } of advances)
      if (nextMs !== null && nextMs < loaded.untilMs && moved.has(keyOf({ flow, trigger })))
        agenda.add({ flow, trigger, nextMs })
    return failed.length > 0 ? 'stuck' : 'went on'
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await pass().catch((error: unknown) =>
        parts.log.warn({ error }, 'schedules could not be read or moved on'),
      )
      const waitMs = (agenda.earliestMs() ?? Infinity) - parts.clock.now()
      await parts.clock.sleep(Math.max(1, Math.min(tickMs, waitMs > 0 ? waitMs : tickMs)), ending.signal)
    }
  }

  return {
    start: () => {
      loop = run()
    },
    stop: async () => {
      ending.abort()
      await loop
    },
    pass,
  }
}

const keyOf = ({ flow, trigger }: { readonly flow: string; readonly trigger: string }): string =>
  `${flow} ${trigger}`

/** Gives every new schedule its first slot after the moment it was registered. */
async function planNew(parts: SchedulerParts): Promise<void> {
  const { database } = parts
  const current = parts.head()
  const advances = (await unplannedSchedules(database)).flatMap(({ flow, trigger, sinceMs }): Advance[] => {
    const found = scheduleOf(current, { flow, trigger })
    const nextMs = found === null ? null : nextSlot(found, sinceMs)
    return nextMs === null ? [] : [{ flow, trigger, wasMs: null, nextMs, slotMs: null, firedMs: null }]
  })
  if (advances.length > 0) await advanceSchedules(database, advances)
}

function scheduleOf(
  head: Head,
  of: { readonly flow: string; readonly trigger: string },
): ScheduleTrigger | null {
  const triggers = head.flows.get(flowName(of.flow))?.triggers ?? []
  const found = triggers.find((trigger) => trigger.id === of.trigger)
  return found?.kind === 'schedule' ? found : null
}

/**
 * Where the schedule goes from here. `failed`: something could not be admitted. `unknown`: the store knows a flow that
 * the branch, as this runner sees it now, does not have; whoever sees it will fire it.
 */
async function fire(
  parts: SchedulerParts,
  entry: Entry,
  nowMs: number,
): Promise<Advance | 'failed' | 'unknown'> {
  const { flow, trigger, nextMs: dueMs } = entry
  const head = parts.head()
  const schedule = scheduleOf(head, entry)
  if (schedule === null) return 'unknown'
  const still = { flow, trigger, wasMs: dueMs, slotMs: null, firedMs: null }
  if (head.policy.suspended || head.flows.get(flowName(flow))?.suspended === true)
    return { ...still, nextMs: nextSlot(schedule, nowMs) }
  const { fire: slots, dropped, nextMs } = slotsToFire(schedule, dueMs, nowMs)
  if (dropped === 'some') parts.log.warn({ flow, trigger, dueMs }, 'slots of a schedule passed without a run')
  let firedMs: number | null = null
  try {
    for (const slotMs of slots)
      if ((await admit(parts, firingOf(entry, schedule, { slotMs, nowMs }))) === 'admitted') firedMs = nowMs
  } catch (error) {
    parts.log.warn({ flow, trigger, error }, 'a schedule could not be admitted; it is tried again')
    return 'failed'
  }
  return { ...still, nextMs, slotMs: slots.at(-1) ?? null, firedMs }
}

async function admit(parts: SchedulerParts, firing: Firing): Promise<'admitted' | 'refused'> {
  const answer = await parts.admit(firing)
  if ('refused' in answer) {
    parts.log.info({ slot: firing.slot, why: answer.refused }, 'a firing was refused')
    return 'refused'
  }
  const lateMs = parts.clock.now() - Date.parse(firing.event.scheduled_at)
  if (!answer.duplicate) parts.fired?.({ kind: 'schedule', lateMs })
  return 'admitted'
}

function firingOf(
  { flow, trigger }: Entry,
  { overlap }: ScheduleTrigger,
  at: { readonly slotMs: number; readonly nowMs: number },
): Firing {
  const scheduled_at = new Date(at.slotMs).toISOString()
  return {
    flow,
    trigger,
    kind: 'schedule',
    slot: `schedule:${flow}:${trigger}:${scheduled_at}`,
    event: { kind: 'schedule', scheduled_at, fired_at: new Date(at.nowMs).toISOString() },
    inputs: {},
    startedBy: `trigger:${trigger}`,
    overlap,
  }
}
