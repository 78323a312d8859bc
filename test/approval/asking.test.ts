// What may be asked at all, and what a person at this machine may not answer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TicketGitHub } from '../../runner/github/tickets.ts'
import { policyOf } from './policy-of.ts'
import { scene, stop } from './scene.ts'
import { bindingOf, proposalOf, questionOf, startMs } from './ticket-of.ts'

const by = 'local:dora'
const notCalled = {} as TicketGitHub

test('terms that are not the bound ones are our bug, and nothing is asked', async (t) => {
  const at = await scene('postgres', t)
  const binding = bindingOf()
  const wrong = [
    proposalOf({ binding, need: 2 }),
    proposalOf({ binding, flow: 'other' }),
    proposalOf({ binding, run: 'other' }),
    proposalOf({ binding, step: 'other' }),
    proposalOf({ binding, element: 1 }),
    proposalOf({ kind: 'action', binding: questionOf('question', null) }),
    proposalOf({ kind: 'question', binding }),
    proposalOf({ binding: bindingOf({ need: 0 }) }),
    proposalOf({ binding: bindingOf({ need: 1.5 }) }),
  ]
  for (const proposal of wrong) await assert.rejects(at.tickets.propose(proposal, 't1'))
  assert.deepEqual(await at.tickets.list({}), [])
})

test('what cannot be kept is refused with a word for the author', async (t) => {
  const at = await scene('postgres', t)
  for (const text of ['a\0b', '\ud800', 'x'.repeat(1_048_576)]) {
    const proposal = proposalOf({ binding: bindingOf({ input: { to: text } }) })
    await assert.rejects(at.tickets.propose(proposal, 't1'), { kind: 'invalid' })
    await assert.rejects(at.tickets.propose(proposalOf({ title: text }), 't1'), { kind: 'invalid' })
  }
})

test('what an issue cannot show in full is not asked there, in no form', async (t) => {
  const policy = policyOf({ approvals: { repository: 'acme/ops' } })
  const at = await scene('postgres', t, { github: notCalled, policy })
  const long = proposalOf({ binding: bindingOf({ input: { to: 'x'.repeat(60_000) } }) })
  await assert.rejects(at.tickets.propose(long, 't1'), { kind: 'refused' })
  assert.deepEqual(await at.tickets.list({}), [])
  await at.tickets.propose(proposalOf(), 't1')
  await assert.rejects(at.tickets.propose(long, 't1'), { kind: 'refused' })
  assert.equal((await at.ticket()).revision, 1)
})

test('without GitHub, or without a repository, people of this machine are asked', async (t) => {
  const named = policyOf({ approvals: { repository: 'acme/ops' } })
  const [alone, both] = [
    await scene('postgres', t, { policy: named }),
    await scene('postgres', t, { github: notCalled }),
  ]
  for (const at of [alone, both]) {
    await at.tickets.propose(proposalOf(), 't1')
    assert.deepEqual([(await at.ticket()).transport, (await at.ticket()).state], ['local', 'pending'])
  }
})

test('a ticket on GitHub is not answered from this machine', async (t) => {
  const policy = policyOf({ approvals: { repository: 'acme/ops' } })
  const at = await scene('postgres', t, { github: notCalled, policy })
  await at.tickets.propose(proposalOf(), 't1')
  await at.database.query(`update ticket set state = 'pending', issue_url = 'https://github.example/1'`)
  const { code } = await at.ticket()
  for (const verb of ['approve', 'reject'] as const)
    await assert.rejects(at.tickets.answerLocal({ verb, code, by }), stop(4, /GitHub/))
  assert.equal((await at.ticket()).state, 'pending')
})

