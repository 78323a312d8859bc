// A lock between processes on one folder, which the kernel releases when its holder dies.

import { DatabaseSync } from 'node:sqlite'
import { Failure } from '../model/error.ts'
import type { Clock } from '../world/clock.ts'

const retryMs = 50
const sqliteBusy = 5

/** Runs `work` while no other process holds `file`; waits at most `waitMs`. Throws `Failure('unavailable')`. */
export async function whileLocked<Result>(
  lock: { readonly file: string; readonly waitMs: number; readonly clock: Clock },
  work: () => Promise<Result>,
): Promise<Result> {
  const giveUpMs = lock.clock.monotonic() + lock.waitMs
  const held = await acquire(lock.file, lock.clock, giveUpMs)
  try {
    return await work()
  } finally {
    held.close()
  }
}

async function acquire(file: string, clock: Clock, giveUpMs: number): Promise<DatabaseSync> {
  for (;;) {
    const database = new DatabaseSync(file, { timeout: 0 })
    try {
      database.exec('pragma journal_mode = memory; begin exclusive')
      return database
    } catch (thrown) {
      database.close()
      if (!(thrown instanceof Error && 'errcode' in thrown && thrown.errcode === sqliteBusy)) throw thrown
    }
    if (clock.monotonic() >= giveUpMs)
      throw new Failure('unavailable', 'another process is using the mirror of the repository', {
        remedy: 'Give each runner its own data folder (WATCHBILL_DATA).',
      })
    await clock.sleep(retryMs)
  }
}
