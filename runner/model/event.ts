// What a trigger hands to its run: `event` in expressions, by kind of trigger.

import type { JsonObject, JsonSchema } from './json.ts'

/** `call`: a step of another flow started it. */
export type TriggerKind = 'schedule' | 'webhook' | 'git' | 'manual' | 'call'

/** Every event has these: nominal and actual time, RFC 3339. */
export interface Event extends JsonObject {
  readonly kind: TriggerKind
  readonly scheduled_at: string
  readonly fired_at: string
}

const times = {
  scheduled_at: { type: 'string', format: 'date-time' },
  fired_at: { type: 'string', format: 'date-time' },
} as const

function eventSchema(kind: TriggerKind, properties: JsonSchema, required: readonly string[]): JsonSchema {
  return {
    type: 'object',
    properties: { kind: { const: kind, type: 'string' }, ...times, ...properties },
    required: ['kind', 'scheduled_at', 'fired_at', ...required],
  }
}

/** The schema of `event` for each kind of trigger; a webhook flow may narrow `event.webhook.body` itself. */
export const eventSchemas: Readonly<Record<TriggerKind, JsonSchema>> = {
  schedule: eventSchema('schedule', {}, []),
  manual: eventSchema('manual', { started_by: { type: 'string' } }, ['started_by']),
  call: eventSchema(
    'call',
    {
      called_by: {
        type: 'object',
        properties: {
          flow: { type: 'string' },
          run: { type: 'string' },
          step: { type: 'string' },
          untrusted: { type: 'array', items: { type: 'string' } },
        },
        required: ['flow', 'run', 'step', 'untrusted'],
      },
    },
    ['called_by'],
  ),
  webhook: eventSchema(
    'webhook',
    {
      webhook: {
        type: 'object',
        properties: {
          body: {},
          headers: { type: 'object', additionalProperties: { type: 'string' } },
          id: { type: 'string' },
        },
        required: ['body', 'headers', 'id'],
      },
    },
    ['webhook'],
  ),
  git: eventSchema(
    'git',
    {
      git: {
        type: 'object',
        properties: {
          commit: { type: 'string' },
          previous: { type: 'string' },
          branch: { type: 'string' },
          message: { type: 'string' },
          author: { type: 'string' },
          files: { type: 'array', items: { type: 'string' } },
        },
        required: ['commit', 'previous', 'branch', 'message', 'author', 'files'],
      },
    },
    ['git'],
  ),
}

/** Inputs of a called run that hold what came from outside: its flow is read with that label on them. */
export function untrustedInputs(event: JsonObject): readonly string[] {
  const by = event['kind'] === 'call' ? event['called_by'] : null
  const names = typeof by === 'object' && by !== null && 'untrusted' in by ? by['untrusted'] : null
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
}
