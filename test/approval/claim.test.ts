// Every way to run something else than was shown, or without those who must say yes.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { bind } from '../../runner/approval/digest.ts'
import type { Binding } from '../../runner/model/approval.ts'
import type { TicketGitHub } from '../../runner/github/tickets.ts'
import { policyOf, riskRule } from './policy-of.ts'
import { memoryQueue } from '../../runner/store/queue-memory.ts'
import { type Scene, scene, sceneOn } from './scene.ts'
import { bindingOf, hourMs, proposalOf } from './ticket-of.ts'

/** A ticket on this machine that `dora` has approved. */
async function approved(t: TestContext, given: Parameters<typeof proposalOf>[0] = {}): Promise<Scene> {
  const at = await scene('pglite', t)
  await at.tickets.propose(proposalOf(given), 't1')
  const { code } = await at.ticket()
  await at.tickets.answerLocal({ verb: 'approve', code, by: 'local:dora' })
  return at
}

test('an approval of one form never runs another: each field of the binding is looked at', async (t) => {
  const at = await approved(t)
  const others: Partial<Binding>[] = [
    { flow: 'shop2' },
    { flow_version: 'b'.repeat(64) },
    { run: 'run2' },
    { step: 'other' },
    { element: 0 },
    { round: 1 },
    { generation: 1 },
    { action: 'test.other' },
    { action_version: 2 },
    { input: { to: 'bob@example.com', amount: 13 } },
    { input: { to: 'bob@example.com', amount: 12, more: true } },
    { input: { to: 'bob@example.com', amount: '12' } },
    { connections: ['shop_api'] },
    { secrets: ['SHOP_TOKEN'] },
    { undo: 'none' },
    { rule: 'risk[0]' },
    { need: 2 },
  ]
  for (const other of others)
    assert.equal((await at.claim(bindingOf(other))).is, 'refused', JSON.stringify(other))
  assert.deepEqual(at.ran, [])
  assert.equal(at.alarms.length, others.length)
  assert.equal((await at.claim()).is, 'claimed')
})

test('a stored action that was changed behind the store is not run', async (t) => {
  const at = await approved(t)
  const other = bind(bindingOf({ input: { to: 'eve@example.com', amount: 12 } }))
  await at.database.query('update ticket set binding = $1', [other.text])
  assert.equal((await at.claim()).is, 'refused')
  assert.equal((await at.claim(bindingOf({ input: { to: 'eve@example.com', amount: 12 } }))).is, 'refused')
})

test('a stored digest that was changed with it does not fit the code', async (t) => {
  const at = await approved(t)
  const binding = bindingOf({ input: { to: 'eve@example.com', amount: 12 } })
  const { text, actionDigest } = bind(binding)
  await at.database.query('update ticket set binding = $1, action_digest = $2', [text, actionDigest])
  assert.deepEqual(await at.claim(binding), {
    is: 'refused',
    why: 'the ticket does not carry its own digest',
  })
})

test('a code that was changed in the store does not fit its digest', async (t) => {
  const at = await approved(t)
  await at.database.query(`update ticket set code = '000000000000'`)
  assert.equal((await at.claim()).is, 'refused')
})

test('a state without votes is no approval', async (t) => {
  for (const change of [
    'delete from vote',
    'update vote set counted = false',
    'update vote set revision = 2',
    `update vote set verdict = 'reject'`,
    'update vote set at_ms = (select expires_ms from ticket)',
  ]) {
    const at = await approved(t)
    await at.database.query(change)
    assert.deepEqual(await at.claim(), { is: 'refused', why: '0 of 1 people stand behind it now' }, change)
    assert.equal((await at.ticket()).state, 'rejected')
  }
})

test('a yes in time may be used until an hour after expiry, and not a millisecond longer', async (t) => {
  const [inTime, late] = [await approved(t), await approved(t)]
  inTime.pass(25 * hourMs)
  await inTime.tickets.expire()
  assert.equal((await inTime.claim()).is, 'claimed')
  late.pass(25 * hourMs + 1)
  assert.equal((await late.claim()).is, 'refused')
  assert.equal((await late.ticket()).state, 'expired')
})

test('a runner that was off for 30 hours finds silence', async (t) => {
  const at = await approved(t)
  at.pass(30 * hourMs)
  await at.tickets.expire()
  assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), { is: 'silence' })
  assert.equal((await at.claim()).is, 'refused')
})

test('a policy that asks for more people now is not satisfied by fewer', async (t) => {
  const at = await approved(t)
  at.policy = policyOf({ risk: [riskRule({ need: 2 })] })
  assert.deepEqual(await at.claim(), { is: 'refused', why: '1 of 2 people stand behind it now' })
})

test('a policy that asks for fewer people now does not make up for those who are missing', async (t) => {
  const at = await approved(t, { need: 2 })
  assert.equal((await at.ticket()).state, 'pending')
  await at.database.query(`update ticket set state = 'approved', verdict = '{"is": "yes", "by": []}'`)
  assert.equal((await at.claim(bindingOf({ need: 2 }))).is, 'refused')
})

test('single control that the policy has ended meanwhile is no approval', async (t) => {
  const at = await scene('pglite', t, { policy: policyOf({ approvals: { self: true } }) })
  await at.tickets.propose(proposalOf({ self: true, startedBy: 'local:dora' }), 't1')
  const { code } = await at.ticket()
  await at.tickets.answerLocal({ verb: 'approve', code, by: 'local:dora' })
  at.policy = policyOf()
  assert.equal((await at.claim()).is, 'refused')
})

test('while the policy suspends everything nothing is claimed, and later it is', async (t) => {
  const at = await approved(t)
  at.policy = policyOf({ suspended: true })
  assert.equal((await at.claim()).is, 'later')
  at.policy = policyOf()
  assert.equal((await at.claim()).is, 'claimed')
})

test('while the head has no valid policy nothing is claimed, until it is too late', async (t) => {
  const at = await approved(t)
  at.held = 'the policy of the head is not valid'
  assert.deepEqual(await at.claim(), { is: 'later', why: at.held })
  at.pass(26 * hourMs)
  assert.equal((await at.claim()).is, 'refused')
})

test('a yes of this machine is not enough once the policy asks people on GitHub', async (t) => {
  const local = await approved(t)
  const notCalled = {} as TicketGitHub
  const { queue, database } = memoryQueue(local.database)
  const policy = policyOf({ approvals: { repository: 'acme/ops' } })
  const at = sceneOn({ database, queue, github: notCalled, policy })
  assert.equal((await at.claim()).is, 'later')
  const ticket = await at.ticket()
  assert.deepEqual([ticket.state, ticket.transport, ticket.revision], ['opening', 'github', 2])
})

test('what is no ticket, or none for an action, is never claimed', async (t) => {
  const at = await approved(t)
  assert.equal((await at.claim(bindingOf(), 'nobody')).is, 'refused')
})
