// Whether a schedule can ever fire, and whether it says what its author meant.

import { Cron } from 'croner'
import type { Finding } from './source.ts'
import { isZone, zones } from './calendar.ts'
import { remembering } from './remember.ts'
import { closest } from './suggest.ts'

/** croner 11.0.1 takes much without a word; each trap it leaves open is closed here. Null: the schedule is fine. */
export function cronFinding(pattern: string, timezone: string): Finding | null {
  return found.of(`${timezone} ${pattern}`, () => findIn(pattern, timezone))
}

const found = remembering<Finding | null>(10_000)

function findIn(pattern: string, timezone: string): Finding | null {
  const fields = pattern.trim().split(/\s+/)
  if (fields.length !== 5) return wrongCount(pattern, fields.length)
  const [, , day = '', , weekday = ''] = fields
  if (/^\*\/|,\*\//.test(day) && !/^[*?]$/.test(weekday))
    return finding(
      'a step in the day of the month together with a weekday means "or" here and "and" elsewhere',
      'list the days, like 1,8,15, or use two triggers',
    )
  try {
    const next = new Cron(pattern.trim(), {
      mode: '5-part',
      sloppyRanges: false,
      domAndDow: false,
      fixedTimeRule: 'no-wildcard',
      timezone,
      paused: true,
    }).nextRun(start)
    if (next !== null) return null
    return finding(`${pattern} never comes`, 'that day does not exist in those months')
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message.replace(/^CronPattern: /, '') : 'it cannot be read'
    return finding(
      `the cron is not valid: ${said}`,
      'minute 0-59, hour 0-23, day 1-31 or L, month 1-12 or JAN-DEC, weekday 0-6 or SUN-SAT',
    )
  }
}

/** Any day would do: it only has to be the same for everyone. A pattern that comes at all comes within 8 years of it. */
const start = new Date(Date.UTC(2026, 0, 1))

function finding(message: string, hint: string): Finding {
  return { code: 'cron', message, hint }
}

const nicknames: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

function wrongCount(pattern: string, count: number): Finding {
  const plain = nicknames[pattern.trim().toLowerCase()]
  if (plain !== undefined) return finding(`${pattern.trim()} is not one of the five fields`, `write ${plain}`)
  if (/^\d{4}-\d{2}-\d{2}/.test(pattern.trim()))
    return finding('a date is not a cron', 'write minute hour day month *')
  const hint =
    count === 6
      ? 'there is no field for seconds: remove the first'
      : 'write minute, hour, day of month, month, weekday'
  return finding(`a cron has five fields, not ${count}`, hint)
}

export function zoneFinding(zone: string): Finding | null {
  if (isZone(zone)) return null
  const near = closest(zone, zones())
  const hint = near === null ? 'use a name like Asia/Seoul or UTC' : `did you mean ${near}?`
  return finding(`${zone} is not a time zone`, hint)
}
