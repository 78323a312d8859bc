// When the flows of a simulated month are due, and what croner, asked here and not by the runner, says about it.

import { Cron } from 'croner'

export interface Line {
  readonly name: string
  readonly rhythm: { readonly cron: string } | { readonly everyMs: number }
  readonly timezone: string
  /** What its runs do: a shape of `flows.ts`. */
  readonly shape: Shape
}

export const shapes = [
  'keyed',
  'once',
  'blind',
  'list',
  'wait',
  'call',
  'approve',
  'risky',
  'decide',
  'group',
  'repeat',
  'queue',
] as const
export type Shape = (typeof shapes)[number]

const line = (name: string, shape: Shape, cron: string, timezone = 'UTC'): Line => ({
  name,
  shape,
  rhythm: { cron },
  timezone,
})

/** In autumn: clocks go back in Berlin, New York and on Lord Howe, forward nowhere but in the south. */
export const lines: readonly Line[] = [
  { name: 'pulse', shape: 'keyed', rhythm: { everyMs: 900_000 }, timezone: 'UTC' },
  line('shop', 'once', '5,35 8-20 * * *', 'Europe/Berlin'),
  line('mail', 'decide', '10 * * * *', 'America/New_York'),
  line('stock', 'list', '20 * * * *', 'Asia/Seoul'),
  line('backup', 'wait', '30 */2 * * *', 'Australia/Lord_Howe'),
  line('billing', 'call', '40 */2 * * *', 'Europe/Berlin'),
  line('release', 'approve', '0 9,15 * * MON-FRI', 'America/New_York'),
  line('purge', 'risky', '45 1,7,13,19 * * *', 'Europe/Berlin'),
  line('sync', 'group', '*/30 * * * *', 'Asia/Kolkata'),
  line('watch', 'repeat', '50 */3 * * *', 'UTC'),
  line('ledger', 'queue', '*/20 6-10 * * *', 'America/New_York'),
  line('night', 'keyed', '30 2 * * *', 'Europe/Berlin'),
  line('fall', 'once', '30 1 * * *', 'America/New_York'),
  line('south', 'once', '15 2 * * *', 'Australia/Lord_Howe'),
  line('weekly', 'call', '0 6 * * MON', 'Asia/Seoul'),
  line('monthly', 'list', '0 0 1 * *', 'America/New_York'),
  line('triage', 'decide', '25 */4 * * *', 'Asia/Seoul'),
  line('blind', 'blind', '12 */6 * * *', 'UTC'),
  line('slow', 'wait', '55 23 * * *', 'Asia/Kolkata'),
  line('last', 'keyed', '0 12 L * *', 'Europe/Berlin'),
]

/** Nominal times after `fromMs` and not after `untilMs`. */
export function slotsOf({ rhythm, timezone }: Line, fromMs: number, untilMs: number): number[] {
  const slots: number[] = []
  for (let at = fromMs; ;) {
    const next = 'everyMs' in rhythm ? (Math.floor(at / rhythm.everyMs) + 1) * rhythm.everyMs : nextOf(at)
    if (next === null || next > untilMs) return slots
    slots.push(next)
    at = next
  }

  function nextOf(afterMs: number): number | null {
    if ('everyMs' in rhythm) return null
    const options = { mode: '5-part', fixedTimeRule: 'no-wildcard', timezone, paused: true } as const
    return new Cron(rhythm.cron, options).nextRun(new Date(afterMs))?.getTime() ?? null
  }
}

export function slotKey(name: string, atMs: number): string {
  return `schedule:${name}:tick:${new Date(atMs).toISOString()}`
}
