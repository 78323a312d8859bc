// Advancing one held run until it parks, ends or is lost: ask `next`, do what it says, ask again.

import { cancelCalled } from './call.ts'
import type { Engine } from './engine.ts'
import { ending, parking } from './fate.ts'
import { handBackRuns } from './hand-back.ts'
import { close, type Held, note, nowOf, workingMs } from './held.ts'
import { leaveLimits } from './let-in.ts'
import { readAnswers, readNews } from './news.ts'
import { perform } from './perform.ts'
import { Failure, type RecordedError } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'
import type { Ready, Waiting } from '../model/now.ts'
import { type Move, next } from '../model/next.ts'
import { keyOf } from '../model/run.ts'
import type { Turns } from '../world/turns.ts'
import { isOfTheStore } from '../store/database.ts'
import type { Fate } from '../store/journal.ts'

interface Advancing {
  readonly engine: Engine
  readonly held: Held
  readonly steps: Turns
  /** After a decision that changed its priority: whether somebody more urgent needs the place. Null: nothing to ask. */
  outranked(): Promise<boolean> | null
}

/** Resolves when this process does not hold the run any more. Never rejects for a failure of the run itself. */
export async function advance(advancing: Advancing): Promise<void> {
  const { engine, held } = advancing
  await readAnswers(engine, held)
  while (!held.lost && held.fate === null) {
    overtime(advancing)
    if (await follow(advancing, moveOf(advancing))) return
  }
  if (held.fate !== null) return after(advancing, held.fate)
  for (const { controller } of held.busy.values())
    controller.abort(new Failure('cancelled', 'another runner has this run'))
  await settled(held)
  if (held.broken !== null) throw held.broken
}

/** What follows may have been found already, together with the last outcome. */
function moveOf({ engine, held }: Advancing): Move {
  const known = held.move
  held.move = null
  return known ?? next(held.flow, held.state, nowOf(engine, held, held.busy))
}

async function settled(held: Held): Promise<void> {
  await Promise.allSettled([...held.busy.values()].map((one) => one.settled))
}

/** Does what the move says; true when the run was handed back. */
async function follow(advancing: Advancing, move: Move): Promise<boolean> {
  const { engine, held } = advancing
  switch (move.is) {
    case 'record':
      note(held, move.facts, engine.clock.now())
      return false
    case 'perform':
      return go(advancing, move.work)
    case 'await':
      await wait(advancing, move.wakeMs)
      return false
    case 'abort':
      await stop(held, move.keys)
      return false
    case 'park':
      await closeWith(advancing, parking(held, move))
      return false
    case 'end':
      await closeWith(advancing, ending(held, move))
      return false
    default:
      return impossible(move)
  }
}

async function go(advancing: Advancing, work: readonly Ready[]): Promise<boolean> {
  const { engine } = advancing
  if (engine.draining()) return giveBack(advancing)
  if (engine.stopped()) return standStill(advancing, work)
  const outranked = advancing.outranked()
  // What happened while it was asked is thought over first.
  if (outranked !== null) return (await outranked) ? giveBack(advancing) : false
  for (const ready of work) start(advancing, ready)
  return false
}

function start({ engine, held, steps }: Advancing, ready: Ready): void {
  const key = keyOf(ready.at)
  const controller = new AbortController()
  const work = async (): Promise<void> => {
    if (!controller.signal.aborted) await perform({ engine, held, ...ready, signal: controller.signal })
  }
  // Not before all that starts with it is known as busy: a step that is over at once concludes from that.
  const running = Promise.resolve().then(() => steps.take(work))
  const ended = running
    .catch((error: unknown) => {
      // Not a failure of the action (those are recorded) but of recording itself: give the run back.
      engine.log.error({ run: held.row.id, step: key, error }, 'a step could not be recorded')
      held.lost = true
      if (!isOfTheStore(error)) held.broken = error instanceof Error ? error : new Error(String(error))
    })
    .finally(() => {
      held.busy.delete(key)
      held.poke()
    })
  held.busy.set(key, { settled: ended, controller })
}

async function stop(held: Held, keys: readonly string[]): Promise<void> {
  const why =
    held.state.cancelBy !== null
      ? 'the run was cancelled'
      : held.state.failing === null
        ? 'the run goes on without it'
        : 'another step failed'
  const stopping = keys.flatMap((key) => held.busy.get(key) ?? [])
  for (const { controller } of stopping) controller.abort(new Failure('cancelled', why))
  await Promise.allSettled(stopping.map((one) => one.settled))
}

async function wait({ engine, held }: Advancing, wakeMs: number | null): Promise<void> {
  const nowMs = engine.clock.now()
  const overMs = nowMs + Math.max(0, held.flow.limits.timeoutMs - workingMs(held, engine)) + 1
  const untilMs = Math.min(wakeMs ?? overMs, overMs)
  const cancel = engine.clock.after(Math.min(Math.max(0, untilMs - nowMs), 86_400_000), () => held.poke())
  await held.poked()
  cancel()
}

/** The run has worked longer than it may: it fails, what is in progress is stopped. */
function overtime({ engine, held }: Advancing): void {
  if (held.state.failing !== null || held.state.cancelBy !== null) return
  const limitMs = held.flow.limits.timeoutMs
  if (workingMs(held, engine) <= limitMs) return
  const error: RecordedError = {
    kind: 'timeout',
    message: `the run worked longer than its limit of ${limitMs} ms`,
    remedy: 'raise `limits.timeout` of the flow, or look which step is slow',
  }
  held.move = null
  note(held, [{ v: 1, is: 'failing', step: 'limits.timeout', error }], engine.clock.now())
}

/** The emergency stop: what runs may end, nothing new starts. */
async function standStill(advancing: Advancing, work: readonly Ready[]): Promise<boolean> {
  if (advancing.held.busy.size > 0) await wait(advancing, null)
  else {
    const waiting = work.map(({ at }): Waiting => ({ for: 'resume', step: at.step, element: at.element }))
    await closeWith(advancing, parking(advancing.held, { is: 'park', wakeMs: null, waiting }))
  }
  return false
}

/** This process ends, or something more urgent waits: whoever is free goes on from the journal. */
async function giveBack(advancing: Advancing): Promise<boolean> {
  const { engine, held } = advancing
  if (held.busy.size > 0) {
    await wait(advancing, null)
    return false
  }
  await handBackRuns(engine, [{ id: held.row.id, epoch: held.row.epoch }])
  return true
}

/** Parks or ends, unless news arrived that the run must look at first. */
async function closeWith({ engine, held }: Advancing, fate: Fate): Promise<void> {
  if ((await close(engine, held, fate)) === 'news') await readNews(engine, held)
}

/** The run has ended or is parked: what stood in somebody's way is free. */
async function after({ engine, held }: Advancing, fate: NonNullable<Held['fate']>): Promise<void> {
  if (fate.is === 'end') {
    const asked = [...held.state.invocations.values()].some(({ phase }) => phase.is === 'asked')
    await cancelCalled(engine, held, null)
    await engine.ended(held.row.id, asked ? 'open tickets' : 'no open tickets')
  }
  await leaveLimits(engine, held, fate.is)
}
