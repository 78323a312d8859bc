// The heart: from a flow and the state of a run to what happens next. Pure; the same function serves the
// runner, rehearsals and tests.

import type { Verdict } from './approval.ts'
import { recordedError, type RecordedError } from './error.ts'
import type { Flow, Scope, Step } from './flow.ts'
import { impossible } from './impossible.ts'
import type { At, Fact } from './journal.ts'
import type { Json } from './json.ts'
import { invocationAt, keyOf, type Phase, type RunState } from './run.ts'

/** What is known at this moment besides the journal. */
export interface Now {
  readonly nowMs: number
  /** Invocations that this process is performing. */
  readonly busy: ReadonlySet<string>
  readonly verdicts: ReadonlyMap<string, Verdict>
  readonly scope: () => Scope
}

export interface Waiting {
  readonly for: 'people' | 'time' | 'retry' | 'claude' | 'resume'
  readonly step: string
  readonly element: number | null
  readonly ticket?: string
  readonly untilMs?: number
}

export type Move =
  /** Facts that follow from the state alone; recorded, then asked again. */
  | { readonly is: 'record'; readonly facts: readonly Fact[] }
  | { readonly is: 'perform'; readonly work: readonly Ready[] }
  /** Something is being performed; ask again when it ends or at `wakeMs`. */
  | { readonly is: 'await'; readonly wakeMs: number | null }
  | { readonly is: 'park'; readonly wakeMs: number | null; readonly waiting: readonly Waiting[] }
  /** Stop what is being performed, then ask again. */
  | { readonly is: 'abort' }
  | {
      readonly is: 'end'
      readonly status: 'succeeded' | 'failed' | 'cancelled'
      readonly error: RecordedError | null
    }

export interface Ready {
  readonly step: Step
  readonly at: At
}

/** What the run does next. Calls `scope` only when an expression has to be evaluated. */
export function next(flow: Flow, state: RunState, now: Now): Move {
  if (state.cancelBy !== null) return stopped(now, { is: 'end', status: 'cancelled', error: null })
  if (state.failing === null) {
    const found = look(flow.steps, state, now)
    if (found.failed !== null) return { is: 'record', facts: [found.failed] }
    return moveOf(found, now, { is: 'end', status: 'succeeded', error: null })
  }
  const failureSteps = new Set(flow.onFailure.steps.map((step) => step.path as string))
  const old = [...now.busy].filter((key) => !failureSteps.has(key.split('#')[0] ?? ''))
  if (old.length > 0) return { is: 'abort' }
  const end = { is: 'end', status: 'failed', error: state.failing.error } as const
  const found = look(flow.onFailure.steps, state, now)
  return found.failed === null ? moveOf(found, now, end) : stopped(now, end)
}

function stopped(now: Now, end: Move): Move {
  return now.busy.size > 0 ? { is: 'abort' } : end
}

/** What one look over the steps of a stage found. */
interface Found {
  readonly facts: Fact[]
  readonly ready: Ready[]
  readonly waiting: Waiting[]
  failed: Fact | null
  wakeMs: number | null
}

function moveOf(found: Found, now: Now, end: Move): Move {
  if (found.facts.length > 0) return { is: 'record', facts: found.facts }
  if (found.ready.length > 0) return { is: 'perform', work: found.ready }
  if (now.busy.size > 0) return { is: 'await', wakeMs: found.wakeMs }
  if (found.waiting.length > 0) return { is: 'park', wakeMs: found.wakeMs, waiting: found.waiting }
  return end
}

function look(steps: readonly Step[], state: RunState, now: Now): Found {
  const found: Found = { facts: [], ready: [], waiting: [], failed: null, wakeMs: null }
  const endedSteps = new Set<string>()
  for (const step of steps) {
    const may = step.needs.every((id) => endedSteps.has(id))
    if (may && lookAtStep(step, { state, now, found })) endedSteps.add(step.id)
    if (found.failed !== null) return found
  }
  return found
}

interface Looking {
  readonly state: RunState
  readonly now: Now
  readonly found: Found
}

