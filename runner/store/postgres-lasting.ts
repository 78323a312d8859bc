// One connection to PostgreSQL that is meant to last: it comes back by itself when it was lost.

import pg from 'pg'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

export interface Lasting {
  /** Waits for a live connection, then runs on it. Rejects when the connection fails meanwhile. */
  with<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result>
  /** Milliseconds since it came back; null when it never was away, 0 while it is. */
  backForMs(): number | null
  close(): Promise<void>
}

export interface LastingOptions {
  readonly clock: Clock
  readonly log: Log
  /** Sets up a new connection; `again` when one before it was lost. A failure counts as a lost connection. */
  setUp(client: pg.Client, again: boolean): Promise<void>
}

// Others take this process for dead while its locks are gone, so it comes back soon.
const backoffMsMin = 20
const backoffMsMax = 2_000
const checkMs = 10_000
const checkAnswerMs = 5_000

/**
 * Connects at the first `with`; from then on reconnects with growing pauses. An idle connection is asked every
 * ten seconds, because a silent network says nothing about itself.
 */
export function lasting(client: pg.ClientConfig, options: LastingOptions): Lasting {
  const end = new AbortController()
  let current: Promise<pg.Client> | null = null
  let before = false
  /** Monotonic time since when it is there again. */
  let back: number | 'away' | null = null

  const keep = (): Promise<pg.Client> => (current ??= open())

  const open = async (): Promise<pg.Client> => {
    try {
      const one = await connect(client, (fresh) => options.setUp(fresh, before))
      if (before) back = options.clock.monotonic()
      before = true
      const stopChecks = check(one, options.clock)
      one.once('end', () => {
        stopChecks()
        current = null
        back = 'away'
        if (!end.signal.aborted) void comeBack()
      })
      return one
    } catch (error) {
      current = null
      throw error
    }
  }

  const comeBack = async (): Promise<void> => {
    options.log.warn(
      { connection: client.application_name },
      'a database connection was lost; connecting again',
    )
    for (let pauseMs = backoffMsMin; ; pauseMs = Math.min(pauseMs * 2, backoffMsMax)) {
      await options.clock.sleep(pauseMs, end.signal)
      if (end.signal.aborted) return
      try {
        await keep()
        return
      } catch {
        // Said once already; the next attempt follows.
      }
    }
  }

  return {
    with: async (work) => {
      if (end.signal.aborted) throw new Error('the database is closed')
      return work(await keep())
    },
    backForMs: () => (typeof back === 'number' ? options.clock.monotonic() - back : back === null ? null : 0),
    close: async () => {
      end.abort()
      const one = await current?.catch(() => null)
      await one?.end().catch(() => {})
    },
  }
}

async function connect(
  options: pg.ClientConfig,
  setUp: (client: pg.Client) => Promise<void>,
): Promise<pg.Client> {
  const one = new pg.Client(options)
  // Before anything else, because an unheard error ends the process. `end` follows.
  one.on('error', () => {})
  try {
    await one.connect()
    await refuseStandby(one)
    await setUp(one)
    return one
  } catch (error) {
    await one.end().catch(() => {})
    throw error
  }
}

/** A lock on a standby is seen by nobody, and nothing is heard there. After a failover the address leads on. */
async function refuseStandby(one: pg.Client): Promise<void> {
  const question = { text: 'select pg_is_in_recovery() as standby', query_timeout: checkAnswerMs }
  const answer = await one.query<{ standby: boolean }>(question)
  if (answer.rows[0]?.standby === true) throw new Error('the server is a standby')
}

/** Asks an idle connection now and then; one that does not answer, or leads to a standby, is ended. */
function check(one: pg.Client, clock: Clock): () => void {
  let cancel = (): void => {}
  const ask = async (): Promise<void> => {
    try {
      await refuseStandby(one)
      next()
    } catch {
      await one.end().catch(() => {})
    }
  }
  const next = (): void => {
    cancel = clock.after(checkMs, () => void ask())
  }
  next()
  return () => cancel()
}
