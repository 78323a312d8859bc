import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aRunner, type RunnerUnderTest } from './a-runner.ts'
import { type SpyAction, spyAction } from './actions.ts'
import { flowOf, step, uses } from './flow-of.ts'
import { freshDatabase } from '../store/bring.ts'
import type { Probed, Repetition } from '../../runner/model/action.ts'
import { takeOver } from '../../runner/store/runs.ts'

interface Taken {
  readonly action: SpyAction
  readonly run: string
  readonly heir: RunnerUnderTest
  /** Lets the old holder's call end, long after it lost the run. */
  release(): void
}

/** A runner is in the act when another takes its run over: it may write nothing from then on. */
async function takenOver(
  t: TestContext,
  repetition: Repetition,
  probe?: () => Promise<Probed>,
): Promise<Taken> {
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  const action = spyAction('spy', {
    repetition,
    run: async (_, __, calls) => {
      if (calls.length === 1) await gate
      return { by: calls.length }
    },
    ...(probe === undefined ? {} : { probe }),
  })
  const flow = flowOf([step('a', uses('spy'))])
  const database = await freshDatabase('postgres', t)
  const given = { flows: [flow], actions: [action], database }
  const old = await aRunner(t, { ...given, owner: 'old' })
  const run = await old.start(flow)
  while (action.calls.length === 0) await old.engine.clock.sleep(5)
  const heir = await aRunner(t, { ...given, owner: 'heir' })
  await heir.database.transaction(async (tx) => {
    await heir.engine.queue.send(tx, await takeOver(tx, ['old']))
  })
  heir.worker.hint()
  return { action, run, heir, release }
}

test('a keyed effect in the act is repeated by the heir with the same key', async (t) => {
  const { action, run, heir, release } = await takenOver(t, 'keyed')
  await heir.until(run, 'succeeded')
  release()
  assert.equal(action.calls.length, 2)
  assert.equal(new Set(action.calls.map((call) => call.key)).size, 1)
})

test('a `once` effect in the act is not repeated: people are asked what happened', async (t) => {
  const { action, run, heir, release } = await takenOver(t, 'once')
  await heir.until(run, 'parked')
  release()
  const [ticket] = await heir.engine.tickets.list({ run })
  assert.equal(ticket?.kind, 'unknown')
  assert.equal(action.calls.length, 1)
})

test('a `once` effect that a probe finds is recorded, not repeated', async (t) => {
  const { action, run, heir, release } = await takenOver(t, 'once', async () => ({
    happened: true,
    output: { found: 1 },
  }))
  await heir.until(run, 'succeeded')
  release()
  assert.equal(action.calls.length, 1)
})

test('a probe that finds nothing proves nothing while the old holder may only be paused', async (t) => {
  const { action, run, heir, release } = await takenOver(t, 'once', async () => ({ happened: false }))
  await heir.until(run, 'parked')
  release()
  assert.equal(action.calls.length, 1)
})

test('the old holder writes nothing after the run was taken over', async (t) => {
  const { run, heir, release } = await takenOver(t, 'keyed')
  await heir.until(run, 'succeeded')
  const journal = 'select seq, epoch, fact from journal where run = $1 order by seq'
  const before = await heir.database.query(journal, [run])
  release()
  await heir.engine.clock.sleep(200)
  assert.deepEqual(await heir.database.query(journal, [run]), before)
})
