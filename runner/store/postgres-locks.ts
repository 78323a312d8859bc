// Session advisory locks on a connection of their own: the server drops them when this process dies.

import type pg from 'pg'
import { lasting } from './postgres-lasting.ts'
import { databaseError } from './sqlstate.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

export interface PostgresLocks {
  /** Null when another session, or this process, has it. */
  hold(key: bigint): Promise<{ release(): Promise<void> } | null>
  /** Whether the server was away until a moment ago: others may not have taken their locks again yet. */
  settling(): boolean
  close(): Promise<void>
}

/** Longer than the pauses between two attempts to connect. */
const settleMs = 4_000
const againMs = 1_000

/**
 * A lost connection loses the locks, and others may act on that. When it comes back, the locks are taken again; one
 * that another session still has, mostly our old one, as soon as it is free.
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
        world.log.warn({ key: String(key) }, 'another session has our lock; it is taken when it is free')
        again(key, client)
      }
    },
  })

  /** On this connection only: the next one takes every lock itself. */
  function again(key: bigint, client: pg.Client): void {
    world.clock.after(againMs, () => {
      if (!locks.has(key)) return
      take(client, key).then(
        (taken) => (taken ? undefined : again(key, client)),
        () => {},
      )
    })
  }

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
    settling: () => (connection.backForMs() ?? settleMs) < settleMs,
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
