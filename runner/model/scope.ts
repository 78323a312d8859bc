// The names that expressions of a run can read, built from its state.

import type { Flow, Scope, Step } from './flow.ts'
import type { Json, JsonObject } from './json.ts'
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

export interface ScopeSource {
  readonly flow: Flow
  readonly run: RunFacts
  readonly state: RunState
  /** `policy.teams` and `policy.lists`. */
  readonly policy: JsonObject
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** The scope of one evaluation; steps that did not run to a result are absent, so `has()` tells. */
export function scopeOf(source: ScopeSource): Scope {
  const { flow, run, state } = source
  const steps: Record<string, Json> = {}
  for (const step of flow.steps.concat(flow.onFailure.steps)) {
    const result = resultOf(step, state)
    if (result !== null) steps[step.id] = result
  }
  const scope = {
    event: run.event,
    inputs: run.inputs,
    steps,
    run: {
      id: run.id,
      trigger: run.trigger,
      started_at: iso(run.startedMs),
      scheduled_at: iso(run.scheduledMs),
    },
    flow: flow.name,
    policy: source.policy,
  }
  return state.failing === null ? scope : { ...scope, failure: failureOf(state.failing, flow) }
}

function failureOf(failing: NonNullable<RunState['failing']>, flow: Flow): JsonObject {
  return {
    step: failing.step,
    error: { kind: failing.error.kind, message: failing.error.message },
    summary: `${flow.name} failed at ${failing.step}: ${failing.error.message}`.slice(0, 300),
  }
}

function resultOf(step: Step, state: RunState): JsonObject | null {
  const items = state.lists.get(step.path)
  if (items === undefined) {
    const invocation = invocationAt(state, { step: step.path, element: null })
    return invocation.phase.is === 'ended' && invocation.phase.status !== 'skipped'
      ? resultFields(invocation)
      : null
  }
  const elements = items.map((item, element): JsonObject | null => {
    const invocation = invocationAt(state, { step: step.path, element })
    return invocation.phase.is === 'ended' ? { item, ...resultFields(invocation) } : null
  })
  if (elements.includes(null)) return null
  const failed = elements.some(
    (element) => element?.['status'] === 'failed' || element?.['status'] === 'denied',
  )
  return { status: failed ? 'failed' : 'succeeded', items: elements }
}

function resultFields(invocation: Readonly<Invocation>): JsonObject {
  if (invocation.phase.is !== 'ended') throw new Error('only an ended invocation has a result')
  const { status, output, error, risk } = invocation.phase
  const decision = invocation.decision
  return {
    status,
    output,
    ...(error === null ? {} : { error: { kind: error.kind, message: error.message } }),
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
