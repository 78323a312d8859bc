// Something done again and again, never twice at once; a failure is said and does not end it.

import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

export interface Loop {
  /** Does it now instead of waiting. */
  hurry(): void
  /** Resolves when what is in progress has ended. */
  stop(): Promise<void>
}

export interface LoopParts {
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  /** Does it once; gives the milliseconds until the next time. */
  turn(): Promise<number>
  /** The pause after a failure. */
  readonly failedMs: number
}

export function loop(parts: LoopParts): Loop {
  const { name, clock, log } = parts
  const ending = new AbortController()
  let pause = new AbortController()

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      const ms = await parts.turn().catch((error: unknown) => {
        log.warn({ loop: name, error }, 'a turn failed; it is tried again')
        return parts.failedMs
      })
      if (!ending.signal.aborted) await clock.sleep(ms, pause.signal)
      if (pause.signal.aborted && !ending.signal.aborted) pause = new AbortController()
    }
  }

  const running = run()
  return {
    hurry: () => pause.abort(),
    stop: () => {
      ending.abort()
      pause.abort()
      return running
    },
  }
}
