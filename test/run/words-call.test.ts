// `call` on a real engine: another flow runs for a step, once per attempt, and never longer than it is wanted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aRunner } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { expression, flowOf, group, inOrder, reads, result, step, uses } from './flow-of.ts'
import { calledBy, cancel, finish, lasting, runnerOf } from './words-of.ts'
import { freshDatabase, kinds } from '../store/bring.ts'
import { Failure } from '../../runner/model/error.ts'
import type { Flow, Step, Value, Work } from '../../runner/model/flow.ts'
import { flowName } from '../../runner/model/id.ts'
import { callDepthMax } from '../../runner/run/call.ts'

function calls(flow: string, input: Record<string, Value> = {}): Work {
  return { is: 'call', flow: flowName(flow), with: input }
}

function child(work: Work, more: Partial<Flow> = {}): Flow {
  return flowOf([step('work', work)], { name: flowName('child'), version: 'v-child', ...more })
}

const wait: Work = { is: 'wait', wait: { forMs: 3_600_000 } }

/** A caller whose child waits for an hour. */
async function waiting(t: Parameters<typeof runnerOf>[0], more: readonly Step[] = []) {
  const flow = flowOf([step('a', calls('child')), ...more])
  const slow = lasting('slow')
  const runner = await runnerOf(t, { flows: [flow, child(wait)], actions: [slow.action] })
  const run = await runner.start(flow)
  await runner.until(run, 'parked', 'running')
  for (;;) {
    const [called] = await calledBy(runner, run)
    if (called?.status === 'parked') return { runner, run, called: called.id, slow }
    await runner.engine.clock.sleep(5)
  }
}

for (const kind of kinds) {
  test(`${kind}: inputs go to the called flow, and its outputs come back`, async (t) => {
    const spy = spyAction('spy', { run: async (input) => ({ twice: Number(input['n']) * 2 }) })
    const n = reads((scope) => scope.inputs['n'] ?? null)
    const outputs = { twice: reads((scope) => result(scope, 'work', 'output', 'twice')) }
    const flow = flowOf([step('a', calls('child', { n: reads(() => 21) }))], {
      outputs: { answer: reads((scope) => result(scope, 'a', 'output', 'twice')) },
    })
    const flows = [flow, child(uses('spy', { n }), { outputs, inputs: { n: { type: 'integer' } } })]
    const runner = await aRunner(t, { flows, actions: [spy], kind })
    const row = await runner.until(await runner.start(flow), 'succeeded', 'failed')
    assert.deepEqual(row.outputs, { answer: 42 })
  })
}

test('a called flow that fails gives its caller the kind of its failure, and says which run', async (t) => {
  const bad = spyAction('bad', {
    run: async () => {
      throw new Failure('budget', 'nothing is left')
    },
  })
  const flow = flowOf([step('a', calls('child'))])
  const runner = await runnerOf(t, { flows: [flow, child(uses('bad'))], actions: [bad] })
  const run = await runner.start(flow)
  const row = await runner.until(run, 'failed')
  const [called] = await calledBy(runner, run)
  assert.equal(row.error?.kind, 'budget')
  assert.match(row.error?.message ?? '', new RegExp(`child \\(run ${called?.id}\\).*nothing is left`))
})

test('a retry of a call starts the other flow again', async (t) => {
  const bad = spyAction('bad', {
    run: async (_, __, all) => {
      if (all.length === 1) throw new Failure('refused', 'not yet')
      return {}
    },
  })
  const retry = { times: 1, fromMs: 1, toMs: 1, on: ['refused'] } as const
  const flow = flowOf([step('a', calls('child'), { retry })])
  const runner = await runnerOf(t, { flows: [flow, child(uses('bad'))], actions: [bad] })
  const run = await runner.start(flow)
  assert.equal((await finish(runner, run)).status, 'succeeded')
  assert.deepEqual(
    (await calledBy(runner, run)).map((one) => one.status),
    ['failed', 'succeeded'],
  )
})

