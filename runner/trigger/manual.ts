// A start by hand: inputs checked against the flow, the event made.

import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { Stop } from '../model/error.ts'
import type { Event } from '../model/event.ts'
import type { Firing } from '../model/firing.ts'
import type { Flow } from '../model/flow.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { storable } from '../model/storable.ts'

export interface ManualStart {
  readonly inputs: Readonly<Record<string, Json>>
  /** An event file, for flows that read `event`. */
  readonly event: JsonObject | null
  readonly by: string
  /** Makes this start unique; the same one twice is one run. */
  readonly id: string
  readonly nowMs: number
}

const startBytesMax = 262_144

/** Throws `Stop` naming the input that does not fit. */
export function manualFiring(flow: Flow, start: ManualStart): Firing {
  const fault = storable({ inputs: start.inputs, event: start.event }, startBytesMax)
  if (fault !== null) throw new Stop(1, `the inputs cannot be taken: ${fault}`, 'give less, or plain text')
  const at = new Date(start.nowMs).toISOString()
  const event: Event = {
    ...start.event,
    kind: 'manual',
    scheduled_at: at,
    fired_at: at,
    started_by: start.by,
  }
  return {
    flow: flow.name,
    trigger: 'manual',
    kind: 'manual',
    slot: `manual:${start.id}`,
    event,
    inputs: checkInputs(flow, start.inputs),
    startedBy: start.by,
    overlap: 'allow',
  }
}

function checkInputs(flow: Flow, given: Readonly<Record<string, Json>>): JsonObject {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(flow.inputs, name))
  const known = Object.keys(flow.inputs).join(', ') || 'none'
  if (unknown !== undefined)
    throw new Stop(1, `${flow.name} has no input ${unknown}`, `its inputs are: ${known}`)
  // Text from a command line becomes what the schema asks for: "3" a number, "true" a boolean.
  const ajv = new Ajv({ useDefaults: true, coerceTypes: true, strict: false })
  addFormats.default(ajv)
  const required = Object.entries(flow.inputs).flatMap(([name, schema]) =>
    'default' in schema ? [] : [name],
  )
  const validate = ajv.compile({ type: 'object', properties: flow.inputs, required })
  const inputs = structuredClone(given) as Record<string, Json>
  if (validate(inputs)) return inputs
  const error = validate.errors?.[0]
  const name = error?.instancePath.slice(1).replaceAll('/', '.') ?? ''
  throw new Stop(
    1,
    `input ${name} ${error?.message ?? 'does not fit'}`.replace('  ', ' '),
    `run \`watchbill run ${flow.name} --input name=value\``,
  )
}
