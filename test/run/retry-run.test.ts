// An ended run is started again: what is before stays, what follows has new keys, and nothing happens twice unsaid.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aRunner, type Given, type RunnerUnderTest } from './a-runner.ts'
import { type SpyAction, spyAction } from './actions.ts'
import { expression, flowOf, inOrder, literal, step, uses } from './flow-of.ts'
import { kinds } from '../store/bring.ts'
import { Failure } from '../../runner/model/error.ts'
import { flowName, stepPath } from '../../runner/model/id.ts'
import { type RetryAsked, retryRun } from '../../runner/run/retry-run.ts'
import { requestCancel } from '../../runner/store/runs.ts'
import { wakeRuns } from '../../runner/store/wake.ts'

/** Fails while `broken`, records what reached it. */
function flaky(name: string, repetition: 'read' | 'keyed' | 'once' | 'idempotent' = 'idempotent') {
  const weather = { broken: true }
  const action: SpyAction = spyAction(name, {
    repetition,
    run: async (_, __, calls) => {
      if (weather.broken) throw new Failure('refused', 'not today')
      return { n: calls.length }
    },
  })
  return { action, weather }
}

function again(runner: RunnerUnderTest, run: string, more: Partial<RetryAsked> = {}) {
  return retryRun(runner.engine, { run, from: null, by: 'local:ana', repeats: 'not agreed', ...more })
}

const abc = flowOf(inOrder([step('a', uses('spy')), step('b', uses('flaky')), step('c', uses('spy'))]))

async function failedRun(t: TestContext, more: Partial<Given> = {}) {
  const spy = spyAction('spy', { repetition: 'idempotent' })
  const { action, weather } = flaky('flaky')
  const runner = await aRunner(t, { flows: [abc], actions: [spy, action], ...more })
  const run = await runner.start(abc)
  await runner.until(run, 'failed')
  weather.broken = false
  return { runner, run, spy, action }
}

for (const kind of kinds) {
  test(`${kind}: a failed run begins again at what failed, and what was before stays`, async (t) => {
    const { runner, run, spy, action } = await failedRun(t, { kind })
    const retried = await again(runner, run)
    assert.deepEqual(retried, { run, steps: ['b', 'c'], again: [], parent: null })
    const row = await runner.until(run, 'succeeded')
    assert.deepEqual([row.error, spy.calls.length, action.calls.length], [null, 2, 2])
    assert.equal(new Set(action.calls.map(({ key }) => key)).size, 2)
  })

  test(`${kind}: of two who start a run again at once one does`, async (t) => {
    const { runner, run } = await failedRun(t, { kind })
    const both = await Promise.allSettled([again(runner, run), again(runner, run)])
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
    await runner.until(run, 'succeeded')
    const facts = await runner.database.query(
      `select fact->>'by' as by, fact->>'generation' as generation from journal where fact->>'is' = 'retried'`,
    )
    assert.deepEqual(facts, [{ by: 'local:ana', generation: '1' }])
  })
}

test('a run that succeeded begins again only at a step that somebody names', async (t) => {
  const { runner, run, spy } = await failedRun(t)
  await again(runner, run)
  await runner.until(run, 'succeeded')
  await assert.rejects(again(runner, run), { exitCode: 1, remedy: /--from STEP/ })
  const { steps } = await again(runner, run, { from: 'c' })
  await runner.until(run, 'succeeded')
  assert.deepEqual([steps, spy.calls.length], [['c'], 3])
})

test('what may happen a second time is listed, and needs a yes of its own', async (t) => {
  const once = spyAction('pay', { repetition: 'keyed' })
  const { action, weather } = flaky('flaky')
  const flow = flowOf(inOrder([step('a', uses('pay')), step('b', uses('flaky'))]))
  const runner = await aRunner(t, { flows: [flow], actions: [once, action] })
  const run = await runner.start(flow)
  await runner.until(run, 'failed')
  weather.broken = false
  await assert.rejects(again(runner, run, { from: 'a' }), { exitCode: 4, message: /a \(pay\)/ })
  assert.equal((await runner.until(run, 'failed')).status, 'failed')
  const { again: repeated } = await again(runner, run, { from: 'a', repeats: 'agreed' })
  assert.deepEqual(repeated, [{ step: 'a', element: null, uses: 'pay', outcome: 'done' }])
  await runner.until(run, 'succeeded')
  assert.equal(new Set(once.calls.map(({ key }) => key)).size, 2)
})

