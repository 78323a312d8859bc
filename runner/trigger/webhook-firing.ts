// From a delivery that proved itself to a firing: its event, and the slot that makes a repetition the same run.

import type { IncomingHttpHeaders } from 'node:http'
import { sha256 } from '../model/digest.ts'
import { Failure } from '../model/error.ts'
import type { Event } from '../model/event.ts'
import type { Firing } from '../model/firing.ts'
import type { Flow, WebhookTrigger } from '../model/flow.ts'
import { newId } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Random } from '../world/random.ts'
import type { Proof } from './webhook-proof.ts'

export interface Delivered {
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
  readonly value: Json
  readonly proof: Proof
  readonly nowMs: number
  readonly random: Random
}

/** Throws `Failure('invalid')` when the flow's `id` gives nothing usable for this event. */
export function webhookFiring(
  { flow, trigger }: { readonly flow: Flow; readonly trigger: WebhookTrigger },
  delivered: Delivered,
): Firing {
  const at = new Date(delivered.nowMs).toISOString()
  const eventWith = (id: string): Event => ({
    kind: 'webhook',
    scheduled_at: at,
    fired_at: at,
    webhook: { body: delivered.value, headers: shownHeaders(delivered.headers), id },
  })
  const given = ownId(delivered)
  const id = trigger.slot === null ? given : slotId(trigger.slot, flow, eventWith(given))
  return {
    flow: flow.name,
    trigger: trigger.id,
    kind: 'webhook',
    slot: `webhook:${flow.name}:${trigger.id}:${id}`,
    event: eventWith(id),
    inputs: {},
    startedBy: `trigger:${trigger.id}`,
    overlap: 'allow',
  }
}

/**
 * What the delivery itself says of its identity: the signed time and the body; with a bearer token, which signs
 * nothing, the header `idempotency-key`; without one every delivery is another.
 */
function ownId({ headers, body, proof, nowMs, random }: Delivered): string {
  if (proof.is === 'hmac') return `${proof.signedSeconds}-${sha256(body)}`
  const key = headers['idempotency-key']
  if (typeof key === 'string' && key.trim() !== '') return short(key.trim())
  return newId(nowMs, random.bytes(10))
}

function slotId(slot: NonNullable<WebhookTrigger['slot']>, flow: Flow, event: Event): string {
  const value = slot.evaluate({ event, inputs: {}, steps: {}, run: {}, flow: flow.name, policy: {} })
  if ((typeof value === 'string' && value !== '') || typeof value === 'number') return short(String(value))
  throw new Failure('invalid', `${slot.source} gives no text for this body`, {
    remedy: 'Send the field that identifies the event.',
  })
}

const idCharactersMax = 200

/** Long identifiers go by their hash: the key of a slot is kept for ever. */
function short(id: string): string {
  return id.length <= idCharactersMax ? id : sha256(id)
}

/** What proves or only concerns the transport stays outside. */
const hidden: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-watchbill-signature',
  'connection',
  'content-length',
  'transfer-encoding',
  'host',
])
const headersMax = 50
const headerCharactersMax = 1_000

function shownHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const shown = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || hidden.has(name)
      ? []
      : [[name, String(value).slice(0, headerCharactersMax)] as const],
  )
  return Object.fromEntries(shown.slice(0, headersMax))
}
