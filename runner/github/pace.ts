// Writes leave one after the other with a gap between them, on the runner's own clock.

import type { ThrottlingOptions } from '@octokit/plugin-throttling'
import type { Clock } from '../world/clock.ts'

type Group = NonNullable<ThrottlingOptions['write']>

/** What the throttling plugin asks of a limiter's group: `key(id).schedule(options, job)`. */
export function pacedGroup(clock: Clock, gapMs: number): Group {
  let freeMs = Number.NEGATIVE_INFINITY
  const schedule = async (_options: unknown, job: () => Promise<unknown>): Promise<unknown> => {
    const startMs = Math.max(clock.monotonic(), freeMs)
    freeMs = startMs + gapMs
    const waitMs = startMs - clock.monotonic()
    if (waitMs > 0) await clock.sleep(waitMs)
    return job()
  }
  return { key: () => ({ schedule }) } as unknown as Group
}
