// Triggers as they are registered, and the next time of each schedule.

import { json, type Statements, type Transaction } from './database.ts'
import type { JsonObject } from '../model/json.ts'

export interface Registration {
  readonly flow: string
  readonly trigger: string
  readonly kind: string
  /** `rhythm` is what makes it another trigger when it changes; the rest is for people and for later firings. */
  readonly spec: JsonObject & { readonly rhythm: JsonObject }
}

const registrationsMax = 1_000

/**
 * Registers the triggers of these flows; new ones and those with another rhythm begin at `nowMs`, the others go on.
 * Triggers of flows that are neither here nor in `kept` are removed.
 */
export async function registerTriggers(
  tx: Transaction,
  registered: { readonly triggers: readonly Registration[]; readonly kept: readonly string[] },
  nowMs: number,
): Promise<void> {
  const { triggers, kept } = registered
  for (let start = 0; start < triggers.length; start += registrationsMax)
    await tx.query(
      `insert into trigger_state as old (flow, trigger, kind, spec, since_ms)
       select flow, trigger, kind, spec, $2 from jsonb_to_recordset($1::jsonb)
         as t(flow text, trigger text, kind text, spec jsonb) order by flow, trigger
       on conflict (flow, trigger) do update set kind = excluded.kind, spec = excluded.spec, removed = false,
         (since_ms, next_ms, last_slot_ms) = (select case when same then old.since_ms else excluded.since_ms end,
             case when same then old.next_ms end, case when same then old.last_slot_ms end
           from (select not old.removed and old.kind = excluded.kind
                   and old.spec -> 'rhythm' = excluded.spec -> 'rhythm' as same) s)
       where old.removed or old.kind <> excluded.kind or old.spec <> excluded.spec`,
      [json(triggers.slice(start, start + registrationsMax)), nowMs],
    )
  await tx.query(
    `update trigger_state t set removed = true, next_ms = null
     where not removed and flow <> all($1) and not exists (
       select 1 from jsonb_to_recordset($2::jsonb) as n(flow text, trigger text)
       where n.flow = t.flow and n.trigger = t.trigger)`,
    [kept, json(triggers.map(({ flow, trigger }) => ({ flow, trigger })))],
  )
}

export interface ScheduleState {
  readonly flow: string
  readonly trigger: string
  readonly sinceMs: number
  /** Null: not planned yet. */
  readonly nextMs: number | null
}

const scheduleColumns = 'flow, trigger, since_ms as "sinceMs", next_ms as "nextMs"'

/** Schedules that have no next time yet: new, or with another rhythm. */
export function unplannedSchedules(statements: Statements): Promise<readonly ScheduleState[]> {
  return statements.query(
    `select ${scheduleColumns} from trigger_state where kind = 'schedule' and not removed and next_ms is null`,
  )
}

/** Schedules due before `untilMs`, the earliest first. */
export function plannedSchedules(statements: Statements, untilMs: number): Promise<readonly ScheduleState[]> {
  return statements.query(
    `select ${scheduleColumns} from trigger_state
     where next_ms is not null and next_ms < $1 and not removed order by next_ms`,
    [untilMs],
  )
}

export interface Advance {
  readonly flow: string
  readonly trigger: string
  /** What `next_ms` was read as; only then it moves. */
  readonly wasMs: number | null
  /** Null: it never comes again. */
  readonly nextMs: number | null
  /** The last slot that was admitted; null leaves what stands. */
  readonly slotMs: number | null
  readonly firedMs: number | null
}

/** Of two runners that advance one schedule, one does; gives the flows and triggers that moved. */
export async function advanceSchedules(
  statements: Statements,
  advances: readonly Advance[],
): Promise<readonly { readonly flow: string; readonly trigger: string }[]> {
  return statements.query(
    `update trigger_state t set next_ms = a."nextMs", last_slot_ms = coalesce(a."slotMs", t.last_slot_ms),
            last_fired_ms = coalesce(a."firedMs", t.last_fired_ms)
     from (select * from jsonb_to_recordset($1::jsonb) as a(flow text, trigger text, "wasMs" bigint,
             "nextMs" bigint, "slotMs" bigint, "firedMs" bigint) order by flow, trigger) a
     where t.flow = a.flow and t.trigger = a.trigger and t.next_ms is not distinct from a."wasMs" and not t.removed
     returning t.flow, t.trigger`,
    [json(advances)],
  )
}

/** When each git trigger was registered in its present form. */
export function gitTriggers(
  statements: Statements,
): Promise<readonly { readonly flow: string; readonly trigger: string; readonly sinceMs: number }[]> {
  return statements.query(
    `select flow, trigger, since_ms as "sinceMs" from trigger_state where kind = 'git' and not removed`,
  )
}

/** Remembers that triggers fired, for people. */
export async function markFired(
  statements: Statements,
  fired: readonly { readonly flow: string; readonly trigger: string }[],
  nowMs: number,
): Promise<void> {
  await statements.query(
    `update trigger_state t set last_fired_ms = $2 from jsonb_to_recordset($1::jsonb) as f(flow text, trigger text)
     where t.flow = f.flow and t.trigger = f.trigger`,
    [json(fired), nowMs],
  )
}
