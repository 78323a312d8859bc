// The triggers of the head, started together: schedules, commits, webhooks.

import type { Assembled, AssembleOptions } from './assemble.ts'
import { fireGitTriggers } from './trigger/git.ts'
import { createScheduler } from './trigger/schedule.ts'

export interface Triggers {
  /** Of the hooks. */
  readonly port: number
  /** After each look at the branch: fires for commits that came into force. */
  looked(): Promise<void>
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
  const parts = {
    database,
    clock,
    log,
    head: () => engine.head(),
    admit: control.admit,
    stopped: () => engine.stopped(),
    fired: (firing: Parameters<typeof engine.metrics.fired>[0]) => engine.metrics.fired(firing),
  }
  const scheduler = createScheduler(parts)
  scheduler.start()
  return { port: 0, looked: () => fireGitTriggers(parts), stop: () => scheduler.stop() }
}
