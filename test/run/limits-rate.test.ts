// Rates: so many starts of a key in any span of time, on both databases.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aFiring } from './a-firing.ts'
import { aRunner } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { endedBySweeps as ended } from './sweeps.ts'
import { expression, flowOf, step, uses } from './flow-of.ts'
import { kinds } from '../store/bring.ts'
import type { Flow, WhenFull } from '../../runner/model/flow.ts'

const perMs = 400

function flowWith(whenFull: WhenFull, max = 2): Flow {
  const key = expression((scope) => scope.inputs['who'] ?? '')
  return flowOf([step('a', uses('spy'))], {
    inputs: { who: { type: 'string' } },
    limits: {
      concurrency: null,
      rate: { key, max, perMs, whenFull },
      timeoutMs: 60_000,
      budget: { perRunUsd: null, perDayUsd: null },
    },
  })
}

for (const kind of kinds) {
  test(`${kind}: with \`queue\` a run beyond the rate starts when an earlier start has left the span`, async (t) => {
    const flow = flowWith('queue')
    const starts: number[] = []
    const spy = spyAction('spy', {
      run: async () => {
        starts.push(performance.now())
        return {}
      },
    })
    const runner = await aRunner(t, { flows: [flow], actions: [spy], kind })
    const beganMs = performance.now()
    const runs: string[] = []
    for (let n = 0; n < 5; n++) runs.push(await runner.start(flow, { who: 'x' }))
    const other = await runner.start(flow, { who: 'y' })
    await runner.until(other, 'succeeded')
    for (const run of runs) assert.equal(await ended(runner, run), 'succeeded')
    // Two in each span: the fifth of them comes in the third.
    assert.equal(starts.length, 6)
    const lastMs = Math.max(...starts) - beganMs
    assert.ok(lastMs >= 2 * perMs - 10, `${Math.round(lastMs)} ms`)
  })

  test(`${kind}: with \`drop\` a run beyond the rate is refused and says why`, async (t) => {
    const flow = flowWith('drop', 1)
    const runner = await aRunner(t, { flows: [flow], actions: [spyAction('spy')], kind })
    await runner.until(await runner.start(flow, { who: 'x' }), 'succeeded')
    const refused = await runner.admit(aFiring(flow.name, { inputs: { who: 'x' } }))
    assert.ok('refused' in refused && refused.refused.includes('1 of 1 starts'), JSON.stringify(refused))
    await runner.engine.clock.sleep(perMs + 10)
    await runner.until(await runner.start(flow, { who: 'x' }), 'succeeded')
  })

  test(`${kind}: with \`replace\` the one that waits is cancelled, the newest starts in its place`, async (t) => {
    const flow = flowWith('replace', 1)
    const spy = spyAction('spy')
    const runner = await aRunner(t, { flows: [flow], actions: [spy], kind })
    const [first, second, third] = [
      await runner.start(flow, { who: 'x' }),
      await runner.start(flow, { who: 'x' }),
      await runner.start(flow, { who: 'x' }),
    ]
    assert.equal(await ended(runner, second), 'cancelled')
    assert.equal(await ended(runner, first), 'succeeded')
    assert.equal(await ended(runner, third), 'succeeded')
    assert.equal(spy.calls.length, 2)
  })

  test(`${kind}: the same firing again is its own run, not one too many`, async (t) => {
    const flow = flowWith('drop', 1)
    const runner = await aRunner(t, { flows: [flow], actions: [spyAction('spy')], kind })
    const firing = aFiring(flow.name, { inputs: { who: 'x' } })
    const first = await runner.admit(firing)
    assert.deepEqual(await runner.admit(firing), { ...first, duplicate: true })
  })
}
