// Limits of connections: places and starts across runners, taken before anything leaves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aPolicy } from './a-policy.ts'
import { aRunner } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { endedBySweeps as ended } from './sweeps.ts'
import { flowOf, step, uses } from './flow-of.ts'
import { freshDatabase, kinds } from '../store/bring.ts'
import type { Action } from '../../runner/model/action.ts'
import type { PolicyConnection } from '../../runner/model/policy.ts'
import { freeUses } from '../../runner/store/connection-uses.ts'

const flow = flowOf([step('a', uses('spy'))])

function policyWith(limits: PolicyConnection['limits']): ReturnType<typeof aPolicy> {
  return aPolicy({ connections: { shop: { base: 'https://shop.example', bearer: null, limits } } })
}

/** Uses the connection until the test lets it go on. */
function using(): { readonly action: Action; readonly most: () => number; readonly open: () => void } {
  let now = 0
  let most = 0
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const action = spyAction('spy', {
    repetition: 'keyed',
    run: async () => {
      now += 1
      most = Math.max(most, now)
      await gate
      now -= 1
      return {}
    },
  })
  return { action: { ...action, uses: () => ({ connections: ['shop'] }) }, most: () => most, open }
}

for (const kind of kinds) {
  test(`${kind}: when a connection is in use an invocation waits, before its intent, and goes on afterwards`, async (t) => {
    const { action, most, open } = using()
    const runner = await aRunner(t, { flows: [flow], actions: [action], kind })
    runner.setPolicy(policyWith({ concurrency: 1, rate: null }))
    const first = await runner.start(flow)
    while (most() === 0) await runner.engine.clock.sleep(5)
    const second = await runner.start(flow)
    const row = await runner.until(second, 'parked')
    assert.deepEqual(
      row.waiting?.map((one) => one['for']),
      ['limit'],
    )
    const facts = `select 1 from journal where run = $1 and fact ->> 'is' = 'intended'`
    assert.deepEqual(await runner.database.query(facts, [second]), [])
    open()
    await ended(runner, first)
    await ended(runner, second)
    assert.equal(most(), 1)
    const uses = (): Promise<unknown[]> => runner.database.query('select 1 from connection_use', [])
    while ((await uses()).length > 0) await runner.engine.clock.sleep(5)
  })

  test(`${kind}: a rate of a connection lets an invocation begin when an earlier one has left the span`, async (t) => {
    const starts: number[] = []
    const spy = spyAction('spy', {
      run: async () => {
        starts.push(performance.now())
        return {}
      },
    })
    const action: Action = { ...spy, uses: () => ({ connections: ['shop'] }) }
    const runner = await aRunner(t, { flows: [flow], actions: [action], kind })
    runner.setPolicy(policyWith({ concurrency: null, rate: { max: 1, perMs: 300 } }))
    const runs = [await runner.start(flow), await runner.start(flow)]
    for (const run of runs) await ended(runner, run)
    assert.ok(starts[1]! - starts[0]! >= 280, `${starts[1]! - starts[0]!} ms`)
  })

  test(`${kind}: places of runners that are gone are free`, async (t) => {
    const { action, open } = using()
    const runner = await aRunner(t, { flows: [flow], actions: [action], kind })
    runner.setPolicy(policyWith({ concurrency: 1, rate: null }))
    await runner.database.query(
      `insert into connection_use (connection, owner, run, invocation, at_ms) values ('shop', 'gone', 'r', 'a', 0)`,
      [],
    )
    open()
    const run = await runner.start(flow)
    await runner.until(run, 'parked')
    await freeUses(runner.database, 'w1')
    await ended(runner, run)
  })
}

test('postgres: two runners share the places of a connection', async (t) => {
  const { action, most, open } = using()
  const database = await freshDatabase('postgres', t)
  const given = { flows: [flow], actions: [action], database, queue: 'real' } as const
  const runners = [await aRunner(t, { ...given, owner: 'w1' }), await aRunner(t, { ...given, owner: 'w2' })]
  for (const runner of runners) runner.setPolicy(policyWith({ concurrency: 2, rate: null }))
  const runs = await Promise.all(Array.from({ length: 8 }, (_, n) => runners[n % 2]!.start(flow)))
  const count = `select count(*) as parked from run where status = 'parked'`
  for (;;) {
    const [row] = await database.query<{ parked: number }>(count, [])
    if (row?.parked === 6) break
    await runners[0]!.engine.clock.sleep(10)
  }
  assert.equal(most(), 2)
  open()
  for (const run of runs) await Promise.race(runners.map((runner) => ended(runner, run)))
})
