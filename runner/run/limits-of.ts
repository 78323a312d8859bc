// The limits that a firing counts against: of the flow, by key, and of its trigger.

import { digestOf } from '../model/digest.ts'
import type { Firing } from '../model/firing.ts'
import type { Expression, Flow, Scope, WhenFull, WhileWaiting } from '../model/flow.ts'
import type { Json } from '../model/json.ts'
import type { Birth } from '../store/admission.ts'
import type { LimitRow } from '../store/limits.ts'

export interface Limit extends LimitRow {
  readonly whenFull: WhenFull
}

type Born = Pick<Birth, 'id' | 'trigger' | 'event' | 'inputs' | 'nowMs'>

const whenOverlapping = { skip: 'drop', queue: 'queue', replace: 'replace' } as const

/** Throws `Failure('invalid')` when a key cannot be evaluated. */
export function limitsOf(flow: Flow, firing: Pick<Firing, 'trigger' | 'overlap'>, birth: Born): Limit[] {
  const { concurrency, rate } = flow.limits
  const limits: Limit[] = []
  const of = (kind: string, key: Expression | null): string =>
    `${kind}:${flow.name}:${key === null ? '' : keyText(key.evaluate(birthScope(flow, birth)))}`
  if (concurrency !== null) {
    const { max, whenFull, whileWaiting } = concurrency
    limits.push({ key: of('flow', concurrency.key), max, perMs: null, whenFull, whileWaiting })
  }
  if (rate !== null) {
    const { max, perMs, whenFull } = rate
    limits.push({ key: of('rate', rate.key), max, perMs, whenFull, whileWaiting: 'hold' })
  }
  if (firing.overlap !== 'allow') {
    const whenFull = whenOverlapping[firing.overlap]
    const whileWaiting = whileWaitingOf(flow, firing.trigger)
    limits.push({
      key: `trigger:${flow.name}:${firing.trigger}`,
      max: 1,
      perMs: null,
      whenFull,
      whileWaiting,
    })
  }
  return limits
}

function whileWaitingOf(flow: Flow, id: string): WhileWaiting {
  const trigger = flow.triggers.find((one) => one.id === id)
  return trigger?.kind === 'schedule' ? trigger.whileWaiting : 'hold'
}

/** So that a key fits into an index, whatever it is made of. */
const keyCharactersMax = 200

function keyText(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= keyCharactersMax ? text : `sha256:${digestOf(text)}`
}

function birthScope(flow: Flow, birth: Born): Scope {
  const at = new Date(birth.nowMs).toISOString()
  const run = { id: birth.id, trigger: birth.trigger, started_at: at, scheduled_at: at }
  return { event: birth.event, inputs: birth.inputs, steps: {}, run, flow: flow.name, policy: {} }
}
