// A limit holds across runners: two of them on one PostgreSQL, judged by what reached the action.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { aFiring } from './a-firing.ts'
import { aRunner, type RunnerUnderTest } from './a-runner.ts'
import { type SpyAction, spyAction } from './actions.ts'
import { sweeping } from './sweeps.ts'
import { expression, flowOf, inOrder, step, uses } from './flow-of.ts'
import { freshDatabase } from '../store/bring.ts'
import type { Flow, WhileWaiting } from '../../runner/model/flow.ts'
import { flowName } from '../../runner/model/id.ts'

/** Counts how many are in the act at once, for each key. */
function counting(): { readonly action: SpyAction; readonly most: Map<string, number> } {
  const now = new Map<string, number>()
  const most = new Map<string, number>()
  const action = spyAction('spy', {
    run: async (input) => {
      const key = JSON.stringify(input['text'])
      now.set(key, (now.get(key) ?? 0) + 1)
      most.set(key, Math.max(most.get(key) ?? 0, now.get(key) ?? 0))
      await new Promise((resolve) => setTimeout(resolve, Number(input['n'] ?? 0)))
      now.set(key, (now.get(key) ?? 0) - 1)
      return {}
    },
  })
  return { action, most }
}

interface Plan {
  readonly max: number
  readonly whileWaiting: WhileWaiting
  /** The key and the time in the act of each run. */
  readonly runs: readonly { readonly key: 'x' | 'y'; readonly ms: number }[]
}

const plans: fc.Arbitrary<Plan> = fc.record({
  max: fc.integer({ min: 1, max: 3 }),
  whileWaiting: fc.constantFrom('hold' as const, 'release' as const),
  runs: fc.array(fc.record({ key: fc.constantFrom('x' as const, 'y' as const), ms: fc.nat(6) }), {
    minLength: 12,
    maxLength: 30,
  }),
})

function flowFor({ max, whileWaiting }: Plan, name: string): Flow {
  const value = (name: string) => ({
    is: 'expression' as const,
    expression: expression((scope) => scope.inputs[name] ?? null),
  })
  const act = uses('spy', { text: value('key'), n: value('ms') })
  const pause = step('pause', { is: 'wait', wait: { forMs: 1 } })
  const key = expression((scope) => scope.inputs['key'] ?? '')
  const budget = { perRunUsd: null, perDayUsd: null }
  return flowOf(inOrder([step('a', act), pause, step('b', act)]), {
    name: flowName(name),
    version: name,
    inputs: { key: {}, ms: {} },
    limits: {
      concurrency: { key, max, whenFull: 'queue', whileWaiting },
      rate: null,
      timeoutMs: 60_000,
      budget,
    },
  })
}

async function follow(t: TestContext, plan: Plan): Promise<void> {
  const flow = flowFor(plan, `f${JSON.stringify(plan).length}`)
  const { action, most } = counting()
  const database = await freshDatabase('postgres', t)
  const given = { flows: [flow], actions: [action], database, queue: 'real' } as const
  const runners = [await aRunner(t, { ...given, owner: 'w1' }), await aRunner(t, { ...given, owner: 'w2' })]
  const stops = runners.map((runner) => sweeping(runner))
  const started = await Promise.all(
    plan.runs.map(({ key, ms }, n) => runners[n % 2]!.admit(aFiring(flow.name, { inputs: { key, ms } }))),
  )
  for (const admitted of started) assert.ok('run' in admitted)
  for (const admitted of started) if ('run' in admitted) await untilEnded(runners, admitted.run)
  await Promise.all(stops.map((stop) => stop()))
  assert.equal(action.calls.length, 2 * plan.runs.length)
  for (const [key, count] of most) assert.ok(count <= plan.max, `${count} of ${key} at once, not ${plan.max}`)
}

async function untilEnded(runners: readonly RunnerUnderTest[], run: string): Promise<void> {
  const row = await Promise.race(runners.map((runner) => runner.until(run, 'succeeded', 'failed')))
  assert.equal(row.status, 'succeeded', JSON.stringify(row.error))
}

test(
  'postgres: two runners never have more runs of a key in the act than its limit',
  { timeout: 120_000 },
  async (t) => {
    await fc.assert(
      fc.asyncProperty(plans, (plan) => follow(t, plan)),
      { numRuns: 4, endOnFailure: true },
    )
  },
)
