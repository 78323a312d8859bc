// Places of runs that wait: kept or given back, and callers that hold what their call needs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aRunner } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { flowOf, inOrder, step, uses } from './flow-of.ts'
import { kinds } from '../store/bring.ts'
import type { Flow, Limits, WhileWaiting } from '../../runner/model/flow.ts'
import { flowName } from '../../runner/model/id.ts'

function limits(whileWaiting: WhileWaiting): Limits {
  const budget = { perRunUsd: null, perDayUsd: null }
  const concurrency = { key: null, max: 1, whenFull: 'queue', whileWaiting } as const
  return { concurrency, rate: null, timeoutMs: 60_000, budget }
}

function pausing(whileWaiting: WhileWaiting): Flow {
  const pause = step('pause', { is: 'wait', wait: { forMs: 3_600_000 } })
  return flowOf(inOrder([pause, step('a', uses('spy'))]), { limits: limits(whileWaiting) })
}

for (const kind of kinds) {
  test(`${kind}: a run that waits keeps its place with \`hold\``, async (t) => {
    const flow = pausing('hold')
    const runner = await aRunner(t, { flows: [flow], actions: [spyAction('spy')], kind })
    const first = await runner.start(flow)
    await runner.until(first, 'parked')
    const second = await runner.start(flow)
    await runner.sweep.once()
    await runner.until(second, 'queued')
  })

  test(`${kind}: with \`release\` it gives the place back, and takes it again before it goes on`, async (t) => {
    const flow = pausing('release')
    const runner = await aRunner(t, { flows: [flow], actions: [spyAction('spy')], kind })
    const first = await runner.start(flow)
    await runner.until(first, 'parked')
    const second = await runner.start(flow)
    await runner.until(second, 'parked')
    const third = await runner.start(flow)
    await runner.until(third, 'parked')
    // The place is taken by a run that does not wait, so the first has to.
    await runner.database.query(`update run_limit set holds = true where run = $1`, [second])
    await runner.database.query(`update run set wake_ms = 1 where id = $1`, [first])
    await runner.sweep.once()
    await runner.until(first, 'queued')
    await runner.database.query(`update run_limit set holds = null where run = $1`, [second])
    await runner.sweep.once()
    await runner.until(first, 'ready', 'running', 'parked')
  })

  test(`${kind}: what a crash left of a run that has ended stands in nobody's way for long`, async (t) => {
    const flow = flowOf([step('a', uses('spy'))], { limits: limits('hold') })
    const runner = await aRunner(t, { flows: [flow], actions: [spyAction('spy')], kind })
    const first = await runner.start(flow)
    await runner.until(first, 'succeeded')
    await runner.worker.drain(1_000)
    await runner.database.query(
      `insert into run_limit (key, run, max, holds) values ('flow:test-flow:', $1, 1, true)`,
      [first],
    )
    const second = await runner.start(flow)
    await runner.until(second, 'queued')
    let aheadMs = 0
    const { clock } = runner.engine
    const later = await aRunner(t, {
      flows: [flow],
      actions: [spyAction('spy')],
      database: runner.database,
      owner: 'w2',
      clock: { ...clock, now: () => clock.now() + aheadMs },
    })
    aheadMs = 60_000
    await later.sweep.once()
    await later.until(second, 'succeeded')
  })

  test(`${kind}: a call that would wait for its own caller's place is refused, and says so`, async (t) => {
    const child = flowOf([step('a', uses('spy'))], {
      name: flowName('child'),
      version: 'child',
      limits: limits('hold'),
    })
    const again = step('again', { is: 'call', flow: flowName('child'), with: {} })
    const caller = { ...child, steps: [again] }
    const runner = await aRunner(t, { flows: [caller], actions: [spyAction('spy')], kind })
    const row = await runner.until(await runner.start(caller), 'failed')
    assert.equal(row.error?.kind, 'refused')
    assert.match(row.error?.message ?? '', /which its own caller .* holds/)
  })
}
