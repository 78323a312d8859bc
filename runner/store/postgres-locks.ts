// Session advisory locks on a connection of their own: the server drops them when this process dies.

import type pg from 'pg'
import { lasting } from './postgres-lasting.ts'
import { databaseError } from './sqlstate.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

export interface PostgresLocks {
  /** Null when another session, or this process, has it. */
  hold(key: bigint): Promise<{ release(): Promise<void> } | null>
  close(): Promise<void>
}

/**
 * A lost connection loses the locks, and others may act on that. When it comes back, the locks are taken
 * again where nobody else has them.
 */
export function postgresLocks(
  options: pg.ClientConfig,
  world: { readonly clock: Clock; readonly log: Log },
): PostgresLocks {
  // `asking`: not to be taken by a connection that comes up meanwhile, or the session would hold it twice.
  const locks = new Map<bigint, 'asking' | 'held'>()
  const connection = lasting(options, {
    ...world,
    setUp: async (client) => {
      for (const [key, state] of locks) {
        if (state === 'asking' || (await take(client, key))) continue
        world.log.warn({ key: String(key) }, 'another process took our lock')
      }
    },
  })
  return {
    hold: async (key) => {
      if (locks.has(key)) return null
      locks.set(key, 'asking')
      let taken = false
      try {
        taken = await connection.with((client) => take(client, key))
      } catch (error) {
        throw databaseError(error)
      } finally {
        if (taken) locks.set(key, 'held')
        else locks.delete(key)
      }
      return taken ? { release: () => release(key) } : null
    },
    close: () => connection.close(),
  }

  async function release(key: bigint): Promise<void> {
    if (!locks.delete(key)) return
    // On a lost connection there is nothing left to release.
    await connection
      .with((client) => client.query('select pg_advisory_unlock($1)', [String(key)]))
      .catch(() => {})
  }
}

async function take(client: pg.Client, key: bigint): Promise<boolean> {
  const answer = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
    String(key),
  ])
  return answer.rows[0]?.taken === true
}