test('an effect of which nobody knows the outcome is named as such', async (t) => {
  const away = spyAction('pay', {
    repetition: 'keyed',
    run: () => Promise.reject(new Failure('timeout', 'no answer')),
  })
  const flow = flowOf([step('a', uses('pay'))])
  const runner = await aRunner(t, { flows: [flow], actions: [away] })
  const run = await runner.start(flow)
  await runner.until(run, 'failed')
  await assert.rejects(again(runner, run), { exitCode: 4, message: /outcome is not known/ })
})

test('a branch that was stopped by the failure of another begins again too', async (t) => {
  const { action, weather } = flaky('flaky')
  let calls = 0
  const slow = spyAction('slow', {
    repetition: 'idempotent',
    run: (_, { signal }) =>
      ++calls > 1
        ? Promise.resolve({})
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  })
  const flow = flowOf([
    step('a', uses('slow')),
    step('b', uses('flaky')),
    step('c', uses('slow'), { needs: ['b'] }),
  ])
  const runner = await aRunner(t, { flows: [flow], actions: [slow, action] })
  const run = await runner.start(flow)
  await runner.until(run, 'failed')
  weather.broken = false
  assert.deepEqual((await again(runner, run)).steps, ['a', 'b', 'c'])
  await runner.until(run, 'succeeded')
})

test('a run that was cancelled while it waited for people asks them anew', async (t) => {
  const approve = {
    is: 'approve',
    show: literal('sure?'),
    approvers: null,
    need: 1,
    expiresMs: null,
  } as const
  const flow = flowOf([step('sure', approve)])
  const runner = await aRunner(t, { flows: [flow], actions: [] })
  const run = await runner.start(flow)
  await runner.until(run, 'parked')
  await runner.database.transaction(async (tx) => {
    await requestCancel(tx, run, 'local:ana')
    await wakeRuns(tx, runner.engine.queue, [run])
  })
  await runner.until(run, 'cancelled')
  assert.deepEqual((await again(runner, run)).steps, ['sure'])
  await runner.until(run, 'parked')
  const tickets = await runner.engine.tickets.list({ run })
  const open = tickets.find(({ state }) => state === 'pending')
  assert.equal(new Set(tickets.map(({ id }) => id)).size, 2)
  await runner.engine.tickets.answerLocal({ verb: 'approve', code: open?.code ?? '', by: 'local:ana' })
  await runner.until(run, 'succeeded')
})

test('an end step and what comes after it are thought over again', async (t) => {
  const { action, weather } = flaky('flaky')
  const stop = {
    when: expression((scope) => (scope.steps['a'] as { status: string }).status !== 'succeeded'),
  }
  const flow = flowOf(
    inOrder([
      step('a', uses('flaky'), { onError: 'continue' }),
      step('enough', { is: 'end', status: 'failed', reason: null }, stop),
      step('c', uses('flaky')),
    ]),
  )
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const run = await runner.start(flow)
  await runner.until(run, 'failed')
  weather.broken = false
  assert.deepEqual((await again(runner, run, { from: 'a' })).steps, ['a', 'enough', 'c'])
  await runner.until(run, 'succeeded')
})

test('on_failure runs again when the run fails again', async (t) => {
  const { action } = flaky('flaky')
  const tell = spyAction('tell')
  const onFailure = { steps: [step('tell', uses('tell'), { path: stepPath('on_failure.tell') })] }
  const flow = flowOf([step('a', uses('flaky'))], { onFailure })
  const runner = await aRunner(t, { flows: [flow], actions: [action, tell] })
  const run = await runner.start(flow)
  await runner.until(run, 'failed')
  await again(runner, run)
  await runner.until(run, 'failed')
  assert.deepEqual([action.calls.length, tell.calls.length], [2, 2])
})

