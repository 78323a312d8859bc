// Handing out: whoever became ready is given a hint, whoever waits for a limit is let in. At once when called, and
// with each sweep, because a call may get lost.

import type { Engine } from './engine.ts'
import { createFiller, type FillerParts } from './fill.ts'
import { letIn as letInFor } from './let-in.ts'
import { repairLimits } from '../store/limits.ts'
import { waitingKeys } from '../store/waiting-for-limits.ts'

const keysPerLook = 256
const keysPerBatch = 16
const repairEveryMs = 10_000
const repairsMax = 256
const resendEveryMs = 5_000

export interface Dispatch {
  /** Runs may be ready: they are given hints. */
  ready(): void
  /** So many hints were taken from the queue. */
  taken(hints: number): void
  /** Whether ready runs are left without a hint, as of the last look. */
  readonly more: boolean
  /** Lets in everybody whose limits have room. */
  letIn(): Promise<void>
  /** Runs are ready: they are given hints, and now and then those whose jobs were lost are given them again. */
  look(): Promise<void>
  stop(): void
}

export function createDispatch(parts: FillerParts): Dispatch {
  const { engine } = parts
  const filler = createFiller(parts)
  const letIn = createLook(engine)
  let resentMs = engine.clock.now()
  let letting: Promise<void> | null = null
  const queued = (): void => {
    letting ??= letIn()
      .catch((error: unknown) =>
        engine.log.warn({ error }, 'letting in failed; it is tried again in a second'),
      )
      .finally(() => {
        letting = null
      })
  }
  // A command only asks; it hands nothing out.
  const deaf = engine.concurrency === 0
  const unhear = deaf
    ? () => {}
    : engine.queue.onCall((what) => {
        if (what === 'ready') filler.kick()
        else queued()
      })
  return {
    ready: () => filler.kick(),
    taken: (hints) => filler.taken(hints),
    get more() {
      return filler.more
    },
    letIn,
    look: async () => {
      filler.kick()
      const nowMs = engine.clock.now()
      if (nowMs - resentMs < resendEveryMs) return
      resentMs = nowMs
      await filler.resend()
    },
    stop: unhear,
  }
}

/** Looks at the keys that runs wait for, in turn where there are many. */
function createLook(engine: Engine): () => Promise<void> {
  let after = ''
  let repairedMs = engine.clock.now()
  return async () => {
    const nowMs = engine.clock.now()
    if (nowMs - repairedMs >= repairEveryMs) {
      repairedMs = nowMs
      await engine.database.transaction((tx) => repairLimits(tx, repairsMax))
    }
    const found = await waitingKeys(engine.database, { after, max: keysPerLook, nowMs })
    after = found.length < keysPerLook ? '' : (found.at(-1)?.key ?? '')
    const keys = found.flatMap(({ key, room }) => (room ? [key] : []))
    for (let n = 0; n < keys.length; n += keysPerBatch)
      await letInFor(engine, keys.slice(n, n + keysPerBatch))
  }
}
