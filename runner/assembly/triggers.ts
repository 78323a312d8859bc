// The triggers of the head, started together: schedules, commits, webhooks.

import type { Assembled, AssembleOptions } from './assemble.ts'
import { fireGitTriggers } from '../trigger/git.ts'
import { createHear } from '../trigger/hear.ts'
import { createScheduler } from '../trigger/schedule.ts'
import { createHookServer } from '../trigger/webhook.ts'

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

export async function startTriggers({ assembled, options, hookKey }: TriggerParts): Promise<Triggers> {
  const { database, queue, engine, control, surroundings, duties } = assembled
  const { clock, random, log, settings } = options
  const parts = {
    database,
    clock,
    random,
    log,
    head: () => engine.head(),
    admit: control.admit,
    hear: createHear({ database, queue }),
    stopped: () => engine.stopped(),
    fired: (firing: Parameters<typeof engine.metrics.fired>[0]) => engine.metrics.fired(firing),
  }
  const secret = (name: string): string | null => surroundings.secrets.value(name)
  const hooks = createHookServer({ ...parts, ...settings.hooks, hookKey: () => hookKey, secret })
  const { port } = await hooks.listen()
  const scheduler = createScheduler({ ...parts, onDuty: () => duties.holds('schedule') })
  scheduler.start()
  return {
    port,
    looked: () => fireGitTriggers(parts),
    stop: async () => {
      await hooks.close()
      await scheduler.stop()
    },
  }
}
