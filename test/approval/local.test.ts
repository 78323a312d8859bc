// Tickets on this machine: asked once, answered once, used once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kinds } from '../store/bring.ts'
import { policyOf } from './policy-of.ts'
import { parkedRun, type Scene, scene, stop } from './scene.ts'
import { bindingOf, hourMs, proposalOf, questionOf } from './ticket-of.ts'

const by = 'local:ana'

async function approve(at: Scene, id = 't1') {
  const { code } = await at.ticket(id)
  return at.tickets.answerLocal({ verb: 'approve', code, by })
}

for (const kind of kinds) {
  test(`${kind}: a proposal is before people at once, and its run sleeps on`, async (t) => {
    const at = await scene(kind, t)
    const status = await parkedRun(at.database)
    await at.tickets.propose(proposalOf(), 't1')
    const ticket = await at.ticket()
    assert.deepEqual([ticket.state, ticket.transport, ticket.revision], ['pending', 'local', 1])
    assert.equal(await status(), 'parked')
    assert.equal((await at.tickets.verdicts(['t1'])).size, 0)
  })

  test(`${kind}: a yes wakes the run and is used exactly once`, async (t) => {
    const at = await scene(kind, t)
    const status = await parkedRun(at.database)
    await at.tickets.propose(proposalOf(), 't1')
    assert.deepEqual(await at.claim(), { is: 'later', why: 'people have not answered yet' })
    assert.equal((await approve(at)).state, 'approved')
    assert.equal(await status(), 'ready')
    assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), { is: 'yes', by: [by] })
    assert.equal((await at.claim()).is, 'claimed')
    assert.equal((await at.claim()).is, 'refused')
    assert.deepEqual(at.ran, ['t1'])
  })

  test(`${kind}: two runners that claim at once are one execution`, async (t) => {
    const at = await scene(kind, t)
    await at.tickets.propose(proposalOf(), 't1')
    await approve(at)
    const other = at.other()
    const second = () => other.claim('t1', bindingOf(), async () => void at.ran.push('t1'))
    const claims = await Promise.all([at.claim(), second(), at.claim(), second()])
    assert.equal(claims.filter((claim) => claim.is === 'claimed').length, 1)
    assert.deepEqual(at.ran, ['t1'])
  })

  test(`${kind}: a claim whose intent cannot be recorded did not happen`, async (t) => {
    const at = await scene(kind, t)
    await at.tickets.propose(proposalOf(), 't1')
    await approve(at)
    const crash = at.tickets.claim('t1', bindingOf(), () => Promise.reject(new Error('crash')))
    await assert.rejects(crash, /crash/)
    assert.equal((await at.ticket()).state, 'approved')
    assert.equal((await at.claim()).is, 'claimed')
  })

  test(`${kind}: the same proposal again changes nothing`, async (t) => {
    const at = await scene(kind, t)
    await at.tickets.propose(proposalOf(), 't1')
    const before = await at.ticket()
    at.pass(hourMs)
    await at.tickets.propose(proposalOf({ why: ['told in other words'] }), 't1')
    assert.deepEqual(await at.ticket(), before)
  })

  test(`${kind}: another form of the step has a new code, and the yes to the old one is void`, async (t) => {
    const at = await scene(kind, t)
    await at.tickets.propose(proposalOf(), 't1')
    const { code } = await at.ticket()
    await approve(at)
    const changed = bindingOf({ input: { to: 'eve@example.com', amount: 12 } })
    await at.tickets.propose(proposalOf({ binding: changed }), 't1')
    const ticket = await at.ticket()
    assert.deepEqual([ticket.state, ticket.revision, ticket.verdict], ['pending', 2, null])
    assert.equal((await at.claim(changed)).is, 'later')
    assert.equal((await at.claim()).is, 'later')
    const old = at.tickets.answerLocal({ verb: 'approve', code, by })
    await assert.rejects(old, stop(1, /older form/))
    await approve(at)
    assert.equal((await at.claim()).is, 'refused')
    assert.equal((await at.claim(changed)).is, 'claimed')
  })

  test(`${kind}: what was answered for good takes no other form`, async (t) => {
    const at = await scene(kind, t)
    await at.tickets.propose(proposalOf(), 't1')
    await approve(at)
    await at.claim()
    const changed = proposalOf({ binding: bindingOf({ input: { to: 'eve@example.com' } }) })
    await assert.rejects(at.tickets.propose(changed, 't1'), { kind: 'denied' })
    await at.tickets.propose(proposalOf(), 't1')
    assert.equal((await at.ticket()).state, 'claimed')
  })

  test(`${kind}: a no ends it, wakes the run, and nothing follows`, async (t) => {
    const at = await scene(kind, t)
    const status = await parkedRun(at.database)
    await at.tickets.propose(proposalOf(), 't1')
    const { code } = await at.ticket()
    await at.tickets.answerLocal({ verb: 'reject', code, reason: 'too much', by })
    assert.equal(await status(), 'ready')
    assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), { is: 'no', by, reason: 'too much' })
    assert.equal((await at.claim()).is, 'refused')
    await assert.rejects(approve(at), stop(1, /ended/))
  })

  test(`${kind}: above the day's number proposals wait in the queue and move up most urgent first`, async (t) => {
    const at = await scene(kind, t, { policy: policyOf({ approvals: { perDay: 2 } }) })
    const proposal = (run: string, hours: number) =>
      proposalOf({ binding: bindingOf({ run }), expiresMs: hours * hourMs })
    for (const [index, hours] of [90, 80, 70, 50, 60].entries())
      await at.tickets.propose(proposal(`run${index}`, hours), `t${index}`)
    const states = async () =>
      Promise.all([0, 1, 2, 3, 4].map(async (index) => (await at.ticket(`t${index}`)).state))
    assert.deepEqual(await states(), ['pending', 'pending', 'proposed', 'proposed', 'proposed'])
    await assert.rejects(approve(at, 't2'), stop(4, /not before people/))
    at.pass(24 * hourMs)
    await at.tickets.expire()
    assert.deepEqual(await states(), ['pending', 'pending', 'proposed', 'pending', 'pending'])
    at.pass(hourMs)
    await at.tickets.expire()
    assert.equal((await at.ticket('t2')).state, 'proposed')
  })

  test(`${kind}: the end of a run withdraws what it asked`, async (t) => {
    const at = await scene(kind, t)
    await at.tickets.propose(proposalOf(), 't1')
    await at.tickets.propose(proposalOf({ binding: bindingOf({ step: 'two' }) }), 't2')
    await at.tickets.propose(proposalOf({ binding: bindingOf({ run: 'run2' }) }), 't3')
    await approve(at, 't2')
    await at.tickets.cancelOf('run1')
    assert.deepEqual((await at.tickets.verdicts(['t1', 't2'])).get('t2'), { is: 'cancelled' })
    assert.equal((await at.claim(bindingOf({ step: 'two' }), 't2')).is, 'refused')
    assert.equal((await at.ticket('t3')).state, 'pending')
  })

  test(`${kind}: a question is answered by one word and needs no claim`, async (t) => {
    const at = await scene(kind, t)
    const binding = questionOf('question', { text: 'go on?' })
    await at.tickets.propose(proposalOf({ kind: 'question', binding }), 't1')
    assert.equal((await approve(at)).state, 'claimed')
    assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), { is: 'yes', by: [by] })
    at.pass(48 * hourMs)
    await at.tickets.expire()
    assert.equal((await at.ticket()).state, 'claimed')
    assert.equal((await at.claim()).is, 'refused')
  })

  test(`${kind}: whoever is shown choices answers with one of them`, async (t) => {
    const at = await scene(kind, t)
    const choices = [{ name: 'reply', means: 'The FAQ answers it' }]
    const unsure = proposalOf({ kind: 'unsure', binding: questionOf('unsure', {}), choices })
    await at.tickets.propose(unsure, 't1')
    const { code } = await at.ticket()
    const answer = (choice: string) => at.tickets.answerLocal({ verb: 'choose', code, choice, by })
    await assert.rejects(answer('refund'), stop(1, /no choice/))
    await assert.rejects(approve(at), stop(1, /cannot be answered/))
    await answer('reply')
    assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), { is: 'choice', choice: 'reply', by })
  })

  test(`${kind}: an unknown outcome is settled by what a person found`, async (t) => {
    const at = await scene(kind, t)
    const choices = ['succeeded', 'failed', 'again'].map((name) => ({ name, means: '' }))
    const binding = questionOf('unknown', { action: 'test.act', input: {} })
    await at.tickets.propose(proposalOf({ kind: 'unknown', binding, choices, startedBy: by }), 't1')
    const { code } = await at.ticket()
    await assert.rejects(at.tickets.answerLocal({ verb: 'done', code, by }), stop(1, /cannot be answered/))
    await at.tickets.answerLocal({ verb: 'choose', code, choice: 'again', by })
    assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), { is: 'choice', choice: 'again', by })
  })

  test(`${kind}: every step is in the chain of the audit`, async (t) => {
    const at = await scene(kind, t)
    await at.tickets.propose(proposalOf(), 't1')
    await approve(at)
    await at.claim()
    await at.tickets.report('t1', { status: 'failed', text: 'no answer' })
    for (let time = 0; time < 2; time++) await at.tickets.report('t1', { status: 'succeeded', text: 'paid' })
    const kindsOf = (await at.audit()).map((row) => row.kind)
    const steps = ['proposed', 'opening', 'pending', 'vote', 'approved', 'claimed', 'result', 'result']
    assert.deepEqual(kindsOf, steps)
  })
}
