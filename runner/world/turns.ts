// Turns: at most so many do it at once, first come, first served.

export interface Turns {
  /** Does the work when it is its turn; settles as the work does. Who is told to stop while it waits never begins. */
  take<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result>
}

export function createTurns(max: number): Turns {
  const waiting = new Set<() => void>()
  let used = 0

  async function turn(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (used < max) {
      used += 1
      return
    }
    const given = Promise.withResolvers<void>()
    const leave = (): void => {
      if (waiting.delete(given.resolve)) given.reject(signal?.reason)
    }
    waiting.add(given.resolve)
    signal?.addEventListener('abort', leave, { once: true })
    await given.promise
    signal?.removeEventListener('abort', leave)
  }

  /** The turn goes over to who waits longest. */
  function pass(): void {
    const [next] = waiting
    if (next === undefined) {
      used -= 1
      return
    }
    waiting.delete(next)
    next()
  }

  return {
    take: async (work, signal) => {
      await turn(signal)
      try {
        return await work()
      } finally {
        pass()
      }
    },
  }
}
