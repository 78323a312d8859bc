// One life of an engine: everything it does outside itself passes numbered points, and at one of them it dies.

/** What a transaction of the dead is rolled back with. */
export class Died extends Error {}

export interface Life {
  readonly dead: boolean
  /** Points passed so far. */
  readonly passed: number
  /** What it passed, in order; the last one is where it died. */
  readonly trail: readonly string[]
  /** Rejects with `Died` at the end of this life; never resolves. */
  readonly death: Promise<never>
  /** Passes a point. For the dead it never resolves. */
  point(name: string): Promise<void>
  /** The same where nothing can wait: what follows has no effect when this life has just ended. */
  pass(name: string): void
  /** Something outside, between two points: dying before, it did not happen; dying after, nobody heard of it. */
  does<Result>(name: string, work: () => Promise<Result>): Promise<Result>
  /** Called at the end of this life. */
  onDeath(call: () => void): void
  /** Ends it where it stands. */
  end(): void
  /** What it has in flight, and whether anything happened since the last look. */
  stirred(): boolean
  /** Resolves when nothing that it began is in flight any more. */
  settled(): Promise<void>
}

/** The number of a point, from 1, or the name of one, which is the first that is called so. */
export type Place = number | string

/** @param diesAt null: it lives as long as it is wanted. */
export function createLife(diesAt: Place | null): Life {
  const trail: string[] = []
  const calls: (() => void)[] = []
  const flying = new Set<Promise<unknown>>()
  let dead = false
  let looked = -1
  const { promise: death, reject: die } = Promise.withResolvers<never>()
  death.catch(() => {})

  function end(): void {
    if (dead) return
    dead = true
    die(new Died('this life has ended'))
    for (const call of calls) call()
  }

  function pass(name: string): void {
    if (dead) return
    trail.push(name)
    if (trail.length === diesAt || name === diesAt) end()
  }

  async function point(name: string): Promise<void> {
    pass(name)
    if (dead) await never()
  }

  return {
    get dead() {
      return dead
    },
    get passed() {
      return trail.length
    },
    trail,
    death,
    point,
    pass,
    does: async (name, work) => {
      await point(`before ${name}`)
      const working = work()
      const flight = Promise.allSettled([working])
      flying.add(flight)
      void flight.finally(() => flying.delete(flight))
      const [done] = await flight
      await point(`after ${name}`)
      if (done.status === 'rejected') throw done.reason
      return done.value
    },
    onDeath: (call) => void calls.push(call),
    end,
    stirred: () => {
      const moved = looked !== trail.length || flying.size > 0
      looked = trail.length
      return moved
    },
    settled: async () => {
      while (flying.size > 0) await Promise.all(flying)
    },
  }
}

function never(): Promise<never> {
  return new Promise(() => {})
}
