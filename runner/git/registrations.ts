// Triggers as the store keeps them: what makes them fire apart from what else they say.

import type { Flow, Trigger } from '../model/flow.ts'
import { impossible } from '../model/impossible.ts'
import type { Registration } from '../store/triggers.ts'

export function registrationsOf(flow: Flow): readonly Registration[] {
  return flow.triggers.map((trigger) => ({
    flow: flow.name,
    trigger: trigger.id,
    kind: trigger.kind,
    spec: specOf(trigger),
  }))
}

/** A change of `rhythm` begins anew: what passed before the change was not missed. */
function specOf(trigger: Trigger): Registration['spec'] {
  switch (trigger.kind) {
    case 'schedule': {
      const { rhythm, timezone, missed, overlap } = trigger
      const every = 'cron' in rhythm ? { cron: rhythm.cron } : { every_ms: rhythm.everyMs }
      return {
        rhythm: { ...every, timezone },
        missed: { run: missed.run, within_ms: missed.withinMs, max: missed.max },
        overlap,
      }
    }
    case 'webhook':
      return { rhythm: {}, auth: trigger.auth, secret: trigger.secret }
    case 'git':
      return { rhythm: { paths: trigger.paths } }
    default:
      return impossible(trigger)
  }
}
