// Plays a run on the pure core: performs what `next` says, ends it in any order, crashes, and watches the rules.

import assert from 'node:assert/strict'
import { watcher, type Watcher } from './property-watch.ts'
import type { Verdict } from '../../runner/model/approval.ts'
import type { FailureKind } from '../../runner/model/error.ts'
import type { Flow } from '../../runner/model/flow.ts'
import { fold } from '../../runner/model/fold.ts'
import type { At, Fact } from '../../runner/model/journal.ts'
import type { Json } from '../../runner/model/json.ts'
import type { Now, Ready, Waiting } from '../../runner/model/now.ts'
import { type Move, next } from '../../runner/model/next.ts'
import { invocationAt, keyOf, newRunState, type RunState } from '../../runner/model/run.ts'
import { runScope, scopeOf } from '../../runner/model/scope.ts'

/** What a play is driven by; every number decides one thing, in turn. */
export interface Luck {
  /** At least 0, below `below`. */
  pick(below: number): number
  /** How work of this path ends. */
  outcome(path: string): 'succeeded' | 'failed'
  /** Whether the holder dies now. */
  crash(): boolean
}

export interface Played {
  readonly end: Extract<Move, { is: 'end' }>
  readonly state: RunState
  /** What was durable, in order. */
  readonly journal: readonly Fact[]
}

interface Play {
  readonly flow: Flow
  readonly luck: Luck
  readonly watch: Watcher
  readonly journal: Fact[]
  /** Folded, written with the next outcome; a crash loses them. */
  unwritten: Fact[]
  state: RunState
  nowMs: number
  readonly busy: Map<string, Ready>
  readonly verdicts: Map<string, Verdict>
  readonly heard: Map<string, Json>
  readonly ended: Set<string>
}

const facts = { id: 'r', trigger: 't', startedMs: 0, scheduledMs: 0, event: {}, inputs: {} }

const movesMax = 3_000

export interface From {
  readonly flow: Flow
  readonly luck: Luck
  /** What was durable when an earlier holder died. */
  readonly journal?: readonly Fact[]
}

export function play({ flow, luck, journal = [] }: From): Played {
  const one: Play = {
    flow,
    luck,
    watch: watcher(flow),
    journal: [...journal],
    unwritten: [],
    state: newRunState(),
    nowMs: 1_000_000,
    busy: new Map(),
    verdicts: new Map(),
    heard: new Map(),
    ended: new Set(),
  }
  for (const fact of journal) one.watch.durable(fact)
  reload(one)
  for (let moves = 0; moves < movesMax; moves++) {
    if (luck.crash()) reload(one)
    const move = next(flow, one.state, nowOf(one))
    one.watch.move(move, one.busy)
    if (move.is === 'end') return { end: move, state: one.state, journal: one.journal.concat(one.unwritten) }
    follow(one, move)
  }
  throw new Error('the run does not end')
}

/** Another holder: what was not durable is gone. */
function reload(one: Play): void {
  one.state = newRunState()
  one.unwritten = []
  one.busy.clear()
  for (const fact of one.journal) fold(one.state, fact)
  one.watch.reload(one.journal)
}

function nowOf(one: Play): Now {
  const run = runScope(one.flow, facts, {})
  return {
    nowMs: one.nowMs,
    busy: new Set(one.busy.keys()),
    verdicts: one.verdicts,
    heard: one.heard,
    ended: one.ended,
    scope: (at) => ({
      ...scopeOf({ flow: one.flow, run, state: one.state }, at),
      round: invocationAt(one.state, at).round,
    }),
  }
}

function follow(one: Play, move: Exclude<Move, { is: 'end' }>): void {
  switch (move.is) {
    case 'record':
      assert.ok(move.facts.length > 0, 'nothing to record is no move')
      one.unwritten.push(...move.facts)
      for (const fact of move.facts) {
        fold(one.state, fact)
        one.watch.noted(fact)
      }
      return
    case 'perform':
      assert.ok(move.work.length > 0, 'nothing to perform is no move')
      for (const ready of move.work) one.busy.set(keyOf(ready.at), ready)
      return
    case 'await':
      assert.ok(one.busy.size > 0, 'nobody waits for nothing')
      return someEnds(one)
    case 'abort':
      assert.ok(move.keys.length > 0, 'nothing to stop is no move')
      for (const key of move.keys) aborted(one, key)
      return
    case 'park':
      assert.equal(one.busy.size, 0, 'a run with work in progress is not parked')
      return news(one, move)
  }
}

function someEnds(one: Play): void {
  const all = [...one.busy.values()]
  const ready = all[one.luck.pick(all.length)]
  if (ready === undefined) return
  one.nowMs += one.luck.pick(50)
  step(one, ready)
}

