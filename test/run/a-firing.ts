import type { Firing } from '../../runner/model/firing.ts'

let starts = 0

/** A start by hand, each with a slot of its own. */
export function aFiring(flow: string, more: Partial<Firing> = {}): Firing {
  const at = '2026-01-01T00:00:00.000Z'
  const event = { kind: 'manual', scheduled_at: at, fired_at: at, started_by: 'local:ana' } as const
  const slot = `manual:${++starts}`
  return {
    flow,
    trigger: 'manual',
    kind: 'manual',
    slot,
    event,
    inputs: {},
    startedBy: 'local:ana',
    overlap: 'allow',
    ...more,
  }
}
