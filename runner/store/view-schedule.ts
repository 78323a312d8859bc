// What comes next and what should have come: schedules by their next time.

import type { Database } from './database.ts'

export interface Upcoming {
  readonly flow: string
  readonly trigger: string
  readonly nextMs: number
}

const rangeSql = `
select t.flow, t.trigger, t.next_ms as "nextMs"
from trigger_state t join flow_head h on h.name = t.flow and h.state <> 'removed'
where t.next_ms >= $1 and t.next_ms < $2 and not t.removed and not h.suspended
order by t.next_ms limit $3`

/** Schedules of flows in force whose next time lies in the range, the earliest first. */
export function listUpcoming(
  database: Database,
  range: { readonly fromMs: number; readonly untilMs: number; readonly limit: number },
): Promise<readonly Upcoming[]> {
  return database.query<Upcoming>(rangeSql, [range.fromMs, range.untilMs, range.limit])
}
