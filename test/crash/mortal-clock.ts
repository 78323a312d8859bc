// Time of one life: it passes as everywhere and jumps when the test says so; what waits for it ends with the life.

import { systemClock, type Clock } from '../../runner/world/clock.ts'
import type { Life } from './life.ts'

/** Milliseconds that the test has let pass beyond real ones; the same for every life of a play. */
export interface Ahead {
  ms: number
}

export function mortalClock(life: Life, ahead: Ahead): Clock {
  const after: Clock['after'] = (ms, call) => {
    if (life.dead) return () => {}
    const cancel = systemClock.after(ms, () => {
      if (!life.dead) call()
    })
    life.onDeath(cancel)
    return cancel
  }
  return {
    now: () => systemClock.now() + ahead.ms,
    monotonic: () => systemClock.monotonic(),
    after,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve()
        const cancel = after(ms, resolve)
        signal?.addEventListener(
          'abort',
          () => {
            cancel()
            if (!life.dead) resolve()
          },
          { once: true },
        )
      }),
  }
}
