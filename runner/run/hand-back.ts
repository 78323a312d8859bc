// Handing back runs that this process holds and does not go on with: whoever is free takes them.

import type { Engine } from './engine.ts'
import { handBack } from '../store/runs.ts'

export async function handBackRuns(
  engine: Engine,
  runs: readonly { readonly id: string; readonly epoch: number }[],
): Promise<void> {
  await engine.database.transaction(async (tx) => {
    const freed = await handBack(tx, runs)
    if (freed.length > 0) await engine.queue.call(tx, 'ready')
  })
}