/** True when the step has ended, every element of it. */
function lookAtStep(step: Step, looking: Looking): boolean {
  if (step.each === null) return lookAt({ step, at: { step: step.path, element: null } }, looking, null)
  const items = looking.state.lists.get(step.path)
  if (items === undefined) return startList(step, looking)
  let open = 0
  let finished = true
  for (let element = 0; element < items.length && open < step.each.maxParallel; element++) {
    const at = { step: step.path, element }
    const done = lookAt({ step, at }, looking, { name: step.each.as, item: items[element] ?? null })
    if (looking.found.failed !== null) return false
    if (!done) {
      finished = false
      open += 1
    }
  }
  return finished
}

const elementsMax = 10_000

/** Freezes the list of `each`; afterwards nothing can change which elements there are. */
function startList(step: Step, looking: Looking): boolean {
  const at = { step: step.path, element: null }
  const phase = invocationAt(looking.state, at).phase
  if (phase.is === 'ended') return settle(step, phase, looking.found)
  if (step.each === null) throw new Error('a step without each has no list')
  try {
    const items = step.each.list.evaluate(looking.now.scope())
    if (!Array.isArray(items)) throw new TypeError(`each needs a list, not ${typeof items}`)
    if (items.length > elementsMax)
      throw new RangeError(`each takes ${elementsMax} elements, not ${items.length}`)
    looking.found.facts.push({ v: 1, is: 'listed', at, items: items as readonly Json[] })
  } catch (thrown) {
    looking.found.facts.push(failedFact(at, thrown))
  }
  return false
}

interface Element {
  readonly name: string
  readonly item: Json
}

/** Sorts one invocation into what was found; true when it has ended. */
function lookAt(ready: Ready, looking: Looking, element: Element | null): boolean {
  const { step, at } = ready
  const { now, found } = looking
  const phase = invocationAt(looking.state, at).phase
  switch (phase.is) {
    case 'ended':
      return settle(step, phase, found)
    case 'asked':
      answered(phase, at, looking)
      return false
    case 'waiting':
      if (!waits({ at, untilMs: phase.untilMs, for: phase.why === 'claude' ? 'claude' : 'time' }, looking))
        begin(ready, now, found)
      return false
    case 'retrying':
      if (!waits({ at, untilMs: phase.atMs, for: 'retry' }, looking)) begin(ready, now, found)
      return false
    case 'pending':
      if (skips(ready, looking, element)) return false
      begin(ready, now, found)
      return false
    case 'decided':
    case 'answered':
    case 'intended':
      begin(ready, now, found)
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

function begin(ready: Ready, now: Now, found: Found): void {
  if (!now.busy.has(keyOf(ready.at))) found.ready.push(ready)
}

interface Timed {
  readonly at: At
  readonly untilMs: number
  readonly for: 'time' | 'retry' | 'claude'
}

function waits(timed: Timed, { now, found }: Looking): boolean {
  if (timed.untilMs <= now.nowMs) return false
  const { at, untilMs } = timed
  found.waiting.push({ for: timed.for, step: at.step, element: at.element, untilMs })
  found.wakeMs = found.wakeMs === null ? untilMs : Math.min(found.wakeMs, untilMs)
  return true
}

/** Evaluates `when`; records the skip, or the failure of the expression. */
function skips({ step, at }: Ready, looking: Looking, element: Element | null): boolean {
  if (step.when === null || looking.now.busy.has(keyOf(at))) return false
  try {
    const scope = looking.now.scope()
    const holds = step.when.evaluate(element === null ? scope : { ...scope, [element.name]: element.item })
    if (holds === true) return false
    looking.found.facts.push({ v: 1, is: 'skipped', at, why: 'when' })
  } catch (thrown) {
    looking.found.facts.push(failedFact(at, thrown))
  }
  return true
}

function failedFact(at: At, thrown: unknown): Fact {
  const error = recordedError(thrown)
  return { v: 1, is: 'failed', at, attempt: 1, error, uses: null, tookMs: 0, retryAtMs: null }
}

/** An ended invocation: does it end the run? */
function settle(step: Step, phase: Extract<Phase, { is: 'ended' }>, found: Found): boolean {
  const bad = phase.status === 'failed' || phase.status === 'denied'
  if (bad && step.onError === 'fail')
    found.failed ??= { v: 1, is: 'failing', step: step.path, error: phase.error ?? noError }
  return true
}

const noError: RecordedError = { kind: 'invalid', message: 'failed without an error' }
