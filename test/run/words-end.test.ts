// `end`, `on_failure` and cancel on a real engine: how a run stops, at every point of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from './an-event.ts'
import type { RunnerUnderTest } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { expression, flowOf, group, inOrder, literal, reads, result, step, uses } from './flow-of.ts'
import { calledBy, cancel, finish, lasting, runnerOf } from './words-of.ts'
import { Failure } from '../../runner/model/error.ts'
import type { Flow, Step, Value, Work } from '../../runner/model/flow.ts'
import { flowName, stepPath } from '../../runner/model/id.ts'

function end(status: 'succeeded' | 'failed', reason: Value | null = null): Work {
  return { is: 'end', status, reason }
}

function rescue(id: string, work: Work, more: Partial<Step> = {}): Step {
  return step(id, work, { path: stepPath(`on_failure.${id}`), ...more })
}

const refuses = () =>
  spyAction('bad', {
    run: async () => {
      throw new Failure('refused', 'no')
    },
  })

test('`end: succeeded` ends the run with its outputs, stops what is busy and starts nothing else', async (t) => {
  const slow = lasting('slow')
  const never = spyAction('never')
  const outputs = { slow: reads((scope) => result(scope, 'a', 'status')) }
  const after = spyAction('after', { run: () => slow.begun.then(() => ({})) })
  const flow = flowOf(
    [
      step('a', uses('slow')),
      step('b', uses('after')),
      step('c', end('succeeded'), { needs: ['b'] }),
      step('d', uses('never'), { needs: ['c'] }),
    ],
    { outputs },
  )
  const runner = await runnerOf(t, { flows: [flow], actions: [slow.action, after, never] })
  const row = await runner.until(await runner.start(flow), 'succeeded', 'failed')
  assert.equal(row.status, 'succeeded')
  assert.deepEqual(row.outputs, { slow: 'failed' })
  assert.equal(never.calls.length, 0)
})

test('`end: failed` fails the run with its reason, and on_failure runs', async (t) => {
  const tell = spyAction('tell')
  const text = reads((scope) => scope['failure']?.['summary' as never] ?? '')
  const flow = flowOf([step('a', end('failed', literal('stock is empty')))], {
    onFailure: { steps: [rescue('tell', uses('tell', { text }))] },
  })
  const runner = await runnerOf(t, { flows: [flow], actions: [tell] })
  const row = await runner.until(await runner.start(flow), 'failed')
  assert.deepEqual(row.error, { kind: 'refused', message: 'stock is empty' })
  assert.match(JSON.stringify(tell.calls[0]?.input), /stock is empty/)
})

test('`end` inside a group ends the run, not the group', async (t) => {
  const never = spyAction('never')
  const flow = flowOf([
    group('g', [step('a', end('succeeded'))], { onError: 'continue' }),
    step('b', uses('never'), { needs: ['g'] }),
  ])
  const runner = await runnerOf(t, { flows: [flow], actions: [never] })
  assert.equal((await runner.until(await runner.start(flow), 'succeeded', 'failed')).status, 'succeeded')
  assert.equal(never.calls.length, 0)
})

test('on_failure may wait, and a failure in it ends the run with the first error', async (t) => {
  const late = spyAction('late', {
    run: async () => {
      throw new Failure('unavailable', 'also no')
    },
  })
  const steps = [
    rescue('a', { is: 'wait', wait: { forMs: 5 } }),
    rescue('b', uses('late'), { needs: ['a'] }),
    rescue('c', uses('late'), { needs: ['b'] }),
  ]
  const flow = flowOf([step('a', uses('bad'))], { onFailure: { steps } })
  const runner = await runnerOf(t, { flows: [flow], actions: [refuses(), late] })
  const row = await finish(runner, await runner.start(flow))
  assert.deepEqual(row.error, { kind: 'refused', message: 'no' })
  assert.equal(late.calls.length, 1)
})

test('on_failure does not run when a run is cancelled', async (t) => {
  const slow = lasting('slow')
  const tell = spyAction('tell')
  const flow = flowOf([step('a', uses('slow'))], { onFailure: { steps: [rescue('b', uses('tell'))] } })
  const runner = await runnerOf(t, { flows: [flow], actions: [slow.action, tell] })
  const run = await runner.start(flow)
  await slow.begun
  await cancel(runner, run)
  await runner.until(run, 'cancelled')
  assert.equal(tell.calls.length, 0)
})

interface Point {
  readonly steps: readonly Step[]
  /** What the run is when it is cancelled. */
  readonly status: 'running' | 'parked'
  readonly more?: Partial<Flow>
}