/** Stopped work has failed, or was quicker than the word that stops it. */
function aborted(one: Play, key: string): void {
  const ready = one.busy.get(key)
  assert.ok(ready !== undefined, 'only what is in progress is stopped')
  one.busy.delete(key)
  const quick = ready.step.work.is === 'uses' && ready.failed === undefined && one.luck.pick(4) === 0
  write(one, quick ? success(one, ready.at) : failure(one, ready, 'cancelled'))
}

/** Takes what is in progress one step further, as the runner does: the intent first, then the outcome. */
function step(one: Play, ready: Ready): void {
  const { at } = ready
  const { phase } = invocationAt(one.state, at)
  const { work } = ready.step
  if (work.is === 'uses' && phase.is !== 'intended') return write(one, intent(one, at))
  one.busy.delete(keyOf(at))
  if (ready.failed !== undefined) return write(one, failure(one, ready, ready.failed.kind))
  if (work.is === 'uses' || phase.is === 'called')
    return write(one, goesWell(one, at) ? success(one, at) : failure(one, ready, 'refused'))
  if (phase.is === 'answered') {
    const yes = phase.verdict.is === 'yes'
    return write(one, yes ? success(one, at) : { v: 1, is: 'denied', at, answer: 'no', reason: '' })
  }
  if (phase.is === 'waiting') return write(one, { v: 1, is: 'waited', at })
  write(one, begun(one, ready))
}

function begun(one: Play, { at, step: { work } }: Ready): Fact {
  const { round } = invocationAt(one.state, at)
  const name = `${keyOf(at)} ${round}`
  if (work.is === 'approve') return { v: 1, is: 'asked', at, ticket: name, action: null, notBeforeMs: null }
  if (work.is === 'call') return { v: 1, is: 'called', at, run: name }
  if (work.is === 'end') return { v: 1, is: 'ending', at, status: work.status, reason: '' }
  if (work.is !== 'wait') throw new Error(`a ${work.is} is not performed`)
  return 'event' in work.wait
    ? { v: 1, is: 'listening', at, sinceMs: 0, untilMs: one.nowMs + work.wait.forMs }
    : { v: 1, is: 'waiting', at, untilMs: one.nowMs + 100, why: 'wait' }
}

/** Of what a parked run waits for, something comes. */
function news(one: Play, { waiting, wakeMs }: Extract<Move, { is: 'park' }>): void {
  assert.ok(waiting.length > 0, 'a run parks for something')
  one.journal.push(...one.unwritten.splice(0))
  const coming = waiting.filter((word) => comes(one, word))
  const word = coming[one.luck.pick(coming.length)]
  if (word === undefined) {
    assert.ok(wakeMs !== null && wakeMs > one.nowMs, 'what only time ends has a time')
    one.nowMs = wakeMs
    return
  }
  const at = { step: word.step, element: word.element }
  const yes = goesWell(one, at)
  if (word.for === 'people')
    one.verdicts.set(
      word.ticket ?? '',
      yes ? { is: 'yes', by: ['ana'] } : { is: 'no', by: 'ana', reason: '' },
    )
  else if (word.for === 'call') one.ended.add(word.run ?? '')
  else one.heard.set(keyOf(at), { came: true })
}

/** People and called runs answer always, an event only where its step goes well; for the rest time has to pass. */
function comes(one: Play, word: Waiting): boolean {
  if (word.for === 'people' || word.for === 'call') return true
  const at = { step: word.step, element: word.element }
  return word.for === 'event' && !one.heard.has(keyOf(at)) && goesWell(one, at)
}

function goesWell(one: Play, at: At): boolean {
  return one.luck.outcome(at.step) === 'succeeded'
}

function write(one: Play, fact: Fact): void {
  const entries = one.unwritten.splice(0)
  one.journal.push(...entries, fact)
  fold(one.state, fact)
  one.watch.durable(fact)
}

function intent(one: Play, at: At): Fact {
  const { attempts, round, generation } = invocationAt(one.state, at)
  const key = `${keyOf(at)} ${round} ${generation}`
  const action = { uses: 'x', version: 1, input: {}, sources: {} }
  const rest = { requestHash: '', risk: 'low', ticket: null } as const
  return { v: 1, is: 'intended', at, attempt: attempts + 1, key, action, ...rest }
}

function success(one: Play, at: At): Fact {
  const attempt = invocationAt(one.state, at).attempts + 1
  return { v: 1, is: 'succeeded', at, attempt, output: { ok: 1 }, uses: 'x', risk: 'low', tookMs: 1 }
}

function failure(one: Play, { at, step: { retry } }: Ready, kind: FailureKind): Fact {
  const attempt = invocationAt(one.state, at).attempts + 1
  const again = kind !== 'cancelled' && retry !== null && attempt <= retry.times
  const error = { kind, message: kind }
  const retryAtMs = again ? one.nowMs + one.luck.pick(20) : null
  return { v: 1, is: 'failed', at, attempt, error, uses: null, tookMs: 1, retryAtMs }
}
