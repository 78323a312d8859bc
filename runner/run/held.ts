// A run that this process holds: its journal folded, and the one way to add to it.

import type { Engine } from './engine.ts'
import type { Verdict } from '../model/approval.ts'
import type { Flow } from '../model/flow.ts'
import type { Entry, Fact } from '../model/journal.ts'
import type { JsonObject } from '../model/json.ts'
import type { Policy } from '../model/policy.ts'
import { observe } from './observe.ts'
import { type Priority, priorities } from '../model/decision.ts'
import { fold, newRunState, type RunState } from '../model/run.ts'
import { type RunFacts, scopeOf } from '../model/scope.ts'
import type { Scope } from '../model/flow.ts'
import type { Fate, Written } from '../store/journal.ts'
import type { HeldRun } from '../store/runs.ts'

export interface Held {
  readonly row: HeldRun
  readonly flow: Flow
  readonly policy: Policy
  readonly state: RunState
  readonly verdicts: Map<string, Verdict>
  /** Facts that follow from the state alone; written with the next outcome. */
  readonly unwritten: Entry[]
  wakeSeq: number
  priority: number
  /** Monotonic time since when it works, and what it had worked before. */
  readonly since: number
  readonly workedMs: number
  /** Another holder has the run, or the store refused: stop without a word. */
  lost: boolean
  /** Ends the wait of the advancing loop. */
  poke(): void
  poked(): Promise<void>
}

/** Makes a held run of a claimed row and its journal. */
export function hold(
  claimed: {
    readonly row: HeldRun
    readonly flow: Flow
    readonly policy: Policy
    readonly journal: readonly Entry[]
  },
  monotonicMs: number,
): Held {
  const state = newRunState()
  for (const entry of claimed.journal) {
    fold(state, entry.fact)
    state.seq = entry.seq
  }
  if (claimed.row.cancelBy !== null) state.cancelBy = claimed.row.cancelBy
  let wake = (): void => {}
  let woken = new Promise<void>((resolve) => (wake = resolve))
  return {
    row: claimed.row,
    flow: claimed.flow,
    policy: claimed.policy,
    state,
    verdicts: new Map(),
    unwritten: [],
    wakeSeq: claimed.row.wakeSeq,
    priority: claimed.row.priority,
    since: monotonicMs,
    workedMs: claimed.row.workingMs,
    lost: false,
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

/** Takes facts that follow from the state alone; they are written with the next outcome. */
export function note(held: Held, facts: readonly Fact[], nowMs: number): void {
  for (const fact of facts) {
    held.state.seq += 1
    held.unwritten.push({ seq: held.state.seq, epoch: held.row.epoch, atMs: nowMs, fact })
    fold(held.state, fact)
  }
}

/**
 * Writes facts and what becomes of the run; they are folded only when durable. Not `written`: nothing happened,
 * and for `lost` the run is not ours any more.
 */
export async function record(
  engine: Engine,
  held: Held,
  outcome: { facts: readonly Fact[]; fate: Fate },
): Promise<Written> {
  if (held.lost) return 'lost'
  const nowMs = engine.clock.now()
  const entries = held.unwritten.splice(0)
  for (const fact of outcome.facts) {
    held.state.seq += 1
    entries.push({ seq: held.state.seq, epoch: held.row.epoch, atMs: nowMs, fact })
    if (fact.is === 'decided') held.priority = priorityOf(fact.priority)
  }
  const worked = workingMs(held, engine)
  const written = await engine.outcomes.push({
    run: held.row.id,
    epoch: held.row.epoch,
    entries,
    fate: outcome.fate,
    workingMs: worked,
    priority: held.priority,
    atMs: nowMs,
  })
  if (written === 'lost') held.lost = true
  else {
    for (const fact of outcome.facts) fold(held.state, fact)
    observe(engine, held.flow, { ...outcome, workingMs: worked })
  }
  engine.changed(held.row.id)
  return written
}

/** Higher first; `normal` is what a run is born with. */
export function priorityOf(priority: Priority): number {
  return priorities.indexOf(priority) - 1
}

export function runFacts(row: HeldRun): RunFacts {
  const { id, trigger, startedMs, scheduledMs, event, inputs } = row
  return { id, trigger, startedMs, scheduledMs, event, inputs }
}

export function scopeOfHeld(held: Held): Scope {
  const policy: JsonObject = { teams: held.policy.teams, lists: held.policy.lists }
  return scopeOf({ flow: held.flow, run: runFacts(held.row), state: held.state, policy })
}