test('a caller that has taken the result already does not hear of the new end, and that is said', async (t) => {
  const { action, weather } = flaky('flaky')
  const child = flowOf([step('a', uses('flaky'))], { name: flowName('child'), version: 'v2' })
  const parent = flowOf([step('ask', { is: 'call', flow: child.name, with: {} })])
  const runner = await aRunner(t, { flows: [parent, child], actions: [action] })
  const caller = await runner.start(parent)
  await runner.until(caller, 'failed')
  const [row] = await runner.database.query<{ id: string }>(`select id from run where flow = 'child'`)
  weather.broken = false
  const retried = await again(runner, row?.id ?? '')
  assert.equal(retried.parent, caller)
  await runner.until(row?.id ?? '', 'succeeded')
  assert.equal((await runner.until(caller, 'failed')).status, 'failed')
  // The caller itself can be started again: it calls anew.
  const { again: repeated } = await again(runner, caller, { repeats: 'agreed' })
  assert.deepEqual(repeated, [{ step: 'ask', element: null, uses: 'call', outcome: 'done' }])
  await runner.until(caller, 'succeeded')
})

test('what cannot be started again says why and what to do, and nothing has changed', async (t) => {
  const { runner, run } = await failedRun(t)
  await assert.rejects(again(runner, 'zzzz'), { exitCode: 1, message: /no run/ })
  await assert.rejects(again(runner, run, { from: 'bb' }), { exitCode: 1, remedy: /did you mean b\?/ })
  await assert.rejects(again(runner, run, { from: 'on_failure.tell' }), {
    exitCode: 1,
    message: /by themselves/,
  })
  const gone = { ...runner.engine, flowVersion: () => Promise.reject(new Failure('invalid', 'it vanished')) }
  const asked = { run, from: null, by: 'local:ana', repeats: 'agreed' } as const
  await assert.rejects(retryRun(gone, asked), { exitCode: 1, remedy: /start the flow again/ })
  const rows = await runner.database.query(
    `select status, (select count(*) from journal where fact->>'is' = 'retried') as n from run`,
  )
  assert.deepEqual(rows, [{ status: 'failed', n: 0 }])
})

test('a step inside a group is not a place to begin, its group is', async (t) => {
  const { action, weather } = flaky('flaky')
  const inner = step('b', uses('flaky'), { path: stepPath('g.b') })
  const flow = flowOf([step('g', { is: 'group', steps: [inner] })])
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const run = await runner.start(flow)
  await runner.until(run, 'failed')
  weather.broken = false
  await assert.rejects(again(runner, run, { from: 'g.b' }), { exitCode: 1, remedy: /--from g$/ })
  await again(runner, run, { from: 'g' })
  await runner.until(run, 'succeeded')
})

test('a run that has not ended is left alone', async (t) => {
  const flow = flowOf([step('a', { is: 'wait', wait: { forMs: 60_000 } })])
  const runner = await aRunner(t, { flows: [flow], actions: [] })
  const run = await runner.start(flow)
  await runner.until(run, 'parked')
  await assert.rejects(again(runner, run), { exitCode: 1, message: /parked/ })
})

test('a run with limits waits for its place again', async (t) => {
  const { action, weather } = flaky('flaky')
  const concurrency = { key: null, max: 1, whenFull: 'queue', whileWaiting: 'hold' } as const
  const limits = { ...flowOf([]).limits, concurrency }
  const nap = step(
    'nap',
    { is: 'wait', wait: { forMs: 60_000 } },
    { when: expression(({ inputs }) => inputs['nap'] === 1) },
  )
  const flow = flowOf(inOrder([nap, step('a', uses('flaky'))]), { limits })
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const run = await runner.start(flow)
  await runner.until(run, 'failed')
  const other = await runner.start(flow, { nap: 1 })
  await runner.until(other, 'parked')
  weather.broken = false
  await again(runner, run)
  assert.equal((await runner.until(run, 'queued', 'succeeded')).status, 'queued')
  await runner.database.transaction(async (tx) => {
    await requestCancel(tx, other, 'local:ana')
    await wakeRuns(tx, runner.engine.queue, [other])
  })
  await runner.until(other, 'cancelled')
  await runner.sweep.once()
  await runner.until(run, 'succeeded')
})
