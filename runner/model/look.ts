// One look over the steps of a stage: what can be recorded, performed or waited for. Part of `next`.

import type { RecordedError } from './error.ts'
import type { GroupWork, Step } from './flow.ts'
import { impossible } from './impossible.ts'
import type { At, Fact } from './journal.ts'
import type { Json } from './json.ts'
import type { Now, Ready, Waiting } from './now.ts'
import { failedFact, roundOver } from './repeat.ts'
import {
  type Ended,
  type Invocation,
  invocationAt,
  isFinal,
  keyOf,
  type Phase,
  type RunState,
} from './run.ts'

export interface Found {
  readonly facts: Fact[]
  readonly ready: Ready[]
  readonly waiting: Waiting[]
  /** Keys of what has to be stopped, because its group has failed. */
  readonly stop: string[]
  failed: { readonly step: string; readonly error: RecordedError } | null
  wakeMs: number | null
}

interface Looking {
  readonly state: RunState
  readonly now: Now
  readonly found: Found
  /** The element of the `each` that the steps stand in; null outside. */
  readonly element: number | null
}

export function look(steps: readonly Step[], state: RunState, now: Now): Found {
  const found = nothingFound()
  lookInside(steps, { state, now, found, element: null })
  return found
}

function nothingFound(): Found {
  return { facts: [], ready: [], waiting: [], stop: [], failed: null, wakeMs: null }
}

/** True when every step has ended, none of them in a way that fails what they stand in. */
function lookInside(steps: readonly Step[], looking: Looking): boolean {
  const ended = new Set<string>()
  for (const step of steps) {
    const may = step.needs.every((id) => ended.has(id))
    if (may && lookAtStep(step, looking)) ended.add(step.id)
  }
  return ended.size === steps.length
}

/** True when the step has ended, every element of it. */
function lookAtStep(step: Step, looking: Looking): boolean {
  if (step.each === null) return lookAt(step, { step: step.path, element: looking.element }, looking)
  const list = looking.state.lists.get(step.path)
  if (list === undefined) return startList(step, looking)
  if (list.bad.length > 0 && step.onError === 'fail') {
    for (const element of list.bad)
      blame(step, errorOf(invocationAt(looking.state, { step: step.path, element }).phase), looking.found)
    return false
  }
  let open = 0
  for (let element = list.firstOpen; element < list.items.length && open < step.each.maxParallel; element++) {
    if (list.ended[element] !== 0) continue
    open += 1
    lookAt(step, { step: step.path, element }, { ...looking, element })
  }
  return list.open === 0
}

const elementsMax = 10_000

/** Freezes the list of `each`; afterwards nothing can change which elements there are. */
function startList(step: Step, looking: Looking): boolean {
  const at = { step: step.path, element: null }
  const invocation = invocationAt(looking.state, at)
  if (invocation.phase.is === 'ended') return settle(step, invocation.phase, looking.found)
  if (step.each === null) throw new Error('a step without each has no list')
  try {
    const items = step.each.list.evaluate(looking.now.scope(at))
    if (!Array.isArray(items)) throw new TypeError(`each needs a list, not ${typeof items}`)
    if (items.length > elementsMax)
      throw new RangeError(`each takes ${elementsMax} elements, not ${items.length}`)
    looking.found.facts.push({ v: 1, is: 'listed', at, items: items as readonly Json[] })
  } catch (thrown) {
    looking.found.facts.push(failedFact(at, thrown))
  }
  return false
}

/** Sorts one invocation into what was found; true when it has ended. */
function lookAt(step: Step, at: At, looking: Looking): boolean {
  const { now, found } = looking
  const invocation = invocationAt(looking.state, at)
  const { phase } = invocation
  switch (phase.is) {
    case 'ended':
      return afterEnd({ step, at }, { invocation, phase }, looking)
    case 'asked':
      answered(phase, at, looking)
      return false
    case 'called':
      if (now.ended.has(phase.run)) begin({ step, at }, looking)
      else found.waiting.push({ for: 'call', step: at.step, element: at.element, run: phase.run })
      return false
    case 'listening':
      listens(phase, at, looking)
      return false
    case 'waiting': {
      const why = phase.why === 'claude' || phase.why === 'limit' ? phase.why : 'time'
      if (!waits({ at, untilMs: phase.untilMs, for: why }, looking)) begin({ step, at }, looking)
      return false
    }
    case 'again': {
      const why = phase.why === 'retry' ? 'retry' : 'time'
      if (!waits({ at, untilMs: phase.atMs, for: why }, looking)) start({ step, at }, looking)
      return false
    }
    case 'open':
      lookAtGroup({ step, at }, phase.sinceMs, looking)
      return false
    case 'pending':
      if (skips({ step, at }, looking)) return false
      if (step.repeat !== null && invocation.beganMs === null)
        found.facts.push({ v: 1, is: 'began', at, sinceMs: now.nowMs })
      start({ step, at }, looking)
      return false
    case 'decided':
    case 'answered':
    case 'intended':
      begin({ step, at }, looking)
      return false
    default:
      return impossible(phase)
  }
}

function answered(phase: Extract<Phase, { is: 'asked' }>, at: At, looking: Looking): void {
  const { now, found } = looking
  const { ticket, notBeforeMs } = phase
  const verdict = now.verdicts.get(ticket)
  if (verdict === undefined) found.waiting.push({ for: 'people', step: at.step, element: at.element, ticket })
  else if (notBeforeMs === null || !waits({ at, untilMs: notBeforeMs, for: 'retry' }, looking))
    found.facts.push({ v: 1, is: 'answered', at, ticket, verdict })
}

