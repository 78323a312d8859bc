// Group commit: one statement in flight; whatever arrived meanwhile is the next batch. No timer.

import { DatabaseError } from './database.ts'
import type { Clock } from '../world/clock.ts'

export interface Lane<Item, Result> {
  /** Resolves when the item is durable. Rejects when it could not be written. */
  push(item: Item): Promise<Result>
  /** Resolves when nothing is waiting or in flight. */
  idle(): Promise<void>
}

interface Waiting<Item, Result> {
  readonly item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

export interface LaneOptions {
  readonly itemsMax: number
  /** Attempts after a lost connection or a serialization failure, before the items are given up. */
  readonly retries: number
  readonly clock: Clock
}

/**
 * @param write writes a batch in one transaction and gives one result per item, in order. It must be safe to
 *   repeat: after a lost connection nobody knows whether the batch was committed.
 */
export function createLane<Item, Result>(
  write: (items: readonly Item[]) => Promise<readonly Result[]>,
  options: LaneOptions,
): Lane<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  let running: Promise<void> | null = null

  async function drain(): Promise<void> {
    // One turn of the event loop lets every outcome of this turn join the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = waiting.slice(0, options.itemsMax)
      waiting = waiting.slice(options.itemsMax)
      await settle(batch)
    }
    running = null
  }

  async function settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await persist(batch.map((one) => one.item))
      if (results.length !== batch.length) throw new Error('a lane gives one result per item')
      batch.forEach((one, index) => one.resolve(results[index] as Result))
    } catch (error) {
      // One poisoned item must not harm the others of its batch.
      if (batch.length > 1) for (const one of batch) await settle([one])
      else batch[0]?.reject(error)
    }
  }

  async function persist(items: readonly Item[]): Promise<readonly Result[]> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await write(items)
      } catch (error) {
        if (!passing(error) || attempt >= options.retries) throw error
        await options.clock.sleep(Math.min(5_000, 50 * 2 ** attempt))
      }
    }
  }

  return {
    push: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        running ??= drain()
      }),
    idle: async () => {
      for (let current = running; current !== null; current = running) await current
    },
  }
}

function passing(error: unknown): boolean {
  return error instanceof DatabaseError && (error.kind === 'connection' || error.kind === 'serialization')
}
