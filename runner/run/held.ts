// A run that this process holds: its journal folded, and the one way to add to it.

import type { Engine } from './engine.ts'
import { observe } from './observe.ts'
import type { Verdict } from '../model/approval.ts'
import { type Priority, priorities } from '../model/decision.ts'
import { fold } from '../model/fold.ts'
import type { Flow, Scope } from '../model/flow.ts'
import type { At, Entry, Fact } from '../model/journal.ts'
import type { Json } from '../model/json.ts'
import type { Now } from '../model/now.ts'
import type { Move } from '../model/next.ts'
import type { Policy } from '../model/policy.ts'
import type { RunState } from '../model/run.ts'
import { type RunScope, runScope, scopeOf } from '../model/scope.ts'
import type { Fate, Written } from '../store/journal.ts'
import type { EndedRun, HeldRun } from '../store/runs.ts'

export interface Held {
  readonly row: HeldRun
  readonly flow: Flow
  readonly policy: Policy
  readonly state: RunState
  readonly scope: RunScope
  readonly verdicts: Map<string, Verdict>
  /** Events that came for listening invocations, by key. */
  readonly heard: Map<string, Json>
  /** Called runs that have ended, by id. */
  readonly called: Map<string, EndedRun>
  /** Facts that follow from the state alone; written with the next outcome. */
  readonly unwritten: Entry[]
  /** Keys of the invocations that are being performed here. */
  readonly busy: Map<string, { readonly settled: Promise<void>; readonly controller: AbortController }>
  wakeSeq: number
  priority: number
  /** Monotonic time since when it works, and what it had worked before. */
  readonly since: number
  readonly workedMs: number
  /** Another holder has the run, or the store refused: stop without a word. */
  lost: boolean
  /** What went wrong in this program itself while something was recorded; the run fails by it. */
  broken: Error | null
  /** What became of it with its last outcome; null while it is held. */
  fate: Exclude<Fate, { is: 'go' }> | null
  /** What follows, when that is known already. */
  move: Move | null
  /** Ends the wait of the advancing loop. */
  poke(): void
  poked(): Promise<void>
}

export interface Claimed {
  readonly row: HeldRun
  readonly flow: Flow
  readonly policy: Policy
  readonly state: RunState
}

export function hold({ row, flow, policy, state }: Claimed, monotonicMs: number): Held {
  let wake = (): void => {}
  let woken = new Promise<void>((resolve) => (wake = resolve))
  return {
    row,
    flow,
    policy,
    state,
    scope: runScope(flow, row, { teams: policy.teams, lists: policy.lists }),
    verdicts: new Map(),
    heard: new Map(),
    called: new Map(),
    unwritten: [],
    busy: new Map(),
    wakeSeq: row.wakeSeq,
    priority: row.priority,
    since: monotonicMs,
    workedMs: row.workingMs,
    lost: false,
    broken: null,
    fate: null,
    move: null,
    poke: () => wake(),
    poked: async () => {
      await woken
      woken = new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

/** Working time so far, waiting not counted. */
export function workingMs(held: Held, engine: Engine): number {
  return held.workedMs + (engine.clock.monotonic() - held.since)
}

/** What `next` has to know besides the journal; `busy` is empty for a look at what would follow. */
export function nowOf(engine: Engine, held: Held, busy: Now['busy']): Now {
  return {
    nowMs: engine.clock.now(),
    busy,
    verdicts: held.verdicts,
    heard: held.heard,
    ended: held.called,
    scope: (at) => scopeOfHeld(held, at),
  }
}

/** Takes facts that follow from the state alone; they are written with the next outcome. */
export function note(held: Held, facts: readonly Fact[], nowMs: number): void {
  for (const fact of facts) {
    held.state.seq += 1
    held.unwritten.push({ seq: held.state.seq, epoch: held.row.epoch, atMs: nowMs, fact })
    if (fact.is === 'decided') held.priority = priorityOf(fact.priority)
    fold(held.state, fact)
  }
}

/**
 * Writes facts; they are folded only when durable, because other branches of the run may be under way. `lost`: the
 * run is not ours any more and nothing was written.
 */
export async function record(engine: Engine, held: Held, facts: readonly Fact[]): Promise<Written> {
  if (held.lost) return 'lost'
  const nowMs = engine.clock.now()
  const entries = held.unwritten.splice(0)
  for (const fact of facts) {
    held.state.seq += 1
    entries.push({ seq: held.state.seq, epoch: held.row.epoch, atMs: nowMs, fact })
    if (fact.is === 'decided') held.priority = priorityOf(fact.priority)
  }
  const written = await write(engine, held, { entries, fate: { is: 'go' } })
  if (written !== 'lost') for (const fact of facts) fold(held.state, fact)
  return written
}

/** Writes what is noted and what becomes of the run. `news`: it is neither parked nor ended, something arrived. */
export async function close(engine: Engine, held: Held, fate: Fate): Promise<Written> {
  if (held.lost) return 'lost'
  const written = await write(engine, held, { entries: held.unwritten.splice(0), fate })
  if (written === 'written' && fate.is !== 'go') held.fate = fate
  return written
}

interface Writing {
  readonly entries: readonly Entry[]
  readonly fate: Fate
}

async function write(engine: Engine, held: Held, { entries, fate }: Writing): Promise<Written> {
  const { id: run, epoch, parent } = held.row
  const worked = workingMs(held, engine)
  const written = await engine.outcomes.push({
    run,
    epoch,
    parent,
    entries,
    fate,
    workingMs: worked,
    priority: held.priority === held.row.priority ? null : held.priority,
    atMs: engine.clock.now(),
  })
  if (written === 'lost') held.lost = true
  else observe(engine, held.flow, { entries, fate, workingMs: worked })
  engine.changed(run)
  return written
}

/** Higher first; `normal` is what a run is born with. */
export function priorityOf(priority: Priority): number {
  return priorities.indexOf(priority) - 1
}

/** What an expression at an invocation reads; null: at the end of the run. */
export function scopeOfHeld(held: Held, at: At | null): Scope {
  return scopeOf({ flow: held.flow, run: held.scope, state: held.state }, at)
}
