// The names that expressions of a run can read, built from its state.

import type { Flow, Scope, Step } from './flow.ts'
import type { At } from './journal.ts'
import type { Json, JsonObject } from './json.ts'
import { countsOf, endingOf, type List, listReadMax } from './list.ts'
import { invocationAt, type Invocation, type RunState } from './run.ts'

/** What of a run never changes while it runs. */
export interface RunFacts {
  readonly id: string
  readonly trigger: string
  readonly startedMs: number
  readonly scheduledMs: number
  readonly event: JsonObject
  readonly inputs: JsonObject
}

/** The names that are the same in every expression of a run; made once. */
export type RunScope = Pick<Scope, 'event' | 'inputs' | 'run' | 'flow' | 'policy'>

/** @param policy `teams` and `lists` */
export function runScope(flow: Flow, facts: RunFacts, policy: JsonObject): RunScope {
  const { id, trigger, event, inputs } = facts
  const times = { started_at: iso(facts.startedMs), scheduled_at: iso(facts.scheduledMs) }
  return { event, inputs, run: { id, trigger, ...times }, flow: flow.name, policy }
}

const iso = (ms: number): string => new Date(ms).toISOString()

export interface ScopeSource {
  readonly flow: Flow
  readonly run: RunScope
  readonly state: RunState
}

/**
 * What an expression of the invocation `at` sees, or at the end of the run (null); steps that did not run to a
 * result are absent, so `has()` tells. Inside a group its other steps are there, inside `each` the element.
 */
export function scopeOf(source: ScopeSource, at: At | null): Scope {
  const { flow, run, state } = source
  const steps: Record<string, Json> = {}
  const locals: Record<string, Json> = {}
  let siblings: readonly Step[] = flow.steps.concat(flow.onFailure.steps)
  let element: number | null = null
  // Down from the stage to where the expression stands.
  for (;;) {
    addResults(steps, siblings, { state, element })
    const next = at === null ? null : enclosing(siblings, at.step)
    if (next === null || at === null) break
    if (next.each !== null && at.element !== null) {
      element = at.element
      locals[next.each.as] = state.lists.get(next.path)?.items[element] ?? null
      // Of the list it stands in, an element sees itself.
      if (next.path === at.step) put(steps, next, resultOfOne(next, { state, element }))
    }
    siblings = stepsOf(next)
  }
  const scope = { ...run, steps, ...locals }
  return state.failing === null ? scope : { ...scope, failure: failureOf(state.failing, flow) }
}

/** The step itself, or the group that it stands in. */
function enclosing(steps: readonly Step[], path: string): Step | null {
  return steps.find((step) => path === step.path || path.startsWith(`${step.path}.`)) ?? null
}

function stepsOf({ work }: Step): readonly Step[] {
  return work.is === 'group' ? work.steps : []
}

interface Seen {
  readonly state: RunState
  readonly element: number | null
}

function addResults(into: Record<string, Json>, steps: readonly Step[], seen: Seen): void {
  for (const step of steps) put(into, step, resultOf(step, seen))
}

function put(into: Record<string, Json>, step: Step, result: JsonObject | null): void {
  if (result !== null) into[step.id] = result
}

function failureOf(failing: NonNullable<RunState['failing']>, flow: Flow): JsonObject {
  return {
    step: failing.step,
    error: { kind: failing.error.kind, message: failing.error.message },
    summary: `${flow.name} failed at ${failing.step}: ${failing.error.message}`.slice(0, 300),
  }
}

function resultOf(step: Step, seen: Seen): JsonObject | null {
  const list = seen.state.lists.get(step.path)
  if (list === undefined) return resultOfOne(step, seen)
  return list.open > 0 ? null : resultOfList(step, list, seen.state)
}

function resultOfOne(step: Step, seen: Seen): JsonObject | null {
  const invocation = invocationAt(seen.state, { step: step.path, element: seen.element })
  const { phase } = invocation
  return phase.is !== 'ended' || phase.status === 'skipped' ? null : resultFields(step, invocation, seen)
}

/** A long list is told in counts: its elements are in the journal, not in memory. */
function resultOfList(step: Step, list: List, state: RunState): JsonObject {
  const status = list.bad.length > 0 ? 'failed' : 'succeeded'
  const counts = { count: list.items.length, ...countsOf(list) }
  if (list.items.length > listReadMax) return { status, ...counts }
  const items = list.items.map((item, element): JsonObject => {
    const invocation = invocationAt(state, { step: step.path, element })
    return { item, ...resultFields(step, invocation, { state, element }), status: endingOf(list, element) }
  })
  return { status, ...counts, items }
}

function resultFields(step: Step, invocation: Readonly<Invocation>, seen: Seen): JsonObject {
  if (invocation.phase.is !== 'ended') throw new Error('only an ended invocation has a result')
  const { status, output, error, risk } = invocation.phase
  const decision = invocation.decision
  const inside: Record<string, Json> = {}
  addResults(inside, stepsOf(step), seen)
  return {
    status,
    ...(status === 'timed_out' ? {} : { output }),
    ...(error === null ? {} : { error: { kind: error.kind, message: error.message } }),
    ...(step.work.is === 'group' ? { steps: inside } : {}),
    ...(decision === null
      ? {}
      : {
          choice: decision.choice,
          parameters: decision.parameters,
          reason: decision.reason,
          priority: decision.priority,
          risk: risk ?? decision.risk,
          cost_usd: Number(decision.costPicoUsd) / 1e12,
        }),
  }
}
