// Groups on a real engine: steps as one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spyAction } from './actions.ts'
import { expression, flowOf, group, inOrder, reads, result, step, uses } from './flow-of.ts'
import { finish, lasting, runnerOf } from './words-of.ts'
import { Failure, type FailureKind } from '../../runner/model/error.ts'
import type { Retry, Step } from '../../runner/model/flow.ts'

const once: Retry = { times: 1, fromMs: 1, toMs: 1, on: ['refused', 'timeout'] }

/** Fails as often as said, then succeeds. */
function failing(name: string, times = Infinity, kind: FailureKind = 'refused') {
  return spyAction(name, {
    repetition: 'keyed',
    run: async (_, __, calls) => {
      if (calls.length <= times) throw new Failure(kind, `${name} says no`)
      return { after: calls.length }
    },
  })
}

test('a group whose `when` is false runs none of its steps', async (t) => {
  const action = spyAction('spy')
  const skipped = group('g', [step('a', uses('spy'))], { when: expression(() => false) })
  const flow = flowOf([skipped], { outputs: { seen: reads((scope) => 'g' in scope.steps) } })
  const runner = await runnerOf(t, { flows: [flow], actions: [action] })
  const row = await runner.until(await runner.start(flow), 'succeeded', 'failed')
  assert.deepEqual(row.outputs, { seen: false })
  assert.equal(action.calls.length, 0)
})

test('a step of a group reads another by its id, and everybody else reads it through the group', async (t) => {
  const action = spyAction('spy', { run: async (input) => ({ twice: Number(input['n']) * 2 }) })
  const n = reads((scope) => result(scope, 'a', 'output', 'twice'))
  const inner = inOrder([step('a', uses('spy')), step('b', uses('spy', { n }))])
  const outputs = { b: reads((scope) => result(scope, 'g', 'steps', 'b', 'output', 'twice')) }
  const flow = flowOf([group('g', inner)], { outputs })
  const runner = await runnerOf(t, { flows: [flow], actions: [action] })
  const row = await runner.until(await runner.start(flow), 'succeeded', 'failed')
  assert.deepEqual(row.outputs, { b: 28 })
})

test('what needs a group waits for all its steps', async (t) => {
  const order: string[] = []
  const named = (name: string) =>
    spyAction(name, {
      run: async () => {
        order.push(name)
        return {}
      },
    })
  const inner = [step('b', uses('y'), { needs: ['a'] }), step('a', uses('x'))].toReversed()
  const flow = flowOf([group('g', inner), step('c', uses('z'), { needs: ['g'] })])
  const actions = [named('z'), named('y'), named('x')]
  const runner = await runnerOf(t, { flows: [flow], actions })
  await runner.until(await runner.start(flow), 'succeeded')
  assert.deepEqual(order, ['x', 'y', 'z'])
})

test('a failed step fails its group and the run, with its own error though others were stopped', async (t) => {
  const slow = lasting('slow')
  const flow = flowOf([group('g', [step('a', uses('slow')), step('b', uses('bad'))])])
  const runner = await runnerOf(t, { flows: [flow], actions: [slow.action, failing('bad')] })
  const row = await runner.until(await runner.start(flow), 'failed')
  assert.deepEqual(row.error, { kind: 'refused', message: 'bad says no' })
  assert.equal(slow.action.calls[0]?.signal.aborted, true)
})

test('a group that may fail stops its busy steps, and the run goes on', async (t) => {
  const [slow, other] = [lasting('slow'), lasting('other')]
  const lenient = group('g', [step('a', uses('slow')), step('b', uses('bad'))], { onError: 'continue' })
  const outputs = { error: reads((scope) => result(scope, 'g', 'error', 'kind')) }
  const flow = flowOf([lenient, step('c', uses('spy'), { needs: ['g'] }), step('d', uses('other'))], {
    outputs,
  })
  const after = spyAction('spy')
  const actions = [slow.action, other.action, failing('bad'), after]
  const runner = await runnerOf(t, { flows: [flow], actions })
  const run = await runner.start(flow)
  while (after.calls.length === 0) await runner.engine.clock.sleep(5)
  other.end()
  assert.deepEqual((await runner.until(run, 'succeeded', 'failed')).outputs, { error: 'refused' })
  assert.equal(slow.action.calls[0]?.signal.aborted, true)
  assert.equal(other.action.calls[0]?.signal.aborted, false)
})

test('a retry of a group runs all its steps anew, with new keys', async (t) => {
  const first = spyAction('spy', { repetition: 'keyed' })
  const flow = flowOf([
    group('g', inOrder([step('a', uses('spy')), step('b', uses('bad'))]), { retry: once }),
  ])
  const bad = failing('bad', 1)
  const runner = await runnerOf(t, { flows: [flow], actions: [first, bad] })
  assert.equal((await finish(runner, await runner.start(flow))).status, 'succeeded')
  for (const { calls } of [first, bad]) {
    assert.equal(calls.length, 2)
    assert.equal(new Set(calls.map((call) => call.key)).size, 2)
  }
})

