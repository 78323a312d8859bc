// The filler: gives the queue as many hints as its window has room for, so that nobody's backlog stands in the way.
// While nobody waits in the window, what there is room for here is taken without a hint.

import type { Engine } from './engine.ts'
import type { Transaction } from '../store/database.ts'
import {
  anyUnhinted,
  firstReady,
  type Hinted,
  hintedRuns,
  hintNext,
  levelMs,
  waitingFlows,
} from '../store/window.ts'

/** Hints for each run that may be held at once, so that no slot waits for the next fill. */
const hintsPerSlot = 4
const hintsMin = 64
/** Beyond its window a flow that has no hint gets one, up to so many in all. */
const hintsMax = 2_048
const flowsPerFill = 256
const runsPerFlowMin = 4

export interface Filler {
  /** Runs may be ready: look soon. One look at a time, and one more for whatever came meanwhile. */
  kick(): void
  /** So many hints were taken from the queue. */
  taken(hints: number): void
  /** Whether ready runs are left without a hint, as of the last look. */
  readonly more: boolean
  /** Sends hints again whose jobs were lost, if any were. */
  resend(): Promise<void>
}

export interface FillerParts {
  readonly engine: Engine
  /** How many runs this process may take now. */
  readonly room: () => number
  /** Takes runs that are ready; who was quicker keeps theirs. */
  readonly claim: (runs: readonly string[]) => Promise<void>
  /** Hints are in the queue, or a look found nothing to send. */
  readonly sent: (hints: number) => void
}

export function createFiller(parts: FillerParts): Filler {
  const { engine } = parts
  const max = Math.max(hintsMin, hintsPerSlot * engine.concurrency)
  let after = ''
  let more = false
  let taken = 0
  let again = false
  let filling: Promise<void> | null = null

  async function fill(): Promise<void> {
    while (again) {
      again = false
      try {
        const filled = await fillOnce(parts, { after, max })
        ;({ after, more } = filled)
        taken = 0
        parts.sent(filled.hints)
      } catch (error) {
        engine.log.warn({ error }, 'giving out work failed; it is tried again')
        return
      }
    }
  }

  function kick(): void {
    again = true
    filling ??= fill().finally(() => {
      filling = null
      if (again) kick()
    })
  }

  return {
    kick,
    taken: (hints) => {
      taken += hints
      if (more && taken >= max / hintsPerSlot) kick()
    },
    get more() {
      return more
    },
    resend: () => resend(engine),
  }
}

interface Filled {
  /** Where the next look begins, so that every flow has its turn. */
  readonly after: string
  readonly more: boolean
  readonly hints: number
}

async function fillOnce(
  parts: FillerParts,
  { after, max }: { readonly after: string; readonly max: number },
): Promise<Filled> {
  const { engine } = parts
  const found = await waitingFlows(engine.database, after, flowsPerFill)
  const around = after !== '' && found.length < flowsPerFill
  const flows = new Set(found)
  if (around) for (const flow of await waitingFlows(engine.database, '', flowsPerFill)) flows.add(flow)
  if (flows.size === 0) return { after: '', more: false, hints: 0 }
  if (await takeAll(parts, [...flows])) return { after: '', more: false, hints: 0 }
  const perFlow = Math.min(max, Math.max(runsPerFlowMin, Math.ceil((2 * max) / flows.size)))
  const fill = { flows: [...flows], perFlow, max, flowsMax: hintsMax }
  return engine.database.transaction(async (tx) => {
    const hinted = await hintNext(tx, fill)
    await send(engine, tx, hinted)
    const last = found.length < flowsPerFill ? '' : (found.at(-1) ?? '')
    return { after: last, more: await anyUnhinted(tx), hints: hinted.length }
  })
}

/** True when there was room here for everybody who is ready. */
async function takeAll({ engine, room, claim }: FillerParts, flows: readonly string[]): Promise<boolean> {
  const max = room()
  if (max <= 0 || flows.length === flowsPerFill) return false
  const runs = await firstReady(engine.database, flows, max)
  if (runs.length === 0) return false
  await claim(runs)
  return runs.length < max
}

/** Steps of the order in the queue: hints of one step keep the order in which they were given. */
const stepMs = 10_000

/** First come, first served; a level of priority is worth the same waiting as everywhere. */
async function send(engine: Engine, tx: Transaction, hinted: readonly Hinted[]): Promise<void> {
  if (hinted.length === 0) return
  const step = Math.floor(engine.clock.now() / stepMs)
  const hints = hinted.map(({ run, priority }) => ({
    run,
    priority: priority * (levelMs / stepMs) - step,
  }))
  await engine.queue.send(tx, hints)
}

/** A hint that exists is not doubled. */
async function resend(engine: Engine): Promise<void> {
  const hinted = await hintedRuns(engine.database, hintsMax)
  if (hinted.length > 0) await engine.database.transaction((tx) => send(engine, tx, hinted))
}
