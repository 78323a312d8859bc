// `repeat` on a real engine: rounds until the result is what is wanted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spyAction } from './actions.ts'
import { expression, flowOf, group, reads, result, step, uses } from './flow-of.ts'
import { finish, runnerOf } from './words-of.ts'
import { Failure } from '../../runner/model/error.ts'
import type { Repeat, Scope, Step } from '../../runner/model/flow.ts'

function repeat(until: (scope: Scope) => boolean, more: Partial<Repeat> = {}): Repeat {
  return { until: expression(until), everyMs: 1, withinMs: 60_000, ...more }
}

const counts = () => spyAction('spy', { repetition: 'keyed' })
const third = (scope: Scope): boolean => Number(result(scope, 'a', 'output', 'n')) >= 3

test('a step runs again until the expression holds, which sees its own result; each round has its own key', async (t) => {
  const spy = counts()
  const outputs = { n: reads((scope) => result(scope, 'a', 'output', 'n')) }
  const flow = flowOf([step('a', uses('spy'), { repeat: repeat(third) })], { outputs })
  const runner = await runnerOf(t, { flows: [flow], actions: [spy] })
  const row = await finish(runner, await runner.start(flow))
  assert.deepEqual(row.outputs, { n: 3 })
  assert.equal(new Set(spy.calls.map((call) => call.key)).size, 3)
})

test('what does not come within its time fails the step with a time-out', async (t) => {
  const spy = counts()
  const flow = flowOf([step('a', uses('spy'), { repeat: repeat(() => false, { withinMs: 20 }) })])
  const runner = await runnerOf(t, { flows: [flow], actions: [spy] })
  const row = await finish(runner, await runner.start(flow))
  assert.equal(row.error?.kind, 'timeout')
  assert.ok(spy.calls.length >= 1)
})

test('an expression that cannot be evaluated fails the step instead of repeating it for ever', async (t) => {
  const until = (): never => {
    throw new Failure('invalid', 'no such key')
  }
  const flow = flowOf([step('a', uses('spy'), { repeat: repeat(until) })])
  const spy = counts()
  const runner = await runnerOf(t, { flows: [flow], actions: [spy] })
  assert.equal((await finish(runner, await runner.start(flow))).error?.kind, 'invalid')
  assert.equal(spy.calls.length, 1)
})

test('a round that fails is retried with its own key, and the next round counts its attempts anew', async (t) => {
  const spy = spyAction('spy', {
    repetition: 'keyed',
    run: async (_, __, calls) => {
      if (calls.length % 2 === 1) throw new Failure('unavailable', 'away')
      return { n: calls.length }
    },
  })
  const retry = { times: 1, fromMs: 1, toMs: 1, on: ['unavailable'] } as const
  const flow = flowOf([step('a', uses('spy'), { retry, repeat: repeat(third) })])
  const runner = await runnerOf(t, { flows: [flow], actions: [spy] })
  assert.equal((await finish(runner, await runner.start(flow))).status, 'succeeded')
  const keys = spy.calls.map((call) => call.key)
  assert.deepEqual([keys[0] === keys[1], keys[2] === keys[3], keys[0] === keys[2]], [true, true, false])
})

test('a group is repeated as a whole, its list made anew each round', async (t) => {
  const spy = counts()
  const round = (scope: Scope): number => Number(result(scope, 'a', 'output', 'n'))
  const each: Step['each'] = {
    list: expression((scope) => Array.from({ length: round(scope) - 1 }, (_, n) => n)),
    as: 'item',
    maxParallel: 1,
  }
  const show = spyAction('show')
  const inner = [step('a', uses('spy')), step('b', uses('show'), { each, needs: ['a'] })]
  const until = (scope: Scope): boolean => Number(result(scope, 'g', 'steps', 'a', 'output', 'n')) >= 3
  const outputs = { n: reads((scope) => result(scope, 'g', 'steps', 'b', 'count')) }
  const flow = flowOf([group('g', inner, { repeat: repeat(until) })], { outputs })
  const runner = await runnerOf(t, { flows: [flow], actions: [spy, show] })
  const row = await finish(runner, await runner.start(flow))
  // Rounds with no, one and two elements.
  assert.deepEqual(row.outputs, { n: 2 })
  assert.equal(show.calls.length, 3)
})

test('every element repeats for itself and sees its own result', async (t) => {
  const n = reads((scope) => Number(scope['item']))
  const tries = new Map<number, number>()
  const spy = spyAction('spy', {
    run: async (input) => {
      const item = Number(input['n'])
      tries.set(item, (tries.get(item) ?? 0) + 1)
      return { tries: tries.get(item) ?? 0 }
    },
  })
  const each: Step['each'] = { list: expression(() => [1, 2, 3]), as: 'item', maxParallel: 2 }
  const until = (scope: Scope): boolean =>
    Number(result(scope, 'a', 'output', 'tries')) >= Number(scope['item'])
  const flow = flowOf([step('a', uses('spy', { n }), { each, repeat: repeat(until) })])
  const runner = await runnerOf(t, { flows: [flow], actions: [spy] })
  assert.equal((await finish(runner, await runner.start(flow))).status, 'succeeded')
  assert.deepEqual(
    [1, 2, 3].map((item) => tries.get(item)),
    [1, 2, 3],
  )
})
