import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aPolicy } from './a-policy.ts'
import { aRunner, type RunnerUnderTest } from './a-runner.ts'
import { type SpyAction, spyAction } from './actions.ts'
import { flowOf, inOrder, literal, step, uses } from './flow-of.ts'
import type { Step } from '../../runner/model/flow.ts'
import type { Ticket } from '../../runner/store/tickets.ts'

interface Asked {
  readonly runner: RunnerUnderTest
  readonly action: SpyAction
  readonly run: string
  readonly ticket: Ticket
}

async function setup(t: TestContext, more: Partial<Step> = {}): Promise<Asked> {
  const action = spyAction('danger', { repetition: 'once', risk: 'high' })
  const flow = flowOf(inOrder([step('a', uses('danger', { n: literal(3) }), more)]))
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const run = await runner.start(flow)
  await runner.until(run, 'parked')
  const [ticket] = await runner.engine.tickets.list({ run })
  assert.ok(ticket)
  return { runner, action, run, ticket }
}

const ana = 'local:ana'

test('a high-risk action waits, a yes with the code runs exactly it, once', async (t) => {
  const { runner, action, run, ticket } = await setup(t)
  assert.equal(action.calls.length, 0)
  await runner.engine.tickets.answerLocal({ verb: 'approve', code: ticket.code, by: ana })
  await runner.until(run, 'succeeded')
  assert.deepEqual(
    action.calls.map((call) => call.input),
    [{ n: 3 }],
  )
})

test('a no denies the step and fails the run', async (t) => {
  const { runner, action, run, ticket } = await setup(t)
  await runner.engine.tickets.answerLocal({ verb: 'reject', code: ticket.code, reason: 'no', by: ana })
  assert.equal((await runner.until(run, 'failed')).error?.kind, 'denied')
  assert.equal(action.calls.length, 0)
})

test('silence is a no', async (t) => {
  const { runner, action, run } = await setup(t)
  await runner.database.query('update ticket set expires_ms = 1')
  await runner.sweep.once()
  assert.equal((await runner.until(run, 'failed')).error?.kind, 'denied')
  assert.equal(action.calls.length, 0)
})

test('a yes cannot be used for other bytes than were shown', async (t) => {
  const { runner, action, run, ticket } = await setup(t)
  const tampered = `update journal set fact = jsonb_set(fact, '{action,input,n}', '9') where fact->>'is' = 'asked'`
  await runner.database.query(tampered)
  await runner.engine.tickets.answerLocal({ verb: 'approve', code: ticket.code, by: ana })
  assert.equal((await runner.until(run, 'failed', 'succeeded')).status, 'failed')
  assert.equal(action.calls.length, 0)
})

test('a cancelled run withdraws its question, and the code is worth nothing any more', async (t) => {
  const { runner, action, run, ticket } = await setup(t)
  const { verbs } = await import('../../runner/control/verbs.ts')
  const parts = { ...runner.engine, admit: runner.admit, accept: async () => '', stopChanged: async () => {} }
  await verbs['cancel']?.(parts, { run, by: ana })
  await runner.until(run, 'cancelled')
  await runner.engine.tickets.cancelOf(run)
  await assert.rejects(runner.engine.tickets.answerLocal({ verb: 'approve', code: ticket.code, by: ana }), {
    name: 'Stop',
  })
  assert.equal(action.calls.length, 0)
})

test('whoever started a run cannot approve it unless the policy says so', async (t) => {
  const { runner, action, ticket } = await setup(t)
  const approvals = { ...aPolicy().approvals, self: false }
  runner.setPolicy(aPolicy({ approvals }))
  await assert.rejects(runner.engine.tickets.answerLocal({ verb: 'approve', code: ticket.code, by: ana }), {
    name: 'Stop',
  })
  assert.equal(action.calls.length, 0)
})

test('an approve step succeeds by a yes, and its answer is its output', async (t) => {
  const work = { is: 'approve', show: literal('go?'), approvers: null, need: null, expiresMs: null } as const
  const flow = flowOf([step('ask', work)])
  const runner = await aRunner(t, { flows: [flow], actions: [] })
  const run = await runner.start(flow)
  await runner.until(run, 'parked')
  const [ticket] = await runner.engine.tickets.list({ run })
  await runner.engine.tickets.answerLocal({ verb: 'approve', code: ticket?.code ?? '', by: ana })
  await runner.until(run, 'succeeded')
})

test('after the emergency stop nothing new starts, and resume goes on where it stood', async (t) => {
  const action = spyAction('spy', {
    run: async () => {
      runner.stop(true)
      return {}
    },
  })
  const after = spyAction('after')
  const flow = flowOf(inOrder([step('a', uses('spy')), step('b', uses('after'))]))
  const runner = await aRunner(t, { flows: [flow], actions: [action, after] })
  const run = await runner.start(flow)
  const parked = await runner.until(run, 'parked')
  assert.equal(parked.waiting?.[0]?.['for'], 'resume')
  assert.equal(after.calls.length, 0)
  runner.stop(false)
  const { verbs } = await import('../../runner/control/verbs.ts')
  await verbs['resume']?.({ ...runner.engine, stopChanged: async () => {} } as never, { by: ana })
  await runner.until(run, 'succeeded')
})
