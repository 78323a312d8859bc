// One connection to PostgreSQL that is meant to last: it comes back by itself when it was lost.

import pg from 'pg'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

export interface Lasting {
  /** Waits for a live connection, then runs on it. Rejects when the connection fails meanwhile. */
  with<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

export interface LastingOptions {
  readonly clock: Clock
  readonly log: Log
  /** Sets up a new connection; `again` when one before it was lost. A failure counts as a lost connection. */
  setUp(client: pg.Client, again: boolean): Promise<void>
}

const backoffMsMin = 200
const backoffMsMax = 10_000
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

  const keep = (): Promise<pg.Client> => (current ??= open())

  const open = async (): Promise<pg.Client> => {
    try {
      const one = await connect(client, (fresh) => options.setUp(fresh, before))
      before = true
      const stopChecks = check(one, options.clock)
      one.once('end', () => {
        stopChecks()
        current = null
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
    await setUp(one)
    return one
  } catch (error) {
    await one.end().catch(() => {})
    throw error
  }
}

/** Asks an idle connection now and then; one that does not answer is ended. */
function check(one: pg.Client, clock: Clock): () => void {
  let cancel = (): void => {}
  const ask = async (): Promise<void> => {
    try {
      const question = { text: 'select 1', query_timeout: checkAnswerMs }
      await one.query(question)
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
