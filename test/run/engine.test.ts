import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aFiring } from './a-firing.ts'
import { aRunner } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { expression, flowOf, inOrder, literal, step, uses } from './flow-of.ts'
import { Failure } from '../../runner/model/error.ts'

test('a run of several steps ends succeeded, with outputs from its steps', async (t) => {
  const action = spyAction('spy')
  const flow = flowOf(inOrder([step('a', uses('spy')), step('b', uses('spy', { n: literal(2) }))]), {
    outputs: {
      last: {
        is: 'expression',
        expression: expression((scope) => (scope.steps['b'] as { output: never }).output),
      },
    },
  })
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const row = await runner.until(await runner.start(flow), 'succeeded', 'failed')
  assert.deepEqual(row.outputs, { last: { n: 2 } })
  assert.deepEqual(
    action.calls.map((call) => call.input),
    [{ n: 7 }, { n: 2 }],
  )
})

test('the same slot fired twice at once is one run', async (t) => {
  const action = spyAction('spy')
  const flow = flowOf([step('a', uses('spy'))])
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const firing = aFiring(flow.name)
  const [first, second] = await Promise.all([runner.admit(firing), runner.admit(firing)])
  assert.deepEqual('run' in first && first.run, 'run' in second && second.run)
  assert.equal([first, second].filter((one) => 'duplicate' in one && one.duplicate).length, 1)
  await runner.until('run' in first ? first.run : '', 'succeeded')
  assert.equal(action.calls.length, 1)
})

test('an effect is intended in the journal before it is called, with one key for all attempts', async (t) => {
  const seen: string[] = []
  const action = spyAction('spy', {
    repetition: 'keyed',
    run: async (_, context, calls) => {
      const rows = await runner.database.query<{ key: string }>('select key from effect')
      seen.push(...rows.map((row) => row.key))
      if (calls.length === 1) throw new Failure('unavailable', 'away')
      return { key: context.key }
    },
  })
  const retry = { times: 2, fromMs: 1, toMs: 1, on: ['unavailable'] } as const
  const flow = flowOf([step('a', uses('spy'), { retry })])
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const run = await runner.start(flow)
  await runner.until(run, 'parked', 'succeeded')
  await runner.sweep.once()
  await runner.until(run, 'succeeded')
  assert.equal(action.calls.length, 2)
  assert.equal(new Set([...seen, ...action.calls.map((call) => call.key)]).size, 1)
})

test('a `once` action that may have happened is never called again by itself; people say what happened', async (t) => {
  const action = spyAction('spy', {
    repetition: 'once',
    run: async () => {
      throw new Failure('timeout', 'no answer')
    },
  })
  const retry = { times: 5, fromMs: 1, toMs: 1, on: ['timeout'] } as const
  const flow = flowOf([step('a', uses('spy'), { retry })])
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const run = await runner.start(flow)
  await runner.until(run, 'parked')
  const [ticket] = await runner.engine.tickets.list({ run })
  assert.equal(ticket?.kind, 'unknown')
  await runner.engine.tickets.answerLocal({
    verb: 'choose',
    code: ticket?.code ?? '',
    choice: 'succeeded',
    by: 'local:ana',
  })
  await runner.until(run, 'succeeded')
  assert.equal(action.calls.length, 1)
})

test('a failed step runs on_failure once and fails the run with its error', async (t) => {
  const bad = spyAction('bad', {
    run: async () => {
      throw new Failure('refused', 'not today')
    },
  })
  const tell = spyAction('tell')
  const rescue = step(
    'tell',
    uses('tell', {
      text: {
        is: 'expression',
        expression: expression((scope) => scope['failure']?.['summary' as never] ?? ''),
      },
    }),
    { path: 'on_failure.tell' as never },
  )
  const flow = flowOf([step('a', uses('bad'))], { onFailure: { steps: [rescue] } })
  const runner = await aRunner(t, { flows: [flow], actions: [bad, tell] })
  const row = await runner.until(await runner.start(flow), 'failed')
  assert.equal(row.error?.kind, 'refused')
  assert.equal(tell.calls.length, 1)
  assert.match(tell.calls[0]?.input['text'] as string, /not today/)
})

