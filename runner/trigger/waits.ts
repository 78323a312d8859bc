// The steps of a flow that wait for an event, wherever they stand.

import type { EventWait, Flow, GitTrigger, Step, WebhookTrigger } from '../model/flow.ts'
import { stepAt } from '../model/flow.ts'

/** The webhook that the step of this path waits for; null when it waits for none. */
export function webhookAt(flow: Flow, path: string): WebhookTrigger | null {
  const wait = eventOf(stepAt(flow, path))
  return wait?.event.kind === 'webhook' ? wait.event : null
}

/** The commits that steps wait for, one trigger each; its id is the path of the step. */
export function gitWaits(flow: Flow): readonly GitTrigger[] {
  return stepsOf(flow.steps.concat(flow.onFailure.steps)).flatMap((step) => {
    const event = eventOf(step)?.event
    return event?.kind === 'git' ? [event] : []
  })
}

function eventOf(step: Step | null): EventWait | null {
  return step?.work.is === 'wait' && 'event' in step.work.wait ? step.work.wait : null
}

function stepsOf(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => (step.work.is === 'group' ? [step, ...stepsOf(step.work.steps)] : [step]))
}
