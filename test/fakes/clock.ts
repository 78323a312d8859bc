// Time that stands still until a test moves it: a month passes in a minute.

import type { Clock } from '../../runner/world/clock.ts'

export interface FakeClock extends Clock {
  /** Moves forward, calling what falls due in order, and lets what that started settle each time. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock, forward or back, as an operator or NTP does; timers and `monotonic` do not notice. */
  set(nowMs: number): void
  /** Timers that are waiting. */
  readonly waiting: number
}

interface Timer {
  readonly dueMs: number
  readonly call: () => void
}

/** @param settle waits for what a timer started; work on a real database or socket needs more than a few turns */
export function fakeClock(startMs: number, settle: () => Promise<void> = someTurns): FakeClock {
  let offsetMs = startMs
  let elapsedMs = 0
  const timers = new Set<Timer>()
  const after = (ms: number, call: () => void): (() => void) => {
    if (ms > 2_147_483_647) throw new Error(`a timer of ${ms} ms would fire at once`)
    const timer = { dueMs: elapsedMs + Math.max(0, ms), call }
    timers.add(timer)
    return () => timers.delete(timer)
  }
  return {
    // Whole milliseconds, as the real one, whatever a timer was set to.
    now: () => Math.floor(offsetMs + elapsedMs),
    monotonic: () => elapsedMs,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve()
        const cancel = after(ms, finish)
        signal?.addEventListener('abort', finish, { once: true })
        function finish(): void {
          cancel()
          signal?.removeEventListener('abort', finish)
          resolve()
        }
      }),
    advance: async (ms) => {
      const untilMs = elapsedMs + ms
      await settle()
      for (let timer = earliest(timers, untilMs); timer !== null; timer = earliest(timers, untilMs)) {
        elapsedMs = Math.max(elapsedMs, timer.dueMs)
        timers.delete(timer)
        timer.call()
        await settle()
      }
      elapsedMs = untilMs
    },
    set: (nowMs) => {
      offsetMs = nowMs - elapsedMs
    },
    get waiting() {
      return timers.size
    },
  }
}

function earliest(timers: ReadonlySet<Timer>, untilMs: number): Timer | null {
  let found: Timer | null = null
  for (const timer of timers)
    if (timer.dueMs <= untilMs && (found === null || timer.dueMs < found.dueMs)) found = timer
  return found
}

const turns = 20

async function someTurns(): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}
