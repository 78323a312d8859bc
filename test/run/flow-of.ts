// Compiled flows for tests of the engine, with closures where a file would have expressions.

import type { Expression, Flow, Scope, Step, Value, Work } from '../../runner/model/flow.ts'
import { flowName, stepPath } from '../../runner/model/id.ts'
import type { Json } from '../../runner/model/json.ts'

export const place = { file: 'test.yaml', line: 1, column: 1 }

export function expression(evaluate: (scope: Scope) => Json): Expression {
  return { source: evaluate.toString(), place, reads: [], trust: 'trusted', evaluate }
}

export function literal(value: Json): Value {
  return { is: 'literal', value }
}

export function uses(name: string, input: Record<string, Value> = {}): Work {
  return { is: 'uses', uses: name, with: input, risk: [] }
}

export function step(id: string, work: Work, more: Partial<Step> = {}): Step {
  return {
    path: stepPath(id),
    id,
    name: id,
    place,
    when: null,
    needs: [],
    each: null,
    repeat: null,
    retry: null,
    timeoutMs: null,
    onError: 'fail',
    work,
    ...more,
  }
}

/** Steps run in the order written, unless a step says what it needs. */
export function inOrder(steps: readonly Step[]): Step[] {
  return steps.map((one, index) => ({ ...one, needs: steps.slice(0, index).map((before) => before.id) }))
}

export function flowOf(steps: readonly Step[], more: Partial<Flow> = {}): Flow {
  return {
    name: flowName('test-flow'),
    description: '',
    owner: null,
    file: 'test.yaml',
    version: 'v1',
    suspended: false,
    triggers: [],
    inputs: {},
    limits: {
      concurrency: null,
      rate: null,
      timeoutMs: 3_600_000,
      budget: { perRunUsd: null, perDayUsd: null },
    },
    steps,
    onFailure: { steps: [] },
    outputs: {},
    ...more,
  }
}

/** Steps as one; their paths, and those of groups among them, begin with its id. */
export function group(id: string, steps: readonly Step[], more: Partial<Step> = {}): Step {
  return step(id, { is: 'group', steps: steps.map((one) => below(id, one)) }, more)
}

function below(id: string, one: Step): Step {
  const path = stepPath(`${id}.${one.path}`)
  if (one.work.is !== 'group') return { ...one, path }
  return { ...one, path, work: { is: 'group', steps: one.work.steps.map((inner) => below(id, inner)) } }
}

export function reads(evaluate: (scope: Scope) => Json): Value {
  return { is: 'expression', expression: expression(evaluate) }
}

/** The result of a step as JSON; null where an expression would not find it. */
export function result(scope: Scope, ...path: readonly string[]): Json {
  let at: Json = scope.steps
  for (const name of path) at = (at as Record<string, Json> | null)?.[name] ?? null
  return at
}
