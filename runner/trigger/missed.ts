// Which slots of a schedule still fire, when some have passed: pure.

import type { ScheduleTrigger } from '../model/flow.ts'
import { impossible } from '../model/impossible.ts'
import { lastSlots, nextSlot } from './align.ts'

/** A slot that is no later than this was not missed, only late; longer, nobody was there to fire it. */
export const lateMsMax = 60_000

export interface Due {
  /** Nominal times to fire, oldest first. */
  readonly fire: readonly number[]
  /** Whether slots passed that do not fire any more. */
  readonly dropped: 'some' | 'none'
  /** The next slot after now; null when there is none any more. */
  readonly nextMs: number | null
}

/** @param dueMs the slot that was planned next; not later than `nowMs` */
export function slotsToFire(trigger: ScheduleTrigger, dueMs: number, nowMs: number): Due {
  const span = { afterMs: dueMs - 1, untilMs: nowMs }
  const max = trigger.missed.run === 'all' ? Math.max(1, trigger.missed.max) : 1
  const passed = lastSlots(trigger, span, max + 1)
  // After new time zone data the planned slot may be none any more; it was announced, so it counts.
  const slots = passed.length === 0 ? [dueMs] : passed.slice(-max)
  const fire = slots.filter((slot) => nowMs - slot <= lateMsMax || isCaughtUp(trigger, nowMs - slot))
  const dropped = fire.length < Math.max(1, passed.length) ? 'some' : 'none'
  return { fire, dropped, nextMs: nextSlot(trigger, nowMs) }
}

/** `latest` looks back one period when nothing else is said, and the latest slot is never older than that. */
function isCaughtUp({ missed }: ScheduleTrigger, lateMs: number): boolean {
  const within = missed.withinMs === null || lateMs <= missed.withinMs
  switch (missed.run) {
    case 'none':
      return false
    case 'latest':
    case 'all':
      return within
    default:
      return impossible(missed.run)
  }
}
