// The next 24 hours as a strip: a bar per half hour, as high as there are firings in it.

import type { Context } from './context.ts'
import type { Firings } from './firings.ts'
import { clockTime, count } from './format.ts'
import { type Html, html } from './html.ts'

const slotMs = 30 * 60_000
const slots = 48
const height = 34

export function firingStrip(context: Context, firings: Firings): Html {
  const counts = Array.from({ length: slots }, () => 0)
  for (const firing of firings.times) {
    const slot = Math.floor((firing - context.nowMs) / slotMs)
    if (slot >= 0 && slot < slots) counts[slot] = (counts[slot] ?? 0) + 1
  }
  const most = Math.max(1, ...counts)
  const bars = counts.map((firings, slot) => {
    const tall = firings === 0 ? 2 : 5 + Math.round((firings / most) * (height - 6))
    return html`<rect
      class="${firings === 0 ? 'none' : 'some'}"
      x="${(slot * 100) / slots}%"
      width="1.5%"
      y="${height - tall}"
      height="${tall}"
      rx="1"
    />`
  })
  const hours = [0, 6, 12, 18, 24].map((hour) => clockTime(context, context.nowMs + hour * 2 * slotMs))
  return html`<div class="strip">
    <svg
      width="100%"
      height="${height}"
      role="img"
      aria-label="${context.text.home.strip}: ${firingWords(context, firings)}"
    >
      ${bars}
    </svg>
    <div class="scale clock">${hours}</div>
  </div>`
}

export function firingWords(context: Context, { times, complete }: Firings): string {
  const number = count(context, times.length, complete ? Infinity : times.length)
  return context.text.home.firings(number, times.length)
}
