// The emergency stop as this process knows it: read from the store, so that it works without GitHub and Git.

import type { Database } from '../store/database.ts'
import { readMeta } from '../store/meta.ts'

export interface StopSwitch {
  stopped(): boolean
  /** This process is ending: nothing is taken any more. */
  draining(): boolean
  drain(): void
  /** Reads it again; others may have thrown it. True when it changed. */
  read(): Promise<boolean>
}

export async function createStop(database: Database): Promise<StopSwitch> {
  let stopped = (await readMeta(database, 'stop')) !== null
  let draining = false
  return {
    stopped: () => stopped,
    draining: () => draining,
    drain: () => {
      draining = true
    },
    read: async () => {
      const before = stopped
      stopped = (await readMeta(database, 'stop')) !== null
      return stopped !== before
    },
  }
}
