// Group commit: one statement in flight; whatever arrived meanwhile is the next batch. No timer.

import { isPassing } from './database.ts'
import { outlast, type Patience } from './outlast.ts'

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

export interface LaneOptions extends Patience {
  readonly itemsMax: number
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
      const items = batch.map((one) => one.item)
      const results = await outlast(options, () => write(items))
      if (results.length !== batch.length) throw new Error('a lane gives one result per item')
      batch.forEach((one, index) => one.resolve(results[index] as Result))
    } catch (error) {
      // One poisoned item must not harm the others of its batch. A store that is away is away for each of them.
      if (batch.length > 1 && !isPassing(error)) for (const one of batch) await settle([one])
      else for (const one of batch) one.reject(error)
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
