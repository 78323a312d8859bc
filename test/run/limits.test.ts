import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aFiring } from './a-firing.ts'
import { aRunner } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { expression, flowOf, step, uses } from './flow-of.ts'
import type { Flow, Limits } from '../../runner/model/flow.ts'

function limited(whenFull: 'queue' | 'drop' | 'replace'): Limits {
  const key = expression((scope) => scope.inputs['who'] ?? '')
  return {
    concurrency: { key, max: 1, whenFull, whileWaiting: 'hold' },
    rate: null,
    timeoutMs: 60_000,
    budget: { perRunUsd: null, perDayUsd: null },
  }
}

/** An action that ends when the test says so. */
function gated(): { action: ReturnType<typeof spyAction>; open: () => void } {
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const action = spyAction('spy', {
    run: (_, context) =>
      Promise.race([
        gate.then(() => ({})),
        new Promise<never>((_, reject) =>
          context.signal.addEventListener('abort', () => reject(context.signal.reason as Error)),
        ),
      ]),
  })
  return { action, open }
}

function flowWith(whenFull: 'queue' | 'drop' | 'replace'): Flow {
  return flowOf([step('a', uses('spy'))], { limits: limited(whenFull), inputs: { who: { type: 'string' } } })
}

test('a run beyond the limit of its key is queued, and starts when there is room', async (t) => {
  const { action, open } = gated()
  const flow = flowWith('queue')
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const first = await runner.start(flow, { who: 'x' })
  await runner.until(first, 'running')
  const second = await runner.start(flow, { who: 'x' })
  const other = await runner.start(flow, { who: 'y' })
  await runner.until(second, 'queued')
  await runner.until(other, 'running')
  open()
  await runner.until(first, 'succeeded')
  await runner.until(second, 'succeeded')
})

test('with `drop` a run beyond the limit is refused and says why', async (t) => {
  const { action, open } = gated()
  const flow = flowWith('drop')
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const first = await runner.start(flow, { who: 'x' })
  const refused = await runner.admit(aFiring(flow.name, { inputs: { who: 'x' } }))
  assert.ok('refused' in refused && refused.refused.includes('1 of 1'))
  open()
  await runner.until(first, 'succeeded')
})

test('with `replace` the older run is cancelled, and the new one runs after it', async (t) => {
  const { action, open } = gated()
  const flow = flowWith('replace')
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const first = await runner.start(flow, { who: 'x' })
  await runner.until(first, 'running')
  const second = await runner.start(flow, { who: 'x' })
  await runner.sweep.once()
  await runner.until(first, 'cancelled')
  open()
  await runner.until(second, 'succeeded')
})

test('a schedule that overlaps with `skip` starts nothing while its last run lives', async (t) => {
  const { action, open } = gated()
  const flow = flowOf([step('a', uses('spy'))])
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const first = await runner.admit(aFiring(flow.name, { trigger: 'tick', overlap: 'skip' }))
  const second = await runner.admit(aFiring(flow.name, { trigger: 'tick', overlap: 'skip' }))
  assert.ok('refused' in second)
  open()
  await runner.until('run' in first ? first.run : '', 'succeeded')
})

test('a suspended flow starts nothing', async (t) => {
  const flow = flowOf([step('a', uses('spy'))], { suspended: true })
  const runner = await aRunner(t, { flows: [flow], actions: [spyAction('spy')] })
  assert.ok('refused' in (await runner.admit(aFiring(flow.name))))
})
