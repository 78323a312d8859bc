// When a schedule is due: nominal times, computed and never kept as timers.
//
// Clock changes, for everyone: a fixed time that does not exist that day comes at the first instant after the gap; one
// that exists twice comes once, at its first occurrence; a rhythm (`*/15`, `every: 15m`) goes on in real time through
// both. croner 11.0.1 does exactly this with `fixedTimeRule: 'no-wildcard'`, and `every` counts from the epoch.

import { Cron } from 'croner'
import type { ScheduleTrigger } from '../model/flow.ts'

export type Rhythm = Pick<ScheduleTrigger, 'rhythm' | 'timezone'>

/** The first slot later than `afterMs`, epoch milliseconds; null when there is none any more. */
export function nextSlot({ rhythm, timezone }: Rhythm, afterMs: number): number | null {
  if ('everyMs' in rhythm) return (Math.floor(afterMs / rhythm.everyMs) + 1) * rhythm.everyMs
  return calendarOf(rhythm.cron, timezone).next(afterMs)
}

/** Slots later than `afterMs` and not later than `untilMs`, in order, the first `max` of them. */
export function slotsBetween(trigger: Rhythm, span: Span, max: number): number[] {
  const slots: number[] = []
  for (let slot = nextSlot(trigger, span.afterMs); slots.length < max; slot = nextSlot(trigger, slot)) {
    if (slot === null || slot > span.untilMs) break
    slots.push(slot)
  }
  return slots
}

export interface Span {
  readonly afterMs: number
  readonly untilMs: number
}

/** The last `max` slots of the span, in order: looks back in growing steps, so that years of minutes cost nothing. */
export function lastSlots(trigger: Rhythm, span: Span, max: number): number[] {
  for (let backMs = firstLookBackMs; ; backMs *= 4) {
    const afterMs = Math.max(span.afterMs, span.untilMs - backMs)
    const slots = slotsBetween(trigger, { afterMs, untilMs: span.untilMs }, Infinity)
    if (slots.length >= max || afterMs === span.afterMs) return slots.slice(-max)
  }
}

const firstLookBackMs = 3_600_000

interface Calendar {
  next(afterMs: number): number | null
}

/** Expressions that are kept ready, and results each of them remembers: many flows share a schedule. */
const calendarsMax = 10_000
const resultsMax = 16
const calendars = new Map<string, Calendar>()

function calendarOf(expression: string, timezone: string): Calendar {
  const key = `${timezone} ${expression}`
  const known = calendars.get(key)
  if (known !== undefined) return known
  if (calendars.size >= calendarsMax) calendars.clear()
  const calendar = createCalendar(expression, timezone)
  calendars.set(key, calendar)
  return calendar
}

function createCalendar(expression: string, timezone: string): Calendar {
  const cron = new Cron(expression, {
    mode: '5-part',
    fixedTimeRule: 'no-wildcard',
    sloppyRanges: false,
    domAndDow: false,
    alternativeWeekdays: false,
    timezone,
    paused: true,
  })
  const results = new Map<number, number | null>()
  return {
    next: (afterMs) => {
      const known = results.get(afterMs)
      if (known !== undefined) return known
      const found = cron.nextRun(new Date(afterMs))?.getTime() ?? null
      if (results.size >= resultsMax) results.clear()
      results.set(afterMs, found)
      return found
    },
  }
}
