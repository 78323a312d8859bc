// LISTEN on a connection of its own, which no pool may take away.

import type pg from 'pg'
import { lasting } from './postgres-lasting.ts'
import { databaseError } from './sqlstate.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

export interface Hearing {
  readonly onMessage: (payload: string) => void
  /** The connection was away: messages may have been missed. */
  readonly onGap: () => void
}

export interface PostgresListener {
  listen(channel: string, hearing: Hearing): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** Connects at the first `listen`. */
export function postgresListener(
  options: pg.ClientConfig,
  world: { readonly clock: Clock; readonly log: Log },
): PostgresListener {
  const hearings = new Map<string, Set<Hearing>>()
  const heard = (message: pg.Notification): void => {
    for (const hearing of hearings.get(message.channel) ?? []) hearing.onMessage(message.payload ?? '')
  }
  const connection = lasting(options, {
    ...world,
    setUp: async (client, again) => {
      client.on('notification', heard)
      for (const channel of hearings.keys()) await client.query(`listen ${identifier(channel)}`)
      if (again) for (const set of hearings.values()) for (const hearing of set) hearing.onGap()
    },
  })

  const forget = async (channel: string, hearing: Hearing): Promise<void> => {
    const set = hearings.get(channel)
    set?.delete(hearing)
    if (set === undefined || set.size > 0) return
    hearings.delete(channel)
    // A connection that is gone hears nothing any more either.
    await connection.with((client) => client.query(`unlisten ${identifier(channel)}`)).catch(() => {})
  }

  return {
    listen: async (channel, hearing) => {
      const set = hearings.get(channel) ?? new Set()
      hearings.set(channel, set.add(hearing))
      try {
        await connection.with((client) => client.query(`listen ${identifier(channel)}`))
      } catch (error) {
        await forget(channel, hearing)
        throw databaseError(error)
      }
      return () => forget(channel, hearing)
    },
    close: async () => {
      hearings.clear()
      await connection.close()
    },
  }
}

/** A channel as an identifier: quoted, so that both sides mean the same name. */
function identifier(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`
}
