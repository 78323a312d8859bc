// Steps that wait for an event, and events as a webhook would bring them.

import type { RunnerUnderTest } from './a-runner.ts'
import { place } from './flow-of.ts'
import type { EventWait, Expression, WaitWork, WebhookTrigger } from '../../runner/model/flow.ts'
import type { HeardEvent } from '../../runner/store/heard.ts'
import { createHear } from '../../runner/trigger/hear.ts'

export function webhookAt(path: string, more: Partial<WebhookTrigger> = {}): WebhookTrigger {
  return { id: path, place, kind: 'webhook', secret: null, auth: 'bearer', slot: null, body: null, ...more }
}

export function waitFor(
  path: string,
  more: { readonly match?: Expression; readonly forMs?: number; readonly event?: EventWait['event'] } = {},
): WaitWork {
  const { match = null, forMs = 60_000, event = webhookAt(path) } = more
  return { is: 'wait', wait: { event, match, forMs } }
}

let events = 0

/** Delivers what came for a step of `test-flow`; another slot each time unless said. */
export function deliver(
  runner: RunnerUnderTest,
  step: string,
  more: Partial<HeardEvent> = {},
): Promise<'heard' | 'duplicate'> {
  const { database, queue, clock } = runner.engine
  const slot = `webhook:test-flow:${step}:${++events}`
  const heard: HeardEvent = {
    flow: 'test-flow',
    step,
    slot,
    atMs: clock.now(),
    event: { n: events },
    ...more,
  }
  return createHear({ database, queue })(heard)
}