function listens(phase: Extract<Phase, { is: 'listening' }>, at: At, looking: Looking): void {
  const event = looking.now.heard.get(keyOf(at))
  if (event !== undefined) looking.found.facts.push({ v: 1, is: 'heard', at, event })
  else if (!waits({ at, untilMs: phase.untilMs, for: 'event' }, looking))
    looking.found.facts.push({ v: 1, is: 'heard', at, event: null })
}

/** A group opens by a fact; everything else is performed. */
function start(ready: Ready, looking: Looking): void {
  if (ready.step.work.is !== 'group') return begin(ready, looking)
  looking.found.facts.push({ v: 1, is: 'opened', at: ready.at, sinceMs: looking.now.nowMs })
}

function begin(ready: Ready, { now, found }: Looking): void {
  if (!now.busy.has(keyOf(ready.at))) found.ready.push(ready)
}

/** The steps of an open group: it ends when they have, and fails when one of them does. */
function lookAtGroup({ step, at }: Ready, sinceMs: number, looking: Looking): void {
  const { now, found } = looking
  const within = { ...looking, element: at.element, found: nothingFound() }
  const done = lookInside((step.work as GroupWork).steps, within)
  const overMs = step.timeoutMs === null ? null : sinceMs + step.timeoutMs
  // What has ended in time is not failed by a late look at it.
  if (!done && overMs !== null && overMs <= now.nowMs) blame(step, overtime(step), within.found)
  const failed = within.found.failed?.error
  if (failed !== undefined) return failGroup({ step, at, failed }, looking)
  if (done) {
    const end = { attempt: invocationAt(looking.state, at).attempts + 1, output: null, uses: null } as const
    found.facts.push({ v: 1, is: 'succeeded', at, ...end, risk: 'low', tookMs: now.nowMs - sinceMs })
    return
  }
  if (overMs !== null) found.wakeMs = sooner(found.wakeMs, overMs)
  found.facts.push(...within.found.facts)
  found.ready.push(...within.found.ready)
  found.waiting.push(...within.found.waiting)
  found.stop.push(...within.found.stop)
  if (within.found.wakeMs !== null) found.wakeMs = sooner(found.wakeMs, within.found.wakeMs)
}

function overtime(step: Step): RecordedError {
  return {
    kind: 'timeout',
    message: `the group took longer than ${step.timeoutMs} ms`,
    remedy: 'raise `timeout` of the group, or look which of its steps is slow',
  }
}

/** What of the group is in progress is stopped first. */
function failGroup(ready: Ready, looking: Looking): void {
  const { step, at } = ready
  const element = at.element === null ? null : `#${at.element}`
  const inside = [...looking.now.busy.keys()].filter(
    (key) => key.startsWith(`${step.path}.`) && (element === null || key.endsWith(element)),
  )
  if (inside.length > 0) looking.found.stop.push(...inside)
  else begin(ready, looking)
}

interface Timed {
  readonly at: At
  readonly untilMs: number
  readonly for: Waiting['for']
}

function waits(timed: Timed, { now, found }: Looking): boolean {
  if (timed.untilMs <= now.nowMs) return false
  const { at, untilMs } = timed
  found.waiting.push({ for: timed.for, step: at.step, element: at.element, untilMs })
  found.wakeMs = sooner(found.wakeMs, untilMs)
  return true
}

function sooner(one: number | null, other: number): number {
  return one === null ? other : Math.min(one, other)
}

/** Evaluates `when`; records the skip, or the failure of the expression. */
function skips({ step, at }: Ready, looking: Looking): boolean {
  if (step.when === null || looking.now.busy.has(keyOf(at))) return false
  try {
    if (step.when.evaluate(looking.now.scope(at)) === true) return false
    looking.found.facts.push({ v: 1, is: 'skipped', at, why: 'when' })
  } catch (thrown) {
    looking.found.facts.push(failedFact(at, thrown))
  }
  return true
}

interface AfterEnd {
  readonly invocation: Readonly<Invocation>
  readonly phase: Ended
}

function afterEnd({ step, at }: Ready, { invocation, phase }: AfterEnd, looking: Looking): boolean {
  if (step.repeat === null || isFinal(invocation)) return settle(step, phase, looking.found)
  looking.found.facts.push(roundOver({ step, at }, invocation, looking.now))
  return false
}

/** An ended invocation: false when it fails what it stands in. */
function settle(step: Step, phase: Ended, found: Found): boolean {
  const bad = phase.status === 'failed' || phase.status === 'denied'
  if (!bad || step.onError === 'continue') return true
  blame(step, errorOf(phase), found)
  return false
}

function errorOf(phase: Phase): RecordedError {
  const error = phase.is === 'ended' ? phase.error : null
  return error ?? { kind: 'invalid', message: 'failed without an error' }
}

/** The gravest failure is the one to tell; of equals the first. */
function blame(step: Step, error: RecordedError, found: Found): void {
  if (found.failed === null || gravity(error) > gravity(found.failed.error))
    found.failed = { step: step.path, error }
}

/** What was stopped because of another is not the cause; what may have happened must not be repeated with its group. */
function gravity({ kind }: RecordedError): number {
  return kind === 'cancelled' ? 0 : kind === 'unknown_outcome' ? 2 : 1
}
