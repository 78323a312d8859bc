// The runs that this process holds: each advanced until it parks, ends or is lost.

import { advance } from './advance.ts'
import { createDropped } from './dropped.ts'
import type { Engine } from './engine.ts'
import type { Held } from './held.ts'
import { failRun, load } from './load.ts'
import { readNews } from './news.ts'
import { createRanks } from './outranked.ts'
import { isOfTheStore } from '../store/database.ts'
import { type HeldRun, newsOfHeld } from '../store/runs.ts'
import { createTurns } from '../world/turns.ts'

export interface Holding {
  /** Starts advancing a claimed run; `freed` is called when it is no longer held. */
  begin(row: HeldRun, freed: () => void): void
  /** Reads what others recorded about the runs held here. */
  news(): Promise<void>
  /** Resolves when nothing is held; after `graceMs` what is left is abandoned to its journal. */
  drain(graceMs: number): Promise<void>
  readonly size: number
}

interface Place {
  /** Null while its flow is loaded. */
  held: Held | null
  readonly done: Promise<void>
}

export function createHolding(engine: Engine): Holding {
  const places = new Map<string, Place>()
  const steps = createTurns(Math.max(1, engine.concurrency))
  const dropped = createDropped(engine)
  const ranks = createRanks(engine, () => places.size >= engine.concurrency)

  async function carry(row: HeldRun): Promise<void> {
    const held = await load(engine, row)
    const place = places.get(placeOf(row))
    if (held === null || place === undefined) return
    place.held = held
    await advance({ engine, held, steps, outranked: () => ranks.outranked(held) })
  }

  return {
    begin: (row, freed) => {
      const done = carry(row)
        .catch((error: unknown) => drop(engine, row, error))
        .finally(() => {
          places.delete(placeOf(row))
          freed()
        })
      places.set(placeOf(row), { held: null, done })
    },
    news: async () => {
      const owned = await newsOfHeld(engine.database, engine.owner)
      for (const news of owned) {
        const held = places.get(placeOf(news))?.held
        if (held == null || held.wakeSeq === news.wakeSeq) continue
        await readNews(engine, held)
        held.poke()
      }
      await dropped.look(owned.filter((run) => !places.has(placeOf(run))))
    },
    drain: (graceMs) => drain(engine, places, graceMs),
    get size() {
      return places.size
    },
  }
}

/** An ill store says nothing about the run. What is our mistake would come again and again, so the run fails by it. */
async function drop(engine: Engine, row: HeldRun, error: unknown): Promise<void> {
  if (isOfTheStore(error))
    return engine.log.warn(
      { run: row.id, error },
      'the store failed a run; it is handed back when it is well',
    )
  engine.log.error({ run: row.id, error }, 'a run could not be advanced and has failed')
  await failRun(engine, row, error).catch((again: unknown) =>
    engine.log.error({ run: row.id, error: again }, 'a run could not be failed; it is handed back'),
  )
}

/** A run that was woken or started again may be claimed here before its last place is given up. */
function placeOf({ id, epoch }: Pick<HeldRun, 'id' | 'epoch'>): string {
  return `${id} ${epoch}`
}

async function drain(engine: Engine, places: ReadonlyMap<string, Place>, graceMs: number): Promise<void> {
  const all = [...places.values()]
  for (const { held } of all) held?.poke()
  const finished = Promise.allSettled(all.map((one) => one.done))
  const grace = new AbortController()
  await Promise.race([finished, engine.clock.sleep(graceMs, grace.signal)])
  grace.abort()
  // What is still in the act keeps its intent in the journal; whoever goes on sees it there.
  for (const { held } of places.values()) {
    if (held === null) continue
    held.lost = true
    held.poke()
  }
  await Promise.race([finished, engine.clock.sleep(1_000)])
}
