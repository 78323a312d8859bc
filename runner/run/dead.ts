// Which of the other runners are dead, as far as anybody can know.

import type { Engine } from './engine.ts'
import { listRunners } from '../store/runners.ts'

/** A lost lock of a runner whose lease still runs may come back: its connection was cut, not its life. */
const confirmMs = 300

/** Ids of the dead; nobody when the store was away until a moment ago, because then the living look dead too. */
export async function deadRunners(engine: Engine): Promise<string[]> {
  const others = (await listRunners(engine.database)).filter((runner) => runner.id !== engine.owner)
  // The folder lock of the embedded store proves that every other owner is dead.
  if (engine.database.kind === 'pglite') return others.map((runner) => runner.id)
  const missing = await withoutLife(engine)
  if (missing.every((runner) => runner.leaseOver)) return missing.map(({ id }) => id)
  await engine.clock.sleep(confirmMs)
  const still = new Set((await withoutLife(engine)).map(({ id }) => id))
  return missing.flatMap(({ id }) => (still.has(id) ? id : []))
}

/** Runners without a lease or without their lock. */
async function withoutLife(engine: Engine): Promise<{ readonly id: string; readonly leaseOver: boolean }[]> {
  const runners = await listRunners(engine.database)
  // After the runners: who registers meanwhile has its lock already.
  const locks = await engine.database.heldLocks()
  if (locks === null) return []
  const nowMs = engine.clock.now()
  return runners.flatMap(({ id, leaseMs, lockKey }) => {
    if (id === engine.owner) return []
    const leaseOver = leaseMs <= nowMs
    return leaseOver || !locks.has(BigInt(lockKey)) ? { id, leaseOver } : []
  })
}
