// The rules that hold in every play, watched from outside the core.

import assert from 'node:assert/strict'
import { type Flow, type Step, stepAt } from '../../runner/model/flow.ts'
import type { At, Fact } from '../../runner/model/journal.ts'
import type { Move } from '../../runner/model/next.ts'
import type { Ready } from '../../runner/model/now.ts'
import { keyOf } from '../../runner/model/run.ts'

export interface Watcher {
  move(move: Move, busy: ReadonlyMap<string, Ready>): void
  /** A fact that follows from the state alone. */
  noted(fact: Fact): void
  durable(fact: Fact): void
  /** Only what is durable was. */
  reload(journal: readonly Fact[]): void
}

interface Seen {
  /** Keys of what has ended and has not begun anew. */
  readonly ended: Set<string>
  readonly lists: Map<string, number>
  cancelled: boolean
  ending: boolean
  failing: boolean
}

export function watcher(flow: Flow): Watcher {
  let seen = nothing()
  /** Effects that are over; none of them happens again. */
  const over = new Set<string>()
  const open = new Map<string, string>()
  const see = (fact: Fact): void => take(flow, seen, fact)
  return {
    move: (move, busy) => {
      if (seen.cancelled) assert.ok(move.is === 'abort' || move.is === 'end', `cancelled, and yet ${move.is}`)
      if (move.is !== 'perform') return
      const stages = [...busy.keys()].filter((key) => !key.startsWith('on_failure.'))
      assert.ok(!seen.failing || stages.length === 0, `${stages.join()} goes on beside on_failure`)
      for (const ready of move.work) {
        const key = keyOf(ready.at)
        assert.ok(!busy.has(key), `${key} is in progress already`)
        if (ready.failed !== undefined) assert.deepEqual(busyInside(ready.at, busy), [], `${key} is given up`)
        assert.ok(!seen.ended.has(key) || ready.failed !== undefined, `${key} has ended`)
        const main = !ready.at.step.startsWith('on_failure.')
        assert.ok(!main || !seen.ending, `${key} begins after the end`)
        for (const need of needsOf(flow, ready)) assert.ok(hasEnded(seen, need), `${key} needs ${need.path}`)
      }
      const keys = move.work.map((ready) => keyOf(ready.at))
      assert.equal(new Set(keys).size, keys.length, 'nothing is begun twice')
    },
    noted: see,
    durable: (fact) => {
      if (fact.is === 'intended') {
        assert.ok(!over.has(fact.key), `the effect ${fact.key} has happened and would happen again`)
        open.set(keyOf(fact.at), fact.key)
      }
      const done = fact.is === 'succeeded' || (fact.is === 'failed' && fact.retryAtMs === null)
      if (done) over.add(open.get(keyOf(fact.at)) ?? '')
      see(fact)
    },
    reload: (journal) => {
      seen = nothing()
      for (const fact of journal) see(fact)
    },
  }
}

function nothing(): Seen {
  return { ended: new Set(), lists: new Map(), cancelled: false, ending: false, failing: false }
}

function take(flow: Flow, seen: Seen, fact: Fact): void {
  switch (fact.is) {
    case 'cancel_requested':
      seen.cancelled = true
      return
    case 'failing':
      seen.ending = true
      seen.failing = true
      return
    case 'listed':
      seen.lists.set(fact.at.step, fact.items.length)
      return
    case 'retried':
      // All stages are retried in these tests.
      seen.ended.clear()
      seen.lists.clear()
      seen.ending = false
      seen.failing = false
      seen.cancelled = false
      return
    case 'opened':
    case 'repeated':
      return forget(seen, fact.at)
    case 'failed':
      if (fact.retryAtMs !== null) return forget(seen, fact.at)
      seen.ended.add(keyOf(fact.at))
      return
    case 'succeeded':
      // A group succeeds by what its steps did since it opened.
      for (const { path } of insideOf(flow, fact.at))
        assert.ok(hasEnded(seen, { path, element: fact.at.element }), `${keyOf(fact.at)} needs ${path}`)
      return ends(flow, seen, fact.at)
    case 'waited':
      return ends(flow, seen, fact.at)
    case 'heard':
      if (fact.event === null) seen.ended.add(keyOf(fact.at))
      else ends(flow, seen, fact.at)
      return
    case 'skipped':
    case 'denied':
    case 'settled':
      seen.ended.add(keyOf(fact.at))
      return
    case 'ending':
      seen.ending = true
      seen.ended.add(keyOf(fact.at))
      return
    default:
  }
}

function insideOf(flow: Flow, at: At): readonly Step[] {
  const work = stepAt(flow, at.step)?.work
  return work?.is === 'group' ? work.steps : []
}

/** With rounds a success is not the end yet. */
function ends(flow: Flow, seen: Seen, at: At): void {
  if (stepAt(flow, at.step)?.repeat == null) seen.ended.add(keyOf(at))
}

/** It and everything inside it begin anew. */
function forget(seen: Seen, at: At): void {
  const element = at.element === null ? '' : `#${at.element}`
  for (const key of seen.ended)
    if (key === keyOf(at) || (key.startsWith(`${at.step}.`) && key.endsWith(element))) seen.ended.delete(key)
  for (const path of seen.lists.keys()) if (path.startsWith(`${at.step}.`)) seen.lists.delete(path)
}

function busyInside({ step, element }: At, busy: ReadonlyMap<string, Ready>): string[] {
  const end = element === null ? '' : `#${element}`
  return [...busy.keys()].filter((key) => key.startsWith(`${step}.`) && key.endsWith(end))
}

interface Need {
  readonly path: string
  readonly element: number | null
}

/** What must have ended before this may begin, its own groups' needs included. */
function needsOf(flow: Flow, { at }: Ready): Need[] {
  const needs: Need[] = []
  let siblings: readonly Step[] = flow.steps.concat(flow.onFailure.steps)
  let element: number | null = null
  for (;;) {
    const step = siblings.find((one) => at.step === one.path || at.step.startsWith(`${one.path}.`))
    if (step === undefined) return needs
    const prefix = step.path.slice(0, step.path.length - step.id.length)
    for (const id of step.needs) needs.push({ path: `${prefix}${id}`, element })
    if (step.each !== null) element = at.element
    siblings = step.work.is === 'group' ? step.work.steps : []
  }
}

function hasEnded(seen: Seen, { path, element }: Need): boolean {
  if (seen.ended.has(keyOf({ step: path, element }))) return true
  const count = seen.lists.get(path)
  if (count === undefined) return false
  for (let n = 0; n < count; n++) if (!seen.ended.has(`${path}#${n}`)) return false
  return true
}
