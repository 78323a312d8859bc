// Long lists: the cost of an element does not depend on how many there are, and what they wrote is not held.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spyAction } from './actions.ts'
import { expression, flowOf, reads, result, step, uses } from './flow-of.ts'
import { runnerOf } from './words-of.ts'
import type { Flow } from '../../runner/model/flow.ts'
import { fold } from '../../runner/model/fold.ts'
import type { At, Fact } from '../../runner/model/journal.ts'
import { keyOf, newRunState } from '../../runner/model/run.ts'
import { next } from '../../runner/model/next.ts'

function listOf(count: number): Flow {
  const items = Array.from({ length: count }, (_, n) => n)
  const each = { list: expression(() => items), as: 'item', maxParallel: 16 }
  const outputs = { ended: reads((scope) => result(scope, 'a', 'succeeded')) }
  return flowOf([step('a', uses('spy'), { each })], { outputs, version: `v-${count}` })
}

test('ten thousand elements cost less than twelve times what a thousand cost', async (t) => {
  const took: number[] = []
  for (const count of [1_000, 10_000]) {
    const spy = { ...spyAction('spy'), run: async () => ({ text: 'x'.repeat(1_000) }) }
    const flow = listOf(count)
    const runner = await runnerOf(t, { flows: [flow], actions: [spy] })
    // The engine's cost, not what it costs to sleep between batches: the best of several small ones, one big one.
    const tries = count === 1_000 ? 3 : 1
    const times: number[] = []
    for (let n = 0; n < tries; n++) {
      const cpu = process.cpuUsage()
      const run = await runner.start(flow)
      // Not `until`, which would ask the store at every outcome.
      while (runner.worker.used > 0) await runner.engine.clock.sleep(20)
      const row = await runner.until(run, 'succeeded', 'failed')
      assert.deepEqual(row.outputs, { ended: count })
      const { user, system } = process.cpuUsage(cpu)
      times.push((user + system) / 1_000)
    }
    took.push(times.toSorted((a, b) => a - b)[Math.floor(tries / 2)] ?? 0)
  }
  const [small = 1, large = Infinity] = took
  t.diagnostic(`1,000: ${small.toFixed(0)} ms, 10,000: ${large.toFixed(0)} ms of processor time`)
  assert.ok(large < 12 * small, `${large} ms is more than twelve times ${small} ms`)
})

test('what ten thousand elements gave is not held in the state of the run', () => {
  const flow = listOf(10_000)
  const state = newRunState()
  const idle = { busy: new Set<string>(), verdicts: new Map(), heard: new Map(), ended: new Set<string>() }
  const scope = { event: {}, inputs: {}, steps: {}, run: {}, flow: '', policy: {} }
  for (;;) {
    const move = next(flow, state, { nowMs: 0, ...idle, scope: () => scope })
    if (move.is === 'end') break
    if (move.is === 'record') for (const fact of move.facts) fold(state, fact)
    else if (move.is === 'perform') for (const { at } of move.work) fold(state, gave(at))
    else assert.fail(`nothing is ${move.is}`)
  }
  assert.doesNotMatch(JSON.stringify([...state.invocations.values()]), /gave this/)
})

function gave(at: At): Fact {
  const output = `${keyOf(at)} gave this`
  return { v: 1, is: 'succeeded', at, attempt: 1, output, uses: null, risk: 'low', tookMs: 1 }
}
