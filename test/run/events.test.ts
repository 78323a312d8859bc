// Steps that wait for an event: each run hears what is its own, whenever it came, and none is lost.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { deliver, waitFor } from './an-event.ts'
import { aRunner } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { expression, flowOf, inOrder, step, uses } from './flow-of.ts'
import { freshDatabase, kinds } from '../store/bring.ts'
import { flowName } from '../../runner/model/id.ts'
import type { Engine } from '../../runner/run/engine.ts'
import type { WaitWork } from '../../runner/model/flow.ts'
import type { Json } from '../../runner/model/json.ts'

const output = expression((scope) => (scope.steps['gate'] as { output?: Json }).output ?? 'none')
const outputs = { heard: { is: 'expression', expression: output } } as const

function gated(work: WaitWork, before: readonly ReturnType<typeof step>[] = []) {
  return flowOf(inOrder([...before, step('gate', work)]), { outputs })
}

/** An action that lasts until it is told to end. */
function held() {
  let release = (): void => {}
  let began = (): void => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  const begun = new Promise<void>((resolve) => (began = resolve))
  const action = spyAction('spy', {
    run: async () => {
      began()
      await gate
      return {}
    },
  })
  return { action, begun, release: () => release() }
}

async function waiting(t: TestContext, work: WaitWork, kind: (typeof kinds)[number] = 'pglite') {
  const flow = gated(work)
  const runner = await aRunner(t, { flows: [flow], actions: [], kind })
  const run = await runner.start(flow)
  await runner.until(run, 'parked')
  return { runner, run, flow }
}

for (const kind of kinds) {
  test(`${kind}: an event ends the wait, and it is the output of the step`, async (t) => {
    const { runner, run } = await waiting(t, waitFor('gate'), kind)
    await deliver(runner, 'gate', { event: { paid: true } })
    assert.deepEqual((await runner.until(run, 'succeeded')).outputs, { heard: { paid: true } })
  })

  test(`${kind}: an event that came before its run reached the wait is heard there`, async (t) => {
    const { action, begun, release } = held()
    const flow = gated(waitFor('gate'), [step('a', uses('spy'))])
    const runner = await aRunner(t, { flows: [flow], actions: [action], kind })
    const run = await runner.start(flow)
    await begun
    await deliver(runner, 'gate', { event: { early: true } })
    // The holder hears that something came, and finds nothing that waits for it yet.
    await runner.worker.news()
    release()
    assert.deepEqual((await runner.until(run, 'succeeded')).outputs, { heard: { early: true } })
  })

  test(`${kind}: an event that came while its run had no runner is heard`, async (t) => {
    const { runner, run } = await waiting(t, waitFor('gate'), kind)
    await runner.database.query(`update run set status = 'ready' where id = $1`, [run])
    await deliver(runner, 'gate', { event: { late: true } })
    await runner.database.transaction((tx) => runner.engine.queue.send(tx, [{ run, priority: 0 }]))
    assert.deepEqual((await runner.until(run, 'succeeded')).outputs, { heard: { late: true } })
  })
}

test('an event from before the run began is not its own', async (t) => {
  const flow = gated(waitFor('gate'))
  const runner = await aRunner(t, { flows: [flow], actions: [] })
  await deliver(runner, 'gate', { atMs: runner.engine.clock.now() - 1 })
  const run = await runner.start(flow)
  const row = await runner.until(run, 'parked', 'succeeded')
  assert.equal(row.waiting?.[0]?.['for'], 'event')
})

test('an event that does not match leaves the run waiting for one that does', async (t) => {
  const match = expression((scope) => scope.event['order'] === 7)
  const { runner, run } = await waiting(t, waitFor('gate', { match }))
  const seq = () => runner.database.query<{ seq: number }>('select wake_seq as seq from run')
  await deliver(runner, 'gate', { event: { order: 6 } })
  assert.deepEqual(await seq(), [{ seq: 1 }])
  await runner.until(run, 'parked')
  await deliver(runner, 'gate', { event: { order: 7 } })
  assert.deepEqual((await runner.until(run, 'succeeded')).outputs, { heard: { order: 7 } })
})