const hour: Work = { is: 'wait', wait: { forMs: 3_600_000 } }
const approve: Work = { is: 'approve', show: literal('?'), approvers: null, need: null, expiresMs: null }
const later = { times: 3, fromMs: 3_600_000, toMs: 3_600_000, on: ['refused'] } as const
const rounds = { until: expression(() => false), everyMs: 3_600_000, withinMs: 1e9 }

const points: Readonly<Record<string, Point>> = {
  'performs an action': { status: 'running', steps: [step('a', uses('slow'))] },
  'performs an action in a group': { status: 'running', steps: [group('g', [step('a', uses('slow'))])] },
  'performs an action in on_failure': {
    status: 'running',
    steps: [step('a', uses('bad'))],
    more: { onFailure: { steps: [rescue('b', uses('slow'))] } },
  },
  'waits for a time': { status: 'parked', steps: [step('a', hour)] },
  'waits for an event': { status: 'parked', steps: [step('a', waitFor('a'))] },
  'waits for people': { status: 'parked', steps: [step('a', approve)] },
  'waits for a called run': {
    status: 'parked',
    steps: [step('a', { is: 'call', flow: flowName('child'), with: {} })],
  },
  'waits for a retry': { status: 'parked', steps: [step('a', uses('bad'), { retry: later })] },
  'waits for the next round': { status: 'parked', steps: [step('a', uses('good'), { repeat: rounds })] },
  'waits in a group': {
    status: 'parked',
    steps: inOrder([step('a', uses('good')), group('g', [step('b', hour)])]),
  },
}

for (const [when, { steps, status, more }] of Object.entries(points))
  test(`a run that ${when} is cancelled, and leaves nothing open`, async (t) => {
    const slow = lasting('slow')
    const flow = flowOf(steps, more ?? {})
    const child = flowOf([step('a', hour)], { name: flowName('child'), version: 'v-child' })
    const actions = [slow.action, refuses(), spyAction('good')]
    const runner = await runnerOf(t, { flows: [flow, child], actions })
    const run = await runner.start(flow)
    await (status === 'running' ? slow.begun : runner.until(run, status))
    await cancel(runner, run)
    await runner.until(run, 'cancelled')
    for (const called of await calledBy(runner, run)) await runner.until(called.id, 'cancelled')
    await withdrawn(runner, run)
    assert.equal(slow.action.calls[0]?.signal.aborted ?? true, true)
  })

test('a run that was never taken by a runner is cancelled', async (t) => {
  const concurrency = { key: null, max: 1, whenFull: 'queue', whileWaiting: 'hold' } as const
  const limits = { ...flowOf([]).limits, concurrency }
  const flow = flowOf([step('a', hour)], { name: flowName('limited'), version: 'v-limited', limits })
  const runner = await runnerOf(t, { flows: [flow], actions: [] })
  const first = await runner.start(flow)
  await runner.until(first, 'parked')
  const queued = await runner.start(flow)
  await runner.until(queued, 'queued')
  await cancel(runner, queued)
  await runner.sweep.once()
  await runner.until(queued, 'cancelled')
})

test('a step that is over at once does not begin again what is in progress beside it', async (t) => {
  const both = [step('a', { is: 'wait', wait: { forMs: 5 } }), step('b', uses('slow'))]
  for (const steps of [both, both.toReversed()]) {
    const slow = lasting('slow')
    const flow = flowOf(steps)
    const runner = await runnerOf(t, { flows: [flow], actions: [slow.action] })
    const run = await runner.start(flow)
    await slow.begun.then(slow.end)
    assert.equal((await finish(runner, run)).status, 'succeeded')
    assert.equal(slow.action.calls.length, 1)
  }
})

test('a question of a group that was given up is withdrawn when the run ends', async (t) => {
  let asks = true
  const bad = spyAction('bad', {
    run: async (_, __, calls) => {
      if (calls.length > 1) return {}
      asks = false
      throw new Failure('refused', 'no')
    },
  })
  const inner = [step('a', approve, { when: expression(() => asks) }), step('b', uses('bad'))]
  const retry = { times: 1, fromMs: 1, toMs: 1, on: ['refused'] } as const
  const flow = flowOf([group('g', inner, { retry })])
  const runner = await runnerOf(t, { flows: [flow], actions: [bad] })
  const run = await runner.start(flow)
  assert.equal((await finish(runner, run)).status, 'succeeded')
  await withdrawn(runner, run)
})

/** Resolves when nobody is asked for the run any more; that follows its end. */
async function withdrawn(runner: RunnerUnderTest, run: string): Promise<void> {
  const states = ['proposed', 'opening', 'pending', 'approved'] as const
  const deadline = runner.engine.clock.now() + 5_000
  while ((await runner.engine.tickets.list({ run, states })).length > 0) {
    assert.ok(runner.engine.clock.now() < deadline, 'people are still asked')
    await runner.engine.clock.sleep(5)
  }
}
