// A time in a zone, as the parts that people name.

import { Failure } from '../model/error.ts'
import { remembering } from './remember.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

/** `weekday` is Monday to Sunday in English; `text` is the date as YYYY-MM-DD. */
export function dateParts(time: Date, zone: string): Map<string, unknown> {
  const parts = new Map(
    formatFor(zone)
      .formatToParts(time)
      .map((part) => [part.type as string, part.value]),
  )
  const [year, month, day] = ['year', 'month', 'day'].map((name) => parts.get(name) ?? '')
  return new Map<string, unknown>([
    ['year', BigInt(year ?? '')],
    ['month', BigInt(month ?? '')],
    ['day', BigInt(day ?? '')],
    ['weekday', parts.get('weekday') ?? ''],
    ['text', `${(year ?? '').padStart(4, '0')}-${month}-${day}`],
  ])
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  if (!isZone(zone))
    throw new Failure('invalid', `${JSON.stringify(zone.slice(0, 60))} is not a time zone like Asia/Seoul`)
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    weekday: 'long',
  })
  formats.set(zone, format)
  return format
}

/** Asking takes the time of parsing a flow; there are about 600 zones. */
const zonesKnown = remembering<boolean>(1_000)

/** A zone of the time zone data base; offsets like +09:00 are none, they know no clock changes. */
export function isZone(zone: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(zone) && zonesKnown.of(zone, () => takesZone(zone))
}

function takesZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

export function zones(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')]
}
