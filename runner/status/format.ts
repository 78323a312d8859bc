// Numbers in the units people say: durations, counts, sizes, moments. Money is in model/money.

import { type Html, html } from './html.ts'
import { type Language, locales, type Text } from './language.ts'

export interface Speech {
  readonly language: Language
  readonly text: Text
  readonly nowMs: number
}

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** `0.4 s`, `42 s`, `3 min 20 s`, `6 h 5 min`, `3 d 4 h`. */
export function duration({ text }: Speech, ms: number): string {
  const { units } = text
  if (ms < 10 * secondMs) return units.seconds((Math.max(0, ms) / secondMs).toFixed(ms < 100 ? 2 : 1))
  const whole = Math.round(ms / secondMs) * secondMs
  if (whole < minuteMs) return units.seconds(String(whole / secondMs))
  const parts: readonly (readonly [number, (count: string) => string])[] = [
    [dayMs, units.days],
    [hourMs, units.hours],
    [minuteMs, units.minutes],
    [secondMs, units.seconds],
  ]
  const first = parts.findIndex(([size]) => whole >= size)
  let rest = whole
  const words: string[] = []
  for (const [size, unit] of parts.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) words.push(unit(String(count)))
  }
  return words.join(' ')
}

/** One unit only: `6 h`, `40 s`. */
export function shortDuration(speech: Speech, ms: number): string {
  const { units } = speech.text
  if (ms >= 2 * dayMs) return units.days(String(Math.round(ms / dayMs)))
  if (ms >= 100 * minuteMs) return units.hours(String(Math.round(ms / hourMs)))
  if (ms >= 100 * secondMs) return units.minutes(String(Math.round(ms / minuteMs)))
  return duration(speech, ms)
}

/** `1,240`; with `more`, the count stopped at its limit. */
export function count({ language, text }: Speech, value: number, limit = Infinity): string {
  const shown = new Intl.NumberFormat(locales[language]).format(Math.min(value, limit))
  return value >= limit ? text.moreThan(shown) : shown
}

export function megabytes({ language }: Speech, bytes: number): string {
  return `${new Intl.NumberFormat(locales[language], { maximumFractionDigits: 0 }).format(bytes / 1_048_576)} MB`
}

export function percent({ language }: Speech, share: number): string {
  const exact = Math.max(0, Math.min(1, share))
  const digits = exact > 0.99 && exact < 1 ? 1 : 0
  const style = { style: 'percent', maximumFractionDigits: digits, roundingMode: 'floor' } as const
  return new Intl.NumberFormat(locales[language], style).format(exact)
}

/** An absolute time in UTC, which the page's script rewrites to the reader's zone. */
export function moment(speech: Speech, ms: number): Html {
  return timeElement(speech, { ms, kind: 'at', words: absolute(speech, ms) })
}

/** Hour and minute only. */
export function clockTime(speech: Speech, ms: number): Html {
  return timeElement(speech, { ms, kind: 'clock', words: new Date(ms).toISOString().slice(11, 16) })
}

/** To the second, for records of what happened. */
export function instant(speech: Speech, ms: number): Html {
  return timeElement(speech, { ms, kind: 'exact', words: exactly(speech, ms) })
}

/** `4 min ago`, `in 6 h`; the absolute time is its tooltip. */
export function relative(speech: Speech, ms: number): Html {
  return timeElement(speech, { ms, kind: 'relative', words: relativeWords(speech, ms) })
}

/** Relative beside absolute. */
export function when(speech: Speech, ms: number): Html {
  return html`${moment(speech, ms)} <span class="dim">· ${relative(speech, ms)}</span>`
}

interface Moment {
  readonly ms: number
  readonly kind: 'at' | 'clock' | 'exact' | 'relative'
  readonly words: string
}

function timeElement(speech: Speech, { ms, kind, words }: Moment): Html {
  const iso = new Date(ms).toISOString()
  return html`<time datetime="${iso}" data-as="${kind}" title="${exactly(speech, ms)} UTC">${words}</time>`
}

function absolute({ language, nowMs }: Speech, ms: number): string {
  const sameYear = new Date(ms).getUTCFullYear() === new Date(nowMs).getUTCFullYear()
  const year = sameYear ? {} : ({ year: 'numeric' } as const)
  const options = { ...year, month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' } as const
  return new Intl.DateTimeFormat(locales[language], { ...options, hourCycle: 'h23', timeZone: 'UTC' }).format(
    ms,
  )
}

function exactly({ language }: Speech, ms: number): string {
  const options = {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const
  return new Intl.DateTimeFormat(locales[language], { ...options, hourCycle: 'h23', timeZone: 'UTC' }).format(
    ms,
  )
}

function relativeWords({ language, nowMs }: Speech, ms: number): string {
  const ahead = ms - nowMs
  const size = Math.abs(ahead)
  const [unit, unitMs] = size < 100 * secondMs ? (['second', secondMs] as const) : unitOf(size)
  const format = new Intl.RelativeTimeFormat(locales[language], { numeric: 'auto', style: 'short' })
  return format.format(Math.round(ahead / unitMs), unit)
}

function unitOf(size: number): readonly ['minute' | 'hour' | 'day', number] {
  if (size < 100 * minuteMs) return ['minute', minuteMs]
  return size < 48 * hourMs ? ['hour', hourMs] : ['day', dayMs]
}