test('a group is retried for the cause of its failure, whatever was stopped for it', async (t) => {
  const slow = lasting('slow')
  const retried = group('g', [step('a', uses('slow')), step('b', uses('bad'))], { retry: once })
  const runner = await runnerOf(t, {
    flows: [flowOf([retried])],
    actions: [slow.action, failing('bad', 1)],
  })
  const run = await runner.start(flowOf([retried]))
  const ended = finish(runner, run)
  while (slow.action.calls.length < 2) await runner.engine.clock.sleep(5)
  slow.end()
  assert.equal((await ended).status, 'succeeded')
})

test('a group in which nobody knows whether something happened is not run again by itself', async (t) => {
  const slow = lasting('slow', 'once')
  const retried = group('g', [step('a', uses('slow')), step('b', uses('bad'))], { retry: once })
  const runner = await runnerOf(t, {
    flows: [flowOf([retried])],
    actions: [slow.action, failing('bad', 1)],
  })
  const row = await finish(runner, await runner.start(flowOf([retried])))
  assert.equal(row.error?.kind, 'unknown_outcome')
  assert.equal(slow.action.calls.length, 1)
})

test('a group that takes longer than it may is stopped and fails with a time-out', async (t) => {
  const slow = lasting('slow')
  const flow = flowOf([group('g', [step('a', uses('slow'))], { timeoutMs: 40 })])
  const runner = await runnerOf(t, { flows: [flow], actions: [slow.action] })
  const row = await runner.until(await runner.start(flow), 'failed')
  assert.equal(row.error?.kind, 'timeout')
  assert.match(row.error?.message ?? '', /the group/)
  assert.equal(slow.action.calls[0]?.signal.aborted, true)
})

test('a group of which every step waits is woken by its own time-out', async (t) => {
  const inner = [step('a', { is: 'wait', wait: { forMs: 3_600_000 } })]
  const flow = flowOf([group('g', inner, { timeoutMs: 30 })])
  const runner = await runnerOf(t, { flows: [flow], actions: [] })
  assert.equal((await finish(runner, await runner.start(flow))).error?.kind, 'timeout')
})

test('a group inside a group may fail alone', async (t) => {
  const after = spyAction('spy')
  const inner = group('inner', [step('a', uses('bad'))], { onError: 'continue' })
  const outer = group('outer', inOrder([inner, step('b', uses('spy'))]))
  const outputs = { inner: reads((scope) => result(scope, 'outer', 'steps', 'inner', 'status')) }
  const runner = await runnerOf(t, {
    flows: [flowOf([outer], { outputs })],
    actions: [failing('bad'), after],
  })
  const row = await runner.until(await runner.start(flowOf([outer], { outputs })), 'succeeded', 'failed')
  assert.deepEqual(row.outputs, { inner: 'failed' })
  assert.equal(after.calls.length, 1)
})

test('steps of a group with `each` see their element and each other, and fail alone', async (t) => {
  const item = reads((scope) => scope['item'] ?? null)
  const twice = spyAction('twice', {
    run: async (input) => {
      if (input['n'] === 2) throw new Failure('refused', 'not two')
      return { twice: Number(input['n']) * 2 }
    },
  })
  const show = spyAction('show', { run: async (input) => input })
  const text = reads((scope) =>
    [scope['item'], result(scope, 'a', 'output', 'twice')].map((one) => JSON.stringify(one)).join(': '),
  )
  const each: Step['each'] = { list: expression(() => [1, 2, 3]), as: 'item', maxParallel: 3 }
  const inner = inOrder([step('a', uses('twice', { n: item })), step('b', uses('show', { text }))])
  const outputs = {
    texts: reads((scope) =>
      (result(scope, 'g', 'items') as never[]).map((one) => (one as Seen).steps.b?.output.text ?? 'none'),
    ),
  }
  const flow = flowOf([group('g', inner, { each, onError: 'continue' })], { outputs })
  const runner = await runnerOf(t, { flows: [flow], actions: [twice, show] })
  const row = await runner.until(await runner.start(flow), 'succeeded', 'failed')
  assert.deepEqual(row.outputs, { texts: ['1: 2', 'none', '3: 6'] })
})

interface Seen {
  readonly steps: { readonly b?: { readonly output: { readonly text: string } } }
}

test('an element of a step in a group sees the other steps of the group', async (t) => {
  const each: Step['each'] = { list: expression(() => [1, 2]), as: 'item', maxParallel: 1 }
  const spy = spyAction('spy', { run: async (input) => ({ n: input['n'] ?? 0 }) })
  const n = reads((scope) => Number(result(scope, 'a', 'output', 'n')) + Number(scope['item']))
  const inner = inOrder([step('a', uses('spy')), step('b', uses('spy', { n }), { each })])
  const runner = await runnerOf(t, { flows: [flowOf([group('g', inner)])], actions: [spy] })
  await runner.until(await runner.start(flowOf([group('g', inner)])), 'succeeded')
  assert.deepEqual(
    spy.calls.map((call) => call.input['n']),
    [7, 8, 9],
  )
})