test('two tickets for the same have two codes, and each code answers its own', async (t) => {
  const at = await scene('postgres', t)
  await at.tickets.propose(proposalOf(), 't1')
  await at.tickets.propose(proposalOf(), 't2')
  const [one, two] = [await at.ticket('t1'), await at.ticket('t2')]
  assert.notEqual(one.code, two.code)
  await at.tickets.answerLocal({ verb: 'approve', code: two.code, by })
  assert.deepEqual([(await at.ticket('t1')).state, (await at.ticket('t2')).state], ['pending', 'approved'])
})

test('a code that nobody has, or that is none, is answered with what to do', async (t) => {
  const at = await scene('postgres', t)
  await at.tickets.propose(proposalOf(), 't1')
  const answer = (code: string) => at.tickets.answerLocal({ verb: 'approve', code, by })
  await assert.rejects(answer('000000000000'), stop(1, /no ticket/))
  for (const code of ['', '0', 'x'.repeat(12), "' or 1=1 --"])
    await assert.rejects(answer(code), stop(1, /no code/))
})

test('an answer at the very time of expiry is too late', async (t) => {
  const at = await scene('postgres', t)
  await at.tickets.propose(proposalOf({ expiresMs: 60_000 }), 't1')
  at.pass(60_000)
  const { code, expiresMs } = await at.ticket()
  assert.equal(expiresMs, startMs + 60_000)
  await assert.rejects(at.tickets.answerLocal({ verb: 'approve', code, by }), stop(1, /expired/))
  await at.tickets.expire()
  assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), { is: 'silence' })
})

test('this machine cannot approve what it started, whatever name it gives', async (t) => {
  const at = await scene('postgres', t)
  await at.tickets.propose(proposalOf({ startedBy: 'local:carl' }), 't1')
  const { code } = await at.ticket()
  for (const name of ['local:carl', 'local:dora', 'github:1'])
    await assert.rejects(at.tickets.answerLocal({ verb: 'approve', code, by: name }), stop(4, /started/))
  const refused = (await at.votes()).map(({ counted, why }) => [counted, why])
  const reason = 'whoever started it cannot approve it'
  assert.deepEqual(
    refused,
    [1, 2, 3].map(() => [false, reason]),
  )
  await at.tickets.answerLocal({ verb: 'reject', code, by: 'local:carl' })
  assert.equal((await at.ticket()).state, 'rejected')
})

test('a team of one may, and the ticket says so', async (t) => {
  const at = await scene('postgres', t, { policy: policyOf({ approvals: { self: true } }) })
  await at.tickets.propose(proposalOf({ self: true, startedBy: by }), 't1')
  const { text, ticket } = await at.tickets.show('t1')
  assert.match(text, /Single control/)
  await at.tickets.answerLocal({ verb: 'approve', code: ticket.code, by })
  assert.equal((await at.claim()).is, 'claimed')
})

test('this machine is one person, however often it says yes', async (t) => {
  const at = await scene('postgres', t)
  await at.tickets.propose(proposalOf({ need: 2 }), 't1')
  const { code } = await at.ticket()
  const first = await at.tickets.answerLocal({ verb: 'approve', code, by: 'local:ana' })
  assert.deepEqual([first.state, first.missing], ['pending', 1])
  const again = at.tickets.answerLocal({ verb: 'approve', code, by: 'local:ben' })
  await assert.rejects(again, stop(4, /one person/))
  assert.equal((await at.ticket()).state, 'pending')
})

test('a ticket is shown by its code and by its id, and listed by what is asked for', async (t) => {
  const at = await scene('postgres', t)
  await at.tickets.propose(proposalOf(), 't1')
  const { code } = await at.ticket()
  assert.equal((await at.tickets.show(code)).ticket.id, 't1')
  await assert.rejects(at.tickets.show('nothing'), stop(1, /no ticket/))
  assert.equal((await at.tickets.list({ states: ['pending'], flow: 'shop', run: 'run1' })).length, 1)
  for (const filter of [{ states: ['claimed'] as const }, { flow: 'x' }, { run: 'x' }])
    assert.equal((await at.tickets.list(filter)).length, 0)
})
