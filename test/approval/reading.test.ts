// Comments as they come: edited, taken back, late, many, or the same as before.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { githubScene, policyOnGitHub, repository } from './github-scene.ts'
import { hourMs } from './ticket-of.ts'

test('a comment that was edited before it was seen does not count', async (t) => {
  const at = await githubScene(t)
  const { code } = await at.opened()
  const id = await at.says('ana', 'hm')
  at.pass(1_000)
  at.github.as('ana').edit(repository, id, `/approve ${code}`)
  await at.poll()
  assert.deepEqual(
    (await at.votes()).map((vote) => [vote.counted, vote.why]),
    [[false, 'the comment was edited before it was seen']],
  )
})

test('a yes that is edited afterwards is taken back', async (t) => {
  const at = await githubScene(t)
  const { code } = await at.opened()
  const id = await at.says('ana', `/approve ${code}`)
  await at.poll()
  at.pass(5_000)
  at.github.as('ana').edit(repository, id, `/approve ${code} `)
  await at.poll()
  assert.equal((await at.ticket()).state, 'rejected')
})

test('a yes of two that is edited is withdrawn, and the other is not enough', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ need: 2 }) })
  const { code } = await at.opened({ need: 2 })
  const id = await at.says('ana', `/approve ${code}`)
  await at.poll()
  at.pass(5_000)
  at.github.as('ana').edit(repository, id, 'never mind')
  await at.poll()
  await at.approvedBy('ben')
  assert.equal((await at.ticket()).state, 'pending')
})

test('a yes that was taken back stays taken back when everything is read again', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ need: 2 }) })
  const { code } = await at.opened({ need: 2 })
  await at.says('ana', `/approve ${code}`)
  await at.poll()
  await at.says('ana', '/revoke')
  await at.poll()
  await at.database.query(`update github_cursor set since_ms = 0, seen = '{}', etags = '{}'`)
  await at.approvedBy('ben')
  assert.equal((await at.ticket()).state, 'pending')
})

test('a vote in the last second counts, one at expiry does not, and it ends when that was read', async (t) => {
  for (const [ms, state] of [
    [-1_000, 'approved'],
    [0, 'expired'],
  ] as const) {
    const at = await githubScene(t)
    const { code, expiresMs } = await at.opened()
    at.pass(expiresMs - at.clock.now() + ms - 1_000)
    await at.says('ana', `/approve ${code}`)
    at.pass(5_000)
    await at.tickets.expire()
    assert.equal((await at.ticket()).state, 'pending')
    await at.poll()
    assert.equal((await at.ticket()).state, state)
  }
})

test('a ticket whose comments cannot be read ends an hour after its expiry', async (t) => {
  const at = await githubScene(t)
  await at.opened()
  at.pass(25 * hourMs)
  await at.tickets.expire()
  assert.equal((await at.ticket()).state, 'expired')
})

test('120 comments are all read, and the command among them counts once', async (t) => {
  const at = await githubScene(t)
  const { code } = await at.opened()
  for (let index = 0; index < 120; index++) await at.says('carl', index === 110 ? 'hm' : `talk ${index}`)
  await at.says('ana', `/approve ${code}`)
  await at.poll()
  assert.equal((await at.ticket()).state, 'approved')
  assert.equal((await at.audit()).filter((row) => row.kind === 'comment').length, 120)
  await at.poll()
  assert.equal((await at.votes()).length, 1)
})

test('unchanged comments cost nothing: the second reading is a 304', async (t) => {
  const at = await githubScene(t)
  await at.opened()
  await at.says('ana', 'hello')
  for (let index = 0; index < 3; index++) await at.poll()
  const reading = at.github.requests.findLast((request) => request.path.includes('/issues/comments?'))
  assert.ok(reading?.headers['if-none-match'])
})

test('whoever may answer is told why a word did not count, once; others are not', async (t) => {
  const at = await githubScene(t)
  const { code } = await at.opened()
  await at.says('ana', '/approve 000000000000')
  await at.says('ana', `/approve ${code}\n/reject`)
  await at.says('carl', '/approve 000000000000')
  await at.says('carl', '/approve')
  await at.says('ana', 'just talk')
  await at.poll()
  await at.poll()
  const ours = at.github.effects.filter((effect) => effect.is === 'comment.created' && effect.by === 'runner')
  assert.deepEqual(
    ours.map((effect) => effect.text?.split('\n')[0]),
    [
      '`ana`, this did not count: the code is not the one of this ticket as it stands now.',
      '`ana`, this did not count: the comment holds a second command.',
    ],
  )
})

test('a runner whose clock is ahead or behind misses no comment', async (t) => {
  for (const skewMs of [-3_600_000, 3_600_000]) {
    const at = await githubScene(t, { skewMs })
    await at.opened()
    await at.approvedBy('ana')
    assert.equal((await at.ticket()).state, 'approved')
  }
})