test('what an action throws that is no failure fails the step, typed, and harms nobody else', async (t) => {
  const bad = spyAction('bad', {
    run: () => {
      throw 'a string' as unknown as Error
    },
  })
  const good = spyAction('good')
  const first = flowOf([step('a', uses('bad'))], { version: 'v-bad' })
  const second = flowOf([step('a', uses('good'))], { version: 'v-good', name: 'good-flow' as never })
  const runner = await aRunner(t, { flows: [first, second], actions: [bad, good] })
  const runs = await Promise.all([runner.start(first), runner.start(second)])
  assert.equal((await runner.until(runs[0], 'failed')).error?.kind, 'invalid')
  await runner.until(runs[1], 'succeeded')
})

test('an output that the store refuses fails its step alone', async (t) => {
  for (const output of ['nul \u0000', '\uD800', 'x'.repeat(1_100_000)]) {
    const action = spyAction('spy', { run: async () => ({ output }) })
    const flow = flowOf([step('a', uses('spy'))])
    const runner = await aRunner(t, { flows: [flow], actions: [action] })
    assert.equal((await runner.until(await runner.start(flow), 'failed')).error?.kind, 'invalid')
  }
})

test('an action that takes longer than its step may is stopped and fails with a time-out', async (t) => {
  const action = spyAction('spy', {
    run: (_, context) =>
      new Promise((_, reject) =>
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error)),
      ),
  })
  const flow = flowOf([step('a', uses('spy'), { timeoutMs: 30 })])
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  assert.equal((await runner.until(await runner.start(flow), 'failed')).error?.kind, 'timeout')
})

test('a run that works longer than its limit fails, and what is in progress is stopped', async (t) => {
  const action = spyAction('spy', {
    run: (_, context) =>
      new Promise((_, reject) =>
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error)),
      ),
  })
  const flow = flowOf([step('a', uses('spy'))], {
    limits: { concurrency: null, rate: null, timeoutMs: 50, budget: { perRunUsd: null, perDayUsd: null } },
  })
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const row = await runner.until(await runner.start(flow), 'failed')
  assert.equal(row.error?.kind, 'timeout')
  assert.equal(action.calls[0]?.signal.aborted, true)
})

test('each runs for every element, and its result lists them in order', async (t) => {
  const action = spyAction('spy', { run: async (input) => ({ twice: Number(input['n']) * 2 }) })
  const each = { list: expression(() => [1, 2, 3]), as: 'item', maxParallel: 2 }
  const input = { n: { is: 'expression', expression: expression((scope) => scope['item'] ?? null) } } as const
  const flow = flowOf([step('a', uses('spy', input), { each })], {
    outputs: {
      items: {
        is: 'expression',
        expression: expression((scope) => (scope.steps['a'] as { items: never }).items),
      },
    },
  })
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const row = await runner.until(await runner.start(flow), 'succeeded', 'failed')
  const items = row.outputs?.['items'] as { item: number; output: { twice: number } }[]
  assert.deepEqual(
    items.map((one) => [one.item, one.output.twice]),
    [
      [1, 2],
      [2, 4],
      [3, 6],
    ],
  )
})

test('a wait parks the run until its time, then the run goes on', async (t) => {
  const flow = flowOf([step('a', { is: 'wait', wait: { forMs: 60 } })])
  const runner = await aRunner(t, { flows: [flow], actions: [] })
  const run = await runner.start(flow)
  const parked = await runner.until(run, 'parked')
  assert.equal(parked.waiting?.[0]?.['for'], 'time')
  await runner.engine.clock.sleep(70)
  await runner.sweep.once()
  await runner.until(run, 'succeeded')
})
