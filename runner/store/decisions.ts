// Decisions as rows that never change. What is learned later stands in event rows that point to them.
// Listings for people are in view-decisions.ts.

import { type Database, json, type Statements, type Transaction } from './database.ts'
import type { Answer, Route } from '../model/decision.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { PicoUsd } from '../model/money.ts'

export interface NewDecision {
  readonly id: string
  readonly run: string
  readonly flow: string
  readonly step: string
  readonly element: number | null
  readonly round: number
  readonly version: string
  readonly atMs: number
  readonly route: Route
  /** The model that answered, or was asked last; null: none was. */
  readonly model: string | null
  /** Null: people must choose, or it failed. */
  readonly answer: Pick<Answer, 'choice' | 'reason' | 'priority' | 'risk' | 'parameters'> | null
  readonly costPicoUsd: PicoUsd
  readonly record: JsonObject
  /** Texts sent and received, by their SHA-256: an event row, so that retention can drop them. Null: none. */
  readonly bodies: JsonObject | null
}

/** The row and its bodies, or nothing. */
export function insertDecision(database: Database, one: NewDecision): Promise<void> {
  const { answer } = one
  return database.transaction(async (tx) => {
    await tx.query(
      `insert into decision (id, run, flow, step, element, round, version, at_ms, route, model, choice, reason,
         priority, risk, parameters, cost_pico, record)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::jsonb, $16, $17::jsonb)`,
      [
        one.id,
        one.run,
        one.flow,
        one.step,
        one.element,
        one.round,
        one.version,
        one.atMs,
        one.route,
        one.model,
        answer?.choice ?? null,
        answer?.reason ?? null,
        answer?.priority ?? null,
        answer?.risk ?? null,
        answer === null ? null : json(answer.parameters),
        `${one.costPicoUsd}`,
        json(one.record),
      ],
    )
    if (one.bodies !== null)
      await noteDecisionEvent(tx, { decision: one.id, atMs: one.atMs, kind: 'bodies', body: one.bodies })
  })
}

export interface DecisionEvent {
  readonly decision: string
  readonly atMs: number
  /** `bodies`, `approval`, `execution`, `evaluation`, `override`, `outcome` … */
  readonly kind: string
  readonly body: JsonObject
}

/** Adds to what is known of a decision; nothing that was written is changed. */
export async function noteDecisionEvent(
  statements: Statements | Transaction,
  event: DecisionEvent,
): Promise<void> {
  await statements.query(
    'insert into decision_event (decision, at_ms, kind, body) values ($1, $2, $3, $4::jsonb)',
    [event.decision, event.atMs, event.kind, json(event.body)],
  )
}

/** The whole record of a decision and everything noted since, oldest first; null: there is no such decision. */
export async function readDecision(
  statements: Statements,
  id: string,
): Promise<{ readonly record: Json; readonly events: readonly Omit<DecisionEvent, 'decision'>[] } | null> {
  const rows = await statements.query<{ record: Json }>('select record from decision where id = $1', [id])
  const row = rows[0]
  if (row === undefined) return null
  const events = await statements.query<Omit<DecisionEvent, 'decision'>>(
    'select at_ms as "atMs", kind, body from decision_event where decision = $1 order by seq',
    [id],
  )
  return { record: row.record, events }
}