test('an event for another step or another flow wakes nobody', async (t) => {
  const { runner } = await waiting(t, waitFor('gate'))
  await deliver(runner, 'door', {})
  await deliver(runner, 'gate', { flow: 'other-flow' })
  const rows = await runner.database.query('select status, wake_seq from run')
  assert.deepEqual(rows, [{ status: 'parked', wake_seq: 0 }])
})

test('the same slot twice is one event', async (t) => {
  const { runner } = await waiting(t, waitFor('gate', { match: expression(() => false) }))
  assert.equal(await deliver(runner, 'gate', { slot: 's' }), 'heard')
  assert.equal(await deliver(runner, 'gate', { slot: 's', event: { other: true } }), 'duplicate')
  assert.deepEqual(await runner.database.query('select slot from heard'), [{ slot: 's' }])
})

test('when no event comes in time the step has timed out and the run goes on', async (t) => {
  const flow = flowOf(inOrder([step('gate', waitFor('gate', { forMs: 20 }))]), {
    outputs: {
      how: {
        is: 'expression',
        expression: expression((scope) => (scope.steps['gate'] as { status: string }).status),
      },
    },
  })
  const runner = await aRunner(t, { flows: [flow], actions: [] })
  const run = await runner.start(flow)
  await runner.until(run, 'parked', 'succeeded')
  await runner.engine.clock.sleep(25)
  await runner.sweep.once()
  assert.deepEqual((await runner.until(run, 'succeeded')).outputs, { how: 'timed_out' })
})

test('of two runs each hears the event that matches its own input', async (t) => {
  const match = expression((scope) => scope.event['order'] === scope.inputs['order'])
  const flow = gated(waitFor('gate', { match }))
  const runner = await aRunner(t, { flows: [flow], actions: [] })
  const runs = [await runner.start(flow, { order: 1 }), await runner.start(flow, { order: 2 })] as const
  for (const run of runs) await runner.until(run, 'parked')
  await deliver(runner, 'gate', { event: { order: 2 } })
  await deliver(runner, 'gate', { event: { order: 1 } })
  const [one, two] = await Promise.all(runs.map((run) => runner.until(run, 'succeeded')))
  assert.deepEqual([one?.outputs, two?.outputs], [{ heard: { order: 1 } }, { heard: { order: 2 } }])
})

test('an event that came while every runner was down is heard by the next one', async (t) => {
  const database = await freshDatabase('postgres', t)
  const { action, begun, release } = held()
  const flow = gated(waitFor('gate'), [step('a', uses('spy'))])
  const old = await aRunner(t, { flows: [flow], actions: [action], database, owner: 'old' })
  const run = await old.start(flow)
  await begun
  await deliver(old, 'gate', { event: { n: 1 } })
  const heir = await aRunner(t, { flows: [flow], actions: [spyAction('spy')], database, owner: 'heir' })
  await database.query(`update runner set lease_ms = 0 where id = 'old'`)
  await heir.sweep.once()
  assert.deepEqual((await heir.until(run, 'succeeded')).outputs, { heard: { n: 1 } })
  release()
})

test('a called run that ends before the call is recorded is not waited for', async (t) => {
  const child = flowOf([], { name: flowName('child'), version: 'v2' })
  const parent = flowOf([step('a', { is: 'call', flow: child.name, with: {} })])
  const runner = await aRunner(t, { flows: [parent, child], actions: [] })
  const admit: Engine['admit'] = async (firing) => {
    const admitted = await runner.admit(firing)
    if ('run' in admitted) await runner.until(admitted.run, 'succeeded')
    // The holder hears that something came before it knows what it will wait for.
    await runner.worker.news()
    return admitted
  }
  Object.assign(runner.engine, { admit })
  const run = await runner.start(parent)
  await runner.until(run, 'succeeded')
  const rows = await runner.database.query('select flow, status from run order by id')
  assert.deepEqual(rows, [
    { flow: 'test-flow', status: 'succeeded' },
    { flow: 'child', status: 'succeeded' },
  ])
})
