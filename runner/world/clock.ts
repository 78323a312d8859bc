// Time, passed in: so that a month can be simulated in a minute.

export interface Clock {
  /** Epoch milliseconds; may jump when the machine's clock is set. */
  now(): number
  /** Milliseconds that only go forward, for durations. */
  monotonic(): number
  /** Resolves after the time or at once when the signal is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls once after the time; the returned function cancels. Longer than 24 days is refused by assertion. */
  after(ms: number, call: () => void): () => void
}

const timerMsMax = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const timer = setTimeout(finish, Math.min(ms, timerMsMax))
      signal?.addEventListener('abort', finish, { once: true })
      function finish(): void {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
    }),
  after: (ms, call) => {
    if (ms > timerMsMax) throw new Error(`a timer of ${ms} ms would fire at once`)
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
