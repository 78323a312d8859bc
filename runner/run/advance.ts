// Advancing one held run until it parks, ends or is lost: ask `next`, do what it says, ask again.

import type { Engine } from './engine.ts'
import { holdsLimits, letIn } from './let-in.ts'
import { type Held, note, record, scopeOfHeld, workingMs } from './held.ts'
import { perform } from './perform.ts'
import type { Steps } from './steps.ts'
import { renderValue } from '../flow/value.ts'
import { Failure, type RecordedError, recordedError } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'
import type { JsonObject } from '../model/json.ts'
import { type Move, next, type Ready, type Waiting } from '../model/next.ts'
import { keyOf } from '../model/run.ts'
import { handBack, newsOf } from '../store/runs.ts'

/** What of a run is in progress in this process. */
interface Progress {
  readonly engine: Engine
  readonly held: Held
  readonly steps: Steps
  readonly busy: Map<string, Promise<void>>
  controller: AbortController
}

/** Resolves when this process does not hold the run any more. Never rejects for a failure of the run itself. */
export async function advance(engine: Engine, held: Held, steps: Steps): Promise<void> {
  const progress: Progress = { engine, held, steps, busy: new Map(), controller: new AbortController() }
  await readVerdicts(engine, held)
  while (!held.lost) {
    overtime(progress)
    const move = next(held.flow, held.state, {
      nowMs: engine.clock.now(),
      busy: new Set(progress.busy.keys()),
      verdicts: held.verdicts,
      scope: () => scopeOfHeld(held),
    })
    if (await follow(progress, move)) return
  }
  progress.controller.abort(new Failure('cancelled', 'another runner has this run'))
  await Promise.allSettled(progress.busy.values())
}

/** Does what the move says; true when the run is no longer held. */
async function follow(progress: Progress, move: Move): Promise<boolean> {
  const { engine, held } = progress
  switch (move.is) {
    case 'record':
      note(held, move.facts, engine.clock.now())
      return false
    case 'perform':
      if (engine.draining()) return giveBack(progress)
      if (engine.stopped()) return standStill(progress, move.work)
      for (const ready of move.work) start(progress, ready)
      return false
    case 'await':
      await wait(progress, move.wakeMs)
      return false
    case 'abort':
      progress.controller.abort(
        new Failure(
          'cancelled',
          held.state.cancelBy === null ? 'another step failed' : 'the run was cancelled',
        ),
      )
      await Promise.allSettled(progress.busy.values())
      progress.controller = new AbortController()
      return false
    case 'park':
      return park(progress, move)
    case 'end':
      await end(progress, move)
      return true
    default:
      return impossible(move)
  }
}

function start(progress: Progress, ready: Ready): void {
  const { engine, held, steps, busy, controller } = progress
  const key = keyOf(ready.at)
  const running = steps.take(async () => {
    if (!controller.signal.aborted) await perform({ engine, held, ...ready, signal: controller.signal })
  })
  const settled = running
    .catch((error: unknown) => {
      // Not a failure of the action (those are recorded) but of recording itself: give the run back.
      engine.log.error({ run: held.row.id, step: key, error }, 'a step could not be recorded')
      held.lost = true
    })
    .finally(() => {
      busy.delete(key)
      held.poke()
    })
  busy.set(key, settled)
}

async function wait(progress: Progress, wakeMs: number | null): Promise<void> {
  const { engine, held } = progress
  const nowMs = engine.clock.now()
  const overMs = nowMs + Math.max(0, held.flow.limits.timeoutMs - workingMs(held, engine)) + 1
  const untilMs = Math.min(wakeMs ?? overMs, overMs)
  const cancel = engine.clock.after(Math.min(Math.max(0, untilMs - nowMs), 86_400_000), () => held.poke())
  await held.poked()
  cancel()
}

/** The run has worked longer than it may: it fails, what is in progress is stopped. */
function overtime({ engine, held }: Progress): void {
  if (held.state.failing !== null || held.state.cancelBy !== null) return
  const limitMs = held.flow.limits.timeoutMs
  if (workingMs(held, engine) <= limitMs) return
  const error: RecordedError = {
    kind: 'timeout',
    message: `the run worked longer than its limit of ${limitMs} ms`,
    remedy: 'raise `limits.timeout` of the flow, or look which step is slow',
  }
  note(held, [{ v: 1, is: 'failing', step: 'limits.timeout', error }], engine.clock.now())
}

/** The emergency stop: what runs may end, nothing new starts. */
async function standStill(progress: Progress, work: readonly Ready[]): Promise<boolean> {
  if (progress.busy.size > 0) {
    await wait(progress, null)
    return false
  }
  const waiting = work.map(({ at }): Waiting => ({ for: 'resume', step: at.step, element: at.element }))
  return park(progress, { is: 'park', wakeMs: null, waiting })
}

/** This process ends: another runner, or the next start, goes on from the journal. */
async function giveBack(progress: Progress): Promise<boolean> {
  const { engine, held } = progress
  if (progress.busy.size > 0) {
    await wait(progress, null)
    return false
  }
  await engine.database.transaction(async (tx) => {
    const freed = await handBack(tx, [{ id: held.row.id, epoch: held.row.epoch }])
    if (freed.length > 0) await engine.queue.send(tx, freed)
  })
  return true
}

/** True when parked or lost; false when news arrived that the run must look at first. */
async function park(progress: Progress, move: Extract<Move, { is: 'park' }>): Promise<boolean> {
  const { engine, held } = progress
  const { wakeMs, waiting } = move
  const written = await record(engine, held, {
    facts: [],
    fate: { is: 'park', wakeSeq: held.wakeSeq, wakeMs, waiting },
  })
  if (written === 'news') await readNews(engine, held)
  return written !== 'news'
}

/** Facts that others recorded about this run since it was read. */
export async function readNews(engine: Engine, held: Held): Promise<void> {
  const news = await newsOf(engine.database, held.row.id)
  if (news.cancelBy !== null && held.state.cancelBy === null)
    note(held, [{ v: 1, is: 'cancel_requested', by: news.cancelBy }], engine.clock.now())
  held.wakeSeq = news.wakeSeq
  await readVerdicts(engine, held)
}

async function readVerdicts(engine: Engine, held: Held): Promise<void> {
  const asked: string[] = []
  for (const { phase } of held.state.invocations.values()) if (phase.is === 'asked') asked.push(phase.ticket)
  if (asked.length === 0) return
  for (const [ticket, verdict] of await engine.tickets.verdicts(asked)) held.verdicts.set(ticket, verdict)
}

async function end(progress: Progress, move: Extract<Move, { is: 'end' }>): Promise<void> {
  const { engine, held } = progress
  let { status, error } = move
  let outputs: JsonObject = {}
  if (status === 'succeeded') {
    try {
      const scope = scopeOfHeld(held)
      outputs = Object.fromEntries(
        Object.entries(held.flow.outputs).map(([name, value]) => [name, renderValue(value, scope)]),
      )
    } catch (thrown) {
      status = 'failed'
      error = recordedError(thrown)
    }
  }
  const fate = { is: 'end', status, error, outputs } as const
  const written = await record(engine, held, { facts: [], fate })
  if (written === 'lost') return
  await engine.ended(held.row.id, asks(held) ? 'open tickets' : 'no open tickets')
  if (holdsLimits(held.flow)) await letIn(engine)
}

function asks(held: Held): boolean {
  return [...held.state.invocations.values()].some(({ phase }) => phase.is === 'asked')
}
