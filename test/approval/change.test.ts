// One change, one transaction: legal moves only, one after the other, all of it or nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeTickets, move } from '../../runner/approval/change.ts'
import { promote } from '../../runner/approval/propose.ts'
import { verifyAudit } from '../../runner/store/audit.ts'
import { kinds } from '../store/bring.ts'
import { policyOf } from './policy-of.ts'
import { scene } from './scene.ts'
import { bindingOf, proposalOf, questionOf } from './ticket-of.ts'

test('a move that the states do not know is our bug, and changes nothing', async (t) => {
  const at = await scene('postgres', t)
  await at.tickets.propose(proposalOf(), 't1')
  const ticket = await at.ticket()
  const change = { path: ['claimed'], verdict: null, because: {} } as const
  const jump = changeTickets(at.parts, (tx) => move(tx, at.parts, { ticket, change }))
  await assert.rejects(jump, /never goes from pending to claimed/)
  assert.deepEqual(await at.ticket(), ticket)
})

for (const kind of kinds)
  test(`${kind}: twelve changes at once are twelve changes, and one chain`, async (t) => {
    const at = await scene(kind, t)
    const others = [at.tickets, at.other()]
    const ids = Array.from({ length: 12 }, (_, index) => `t${index}`)
    const ask = (id: string, index: number) =>
      others[index % 2]!.propose(proposalOf({ binding: bindingOf({ run: id }) }), id)
    await Promise.all(ids.map(ask))
    assert.equal((await at.tickets.list({ states: ['pending'] })).length, 12)
    const { rows, broken } = await verifyAudit(at.database)
    assert.deepEqual([rows, broken], [36, null])
  })

test('at most so many are asked a day, also when they are proposed at once', async (t) => {
  const at = await scene('postgres', t, { policy: policyOf({ approvals: { perDay: 3 } }) })
  const ids = Array.from({ length: 8 }, (_, index) => `t${index}`)
  await Promise.all(ids.map((id) => at.tickets.propose(proposalOf({ binding: bindingOf({ run: id }) }), id)))
  assert.equal((await at.tickets.list({ states: ['pending'] })).length, 3)
})

test('a yes to a question claims nothing, whatever state it is put into', async (t) => {
  const at = await scene('postgres', t)
  const binding = questionOf('question', {})
  await at.tickets.propose(proposalOf({ kind: 'question', binding }), 't1')
  const { code } = await at.ticket()
  await at.tickets.answerLocal({ verb: 'approve', code, by: 'local:ana' })
  await at.database.query(`update ticket set state = 'approved'`)
  assert.equal((await at.claim(binding as never)).is, 'refused')
})

test('news for the poller is told, once somebody listens and as long as they do', async (t) => {
  const at = await scene('postgres', t)
  let told = 0
  const stop = at.tickets.onWork(() => void told++)
  await at.tickets.propose(proposalOf(), 't1')
  stop()
  await at.tickets.propose(proposalOf(), 't2')
  assert.equal(told, 1)
})

test('a proposal whose time is over does not move up, even before it was swept', async (t) => {
  const at = await scene('postgres', t, { policy: policyOf({ approvals: { perDay: 0 } }) })
  await at.tickets.propose(proposalOf({ expiresMs: 60_000 }), 't1')
  at.pass(60_000)
  at.policy = policyOf()
  await promote(at.parts)
  assert.equal((await at.ticket()).state, 'proposed')
})

test('another form of a proposal that waits in the queue waits on', async (t) => {
  const at = await scene('postgres', t, { policy: policyOf({ approvals: { perDay: 0 } }) })
  await at.tickets.propose(proposalOf(), 't1')
  await at.tickets.propose(proposalOf({ binding: bindingOf({ round: 1 }) }), 't1')
  const ticket = await at.ticket()
  assert.deepEqual([ticket.state, ticket.revision], ['proposed', 2])
})

test('there is no result of what was not claimed', async (t) => {
  const at = await scene('postgres', t)
  await at.tickets.propose(proposalOf(), 't1')
  const result = { status: 'succeeded', text: 'done' } as const
  for (const id of ['t1', 'nobody']) await assert.rejects(at.tickets.report(id, result), /was not claimed/)
  assert.equal(
    (await at.audit()).some((row) => row.kind === 'result'),
    false,
  )
})
