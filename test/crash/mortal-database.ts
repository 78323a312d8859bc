// The store as one life sees it: every statement, begin and commit is a point; what is open at its end is rolled back.

import type { Database, Statements, Transaction } from '../../runner/store/database.ts'
import { Died, type Life } from './life.ts'

export function mortalDatabase(life: Life, real: Database): Database {
  return {
    ...real,
    ...statements(life, real, 'statement'),
    writer: statements(life, real.writer, 'group statement'),
    transaction: (work) => life.does('transaction', () => transact(life, real, work)),
    listen: (channel, onMessage, onGap) =>
      listen(life, real, { channel, onMessage: whileAlive(life, onMessage), onGap: whileAlive(life, onGap) }),
    holdLock: async (key) => {
      const lock = await real.holdLock(key)
      life.onDeath(() => void lock?.release())
      return lock
    },
    heldLocks: () => life.does('locks', () => real.heldLocks()),
    close: async () => {},
  }
}

/** The same for what keeps its own time, such as the queue's upkeep: no points, and an error after the end. */
export function unnumbered(life: Life, real: Database): Database {
  const guarded = (on: Statements): Statements => ({
    query: (sql, parameters) =>
      life.dead ? Promise.reject(new Died('this life has ended')) : on.query(sql, parameters),
  })
  return {
    ...real,
    ...guarded(real),
    writer: guarded(real.writer),
    transaction: (work) =>
      life.dead ? Promise.reject(new Died('this life has ended')) : real.transaction(work),
    listen: (channel, onMessage, onGap) =>
      listen(life, real, { channel, onMessage: whileAlive(life, onMessage), onGap: whileAlive(life, onGap) }),
    close: async () => {},
  }
}

function statements(life: Life, real: Statements, name: string): Statements {
  return {
    query: (sql, parameters) => life.does(`${name} ${briefly(sql)}`, () => real.query(sql, parameters)),
  }
}

/** A process that dies takes its open transaction with it: the store rolls it back. */
function transact<Result>(
  life: Life,
  real: Database,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  return real.transaction(async (tx) => {
    let last: Promise<unknown> = Promise.resolve()
    const watched: Statements = {
      query: (sql, parameters) => {
        const running = tx.query(sql, parameters)
        last = Promise.allSettled([running])
        return running as Promise<never>
      },
    }
    const inside = async (): Promise<Result> => {
      const result = await work({ inTransaction: true, ...statements(life, watched, 'in it') })
      await life.point('before commit')
      return result
    }
    try {
      return await Promise.race([inside(), life.death])
    } finally {
      // The statement that was sent is carried out; the rollback comes after it.
      await last
    }
  })
}

interface Listening {
  readonly channel: string
  readonly onMessage: (payload: string) => void
  readonly onGap: () => void
}

async function listen(
  life: Life,
  real: Database,
  { channel, onMessage, onGap }: Listening,
): Promise<() => Promise<void>> {
  const unlisten = await real.listen(channel, onMessage, onGap)
  let open = true
  const stop = async (): Promise<void> => {
    if (!open) return
    open = false
    await unlisten()
  }
  life.onDeath(() => void stop())
  return stop
}

function whileAlive<Given extends readonly unknown[]>(
  life: Life,
  call: (...given: Given) => void,
): (...given: Given) => void {
  return (...given) => {
    if (!life.dead) call(...given)
  }
}

/** Enough of a statement to find it again. */
function briefly(sql: string): string {
  return sql.trim().replaceAll(/\s+/g, ' ').slice(0, 60)
}
