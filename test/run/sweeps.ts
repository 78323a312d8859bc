// Sweeping as a runner does, only more often.

import type { RunnerUnderTest } from './a-runner.ts'

const everyMs = 25

/** Sweeps until it is stopped. */
export function sweeping(runner: RunnerUnderTest): () => Promise<void> {
  const stop = new AbortController()
  const swept = (async () => {
    while (!stop.signal.aborted) {
      await runner.sweep.once()
      await runner.engine.clock.sleep(everyMs, stop.signal)
    }
  })()
  return () => {
    stop.abort()
    return swept
  }
}

/** Sweeps until the run has ended, and tells how. */
export async function endedBySweeps(runner: RunnerUnderTest, run: string): Promise<string> {
  const stop = sweeping(runner)
  try {
    return (await runner.until(run, 'succeeded', 'cancelled', 'failed')).status
  } finally {
    await stop()
  }
}
