// What the runner writes under a ticket: once, in time, and given up where nobody can read it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comments, githubScene, repository, settle } from './github-scene.ts'
import { hourMs } from './ticket-of.ts'

test('two runners that send at once write each comment once', async (t) => {
  let meanwhile = async (): Promise<unknown> => null
  const at = await githubScene(t, {
    between: (github) => ({
      ...github,
      addComment: async (comment) => {
        const now = meanwhile
        meanwhile = async () => null
        await now()
        return github.addComment(comment)
      },
    }),
  })
  await at.opened()
  for (const code of ['0', '1']) await at.says('ana', `/approve ${code.repeat(12)}`)
  meanwhile = () => at.other().poll()
  await settle(at, 4)
  assert.equal(comments(at).filter((effect) => effect.by === 'runner').length, 2)
})

test('what became of it is said once on the issue, which is then closed', async (t) => {
  const at = await githubScene(t)
  await at.opened()
  await at.approvedBy('ana')
  await at.claim()
  for (let time = 0; time < 2; time++)
    await at.tickets.report('t1', { status: 'succeeded', text: 'paid @all' })
  await settle(at, 3)
  const ours = comments(at)
    .filter((effect) => effect.by === 'runner')
    .map((effect) => effect.text ?? '')
  assert.equal(ours.length, 2)
  assert.match(ours[0] ?? '', /^Approved by `ana`/)
  assert.match(ours[1] ?? '', /^Done: `paid @all`/)
  assert.equal(at.github.effects.at(-1)?.is, 'issue.closed')
})

test('a comment whose answer was lost is not written again', async (t) => {
  for (const fault of [
    { accept: true, status: 500 },
    { accept: true, cut: true },
    { status: 503 },
  ] as const) {
    const at = await githubScene(t)
    await at.opened()
    at.github.faults.add({ method: 'POST', path: /comments$/, ...fault })
    await at.approvedBy('ana')
    await settle(at)
    assert.equal(comments(at).filter((effect) => effect.by === 'runner').length, 1)
  }
})

test('a secondary rate limit stops the writing, is obeyed, and loses nothing', async (t) => {
  const at = await githubScene(t)
  await at.opened()
  await at.says('ana', '/reject')
  at.github.limits.secondary({ retryAfterSeconds: 90, forMs: 90_000 })
  const before = at.github.requests.length
  assert.equal(await at.poll(), 90_000)
  await at.poll()
  assert.equal(at.github.requests.length, before + 1)
  at.pass(90_001)
  await settle(at, 3)
  assert.equal(at.github.effects.at(-1)?.is, 'issue.closed')
  assert.equal(comments(at).filter((effect) => effect.by === 'runner').length, 1)
})

test('a locked issue gets its result, a deleted one is let go', async (t) => {
  const [locked, gone] = [await githubScene(t), await githubScene(t)]
  for (const at of [locked, gone]) {
    await at.opened()
    await at.approvedBy('ana')
    await at.claim()
  }
  locked.github.as('ana').lock(repository, 1)
  gone.github.repository(repository).permit('carl', 'admin')
  gone.github.as('carl').deleteIssue(repository, 1)
  for (const at of [locked, gone]) await at.tickets.report('t1', { status: 'failed', text: 'no money' })
  for (const at of [locked, gone]) await settle(at, 3)
  assert.equal(locked.github.effects.at(-1)?.is, 'issue.closed')
  gone.pass(48 * hourMs)
  for (let turn = 0; turn < 12; turn++) {
    await gone.poll()
    gone.pass(2 * hourMs)
  }
  const [row] = await gone.database.query<{ waiting: number }>(
    `select count(*) as waiting from outbox where state = 'waiting'`,
  )
  assert.equal(row?.waiting, 0)
})
