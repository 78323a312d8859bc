// A newer program may upgrade the store while this one runs: what it can live with is said, else it has to end.

import { loop, type Loop } from './loop.ts'
import type { Database } from '../store/database.ts'
import { type Schema, schemaNow } from '../store/migrate.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

export interface SchemaWatch extends Pick<Loop, 'stop'> {
  /** Resolves with the name of the migration that this program cannot live with; most never do. */
  readonly outdated: Promise<string>
}

export interface SchemaWatchParts {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  /** As it was at the start. */
  readonly schema: Schema
}

const lookMs = 2_000
const nothingMoreMs = 3_600_000

export function watchSchema({ database, clock, log, schema }: SchemaWatchParts): SchemaWatch {
  const outdated = Promise.withResolvers<string>()
  let told = schema.beyond.length
  const looking = loop({
    name: 'schema',
    clock,
    log,
    failedMs: lookMs,
    turn: async () => {
      const { beyond, foreign } = await schemaNow(database, schema.known)
      if (beyond.length > told) {
        told = beyond.length
        tell(log, beyond, foreign)
      }
      if (foreign === null) return lookMs
      outdated.resolve(foreign)
      return nothingMoreMs
    },
  })
  return { outdated: outdated.promise, stop: () => looking.stop() }
}

/** Also at the start, on a store that a newer program upgraded before. */
export function tell(log: Log, beyond: readonly string[], foreign: string | null): void {
  const words =
    foreign === null
      ? 'the database was upgraded by a newer version; this one can go on with it'
      : 'the database was upgraded by a newer version; this one ends'
  log.warn({ migrations: beyond }, words)
}