test('a flow that does not exist is refused, typed', async (t) => {
  const flow = flowOf([step('a', calls('nobody'))])
  const runner = await runnerOf(t, { flows: [flow], actions: [] })
  const row = await runner.until(await runner.start(flow), 'failed')
  assert.equal(row.error?.kind, 'refused')
})

test('cancelling a run cancels the run that it called', async (t) => {
  const { runner, run, called } = await waiting(t)
  await cancel(runner, run)
  await runner.until(run, 'cancelled')
  await runner.until(called, 'cancelled')
})

test('a called run that is cancelled fails its caller as cancelled', async (t) => {
  const { runner, run, called } = await waiting(t)
  await cancel(runner, called)
  await runner.until(called, 'cancelled')
  assert.equal((await runner.until(run, 'failed')).error?.kind, 'cancelled')
})

test('a step that fails beside a call cancels the called run', async (t) => {
  const { runner, run, called, slow } = await waiting(t, [step('b', uses('slow'), { timeoutMs: 200 })])
  await slow.begun
  assert.equal((await runner.until(run, 'failed')).error?.kind, 'timeout')
  await runner.until(called, 'cancelled')
})

test('flows that call themselves stop at the depth limit', async (t) => {
  const flow = flowOf([step('a', calls('test-flow'))])
  const runner = await runnerOf(t, { flows: [flow], actions: [] })
  const row = await runner.until(await runner.start(flow), 'failed')
  assert.equal(row.error?.kind, 'refused')
  const [deepest] = await runner.database.query<{ depth: number }>('select max(depth) as depth from run')
  assert.equal(deepest?.depth, callDepthMax)
})

test('an element of a group that fails cancels only the run that it called', async (t) => {
  const slow = lasting('slow')
  const bad = spyAction('bad', {
    run: async (input) => {
      if (input['n'] !== 1) return {}
      await slow.begun
      throw new Failure('refused', 'not this one')
    },
  })
  const n = reads((scope) => scope['item'] ?? null)
  const each: Step['each'] = { list: expression(() => [0, 1]), as: 'item', maxParallel: 2 }
  const inner = [step('a', calls('child')), step('b', uses('bad', { n }))]
  const flow = flowOf([group('g', inner, { each, onError: 'continue' })])
  const runner = await runnerOf(t, { flows: [flow, child(uses('slow'))], actions: [bad, slow.action] })
  const run = await runner.start(flow)
  while (!(await calledBy(runner, run)).some((one) => one.status === 'cancelled'))
    await runner.worker.news().then(() => runner.engine.clock.sleep(5))
  slow.end()
  await runner.until(run, 'succeeded')
  const ends = (await calledBy(runner, run)).map((one) => one.status)
  assert.deepEqual(ends.toSorted(), ['cancelled', 'succeeded'])
})

test('a runner that dies between the birth of the called run and its own record finds that run again', async (t) => {
  const database = await freshDatabase('postgres', t)
  const spy = spyAction('spy')
  const flow = flowOf(inOrder([step('a', calls('child'))]))
  const given = { flows: [flow, child(uses('spy'))], actions: [spy], database }
  const old = await aRunner(t, { ...given, owner: 'old' })
  // Whatever the old one would write after the birth is lost with it.
  const { outcomes } = old.engine
  const push = outcomes.push.bind(outcomes)
  const first = await new Promise<string>((resolve) => {
    outcomes.push = async (outcome) => {
      const mine = outcome.entries.some((entry) => entry.fact.is === 'called')
      if (mine) return (resolve(outcome.run), 'lost')
      return push(outcome)
    }
    void old.start(flow)
  })
  const [called] = await calledBy(old, first)
  await old.until(called?.id ?? '', 'succeeded')
  const heir = await aRunner(t, { ...given, owner: 'heir' })
  await database.query(`update run set owner = 'gone' where id = $1`, [first])
  await heir.sweep.once()
  await heir.until(first, 'succeeded')
  assert.equal((await calledBy(heir, first)).length, 1)
  assert.equal(spy.calls.length, 1)
})
