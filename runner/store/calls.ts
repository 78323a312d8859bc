// Calls over the database's own NOTIFY: sent in a transaction, they arrive when it commits, in every process.

import type { Database, Transaction } from './database.ts'
import type { Call, Queue } from './queue.ts'
import type { Log } from '../world/log.ts'

const channel = 'watchbill_run'
const words: ReadonlySet<string> = new Set<Call>(['ready', 'queued'])

export interface Calls extends Pick<Queue, 'call' | 'onCall'> {
  stop(): Promise<void>
}

export function callsOver(database: Database, log: Log): Calls {
  const hearers = new Set<(what: Call) => void>()
  let listening: Promise<() => Promise<void>> | null = null
  const tell = (what: Call): void => {
    for (const hear of hearers) hear(what)
  }
  const listen = (): Promise<() => Promise<void>> =>
    database.listen(
      channel,
      (word) => {
        if (isCall(word)) tell(word)
      },
      () => {
        tell('ready')
        tell('queued')
      },
    )
  return {
    call: async (tx: Transaction, what: Call) => {
      // The same word twice in one transaction is one call.
      await tx.query('select pg_notify($1, $2)', [channel, what])
    },
    onCall: (hear) => {
      hearers.add(hear)
      listening ??= listen()
      listening.catch((error: unknown) => {
        log.warn({ error }, 'calls of other processes are not heard; the sweep looks each second')
        listening = null
      })
      return () => hearers.delete(hear)
    },
    stop: async () => {
      const unlisten = await listening?.catch(() => null)
      listening = null
      await unlisten?.()
    },
  }
}

function isCall(word: string): word is Call {
  return words.has(word)
}
