// Whose comment counts on GitHub, and in which form.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kinds } from '../store/bring.ts'
import { policyOf, riskRule } from './policy-of.ts'
import { githubScene, type GitHubScene, policyOnGitHub, repository } from './github-scene.ts'
import { parkedRun } from './scene.ts'
import { bindingOf, proposalOf, questionOf } from './ticket-of.ts'

for (const kind of kinds)
  test(`${kind}: a named person's yes wakes the run and is used once`, async (t) => {
    const at = await githubScene(t, { kind })
    const status = await parkedRun(at.database)
    await at.opened()
    await at.approvedBy('ana')
    assert.equal(await status(), 'ready')
    assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), { is: 'yes', by: ['ana'] })
    assert.equal((await at.claim()).is, 'claimed')
    assert.equal((await at.claim()).is, 'refused')
    assert.deepEqual(at.ran, ['t1'])
  })

/** The one vote on the ticket, and where that leaves it. */
async function after(at: GitHubScene, login: string, text?: string, app?: string) {
  const { code } = await at.ticket()
  await at.says(login, text ?? `/approve ${code}`, app)
  await at.poll()
  const [vote, ...more] = await at.votes()
  assert.deepEqual(more, [])
  return { state: (await at.ticket()).state, counted: vote?.counted, why: vote?.why }
}

const refused = (why: RegExp, { state, counted, why: said }: Awaited<ReturnType<typeof after>>): void => {
  assert.deepEqual([state, counted], ['pending', false])
  assert.match(said ?? '', why)
}

test('a person whom the policy does not name does not count', async (t) => {
  const at = await githubScene(t)
  await at.opened()
  refused(/does not name/, await after(at, 'carl'))
})

test('a named person who may only read does not count', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ approvers: ['@eve'] }) })
  await at.opened()
  refused(/may not write/, await after(at, 'eve'))
})

test('triage is not enough, maintain and admin are', async (t) => {
  for (const [role, state] of [
    ['triage', 'pending'],
    ['maintain', 'approved'],
    ['admin', 'approved'],
  ] as const) {
    const at = await githubScene(t)
    at.github.repository(repository).permit('ana', role)
    await at.opened()
    assert.equal((await after(at, 'ana')).state, state)
  }
})

test('a bot does not count, named or not', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ approvers: ['@helper[bot]'] }) })
  at.github.addUser('helper[bot]', { type: 'Bot' })
  at.github.repository(repository).permit('helper[bot]', 'write')
  await at.opened()
  refused(/person/, await after(at, 'helper[bot]'))
})

test('an app that writes on behalf of a person does not count', async (t) => {
  const at = await githubScene(t)
  await at.opened()
  refused(/app/, await after(at, 'ana', undefined, 'helper'))
})

test('the runner itself does not count, even when it is named', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ approvers: ['@runner'] }) })
  const { code } = await at.opened()
  await at.says('runner', `/approve ${code}`)
  await at.poll()
  assert.deepEqual([(await at.ticket()).state, await at.votes()], ['pending', []])
})

test('whoever started it does not count', async (t) => {
  const at = await githubScene(t)
  await at.opened({ startedBy: 'github:ana' })
  refused(/started/, await after(at, 'ana'))
})

test('a renamed person, and whoever takes the old login, does not count', async (t) => {
  const at = await githubScene(t)
  await at.opened()
  at.github.renameUser('ana', 'ana2')
  at.github.addUser('ana')
  at.github.repository(repository).permit('ana', 'write')
  const { code } = await at.ticket()
  for (const login of ['ana', 'ana2']) await at.says(login, `/approve ${code}`)
  await at.poll()
  assert.deepEqual(
    (await at.votes()).map((vote) => vote.counted),
    [false, false],
  )
})

test('a login that nobody had when the policy came inherits nothing', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ approvers: ['@zoe'] }) })
  await at.opened()
  at.github.addUser('zoe')
  at.github.repository(repository).permit('zoe', 'write')
  refused(/does not name/, await after(at, 'zoe'))
})

test('the comment of a deleted account does not count', async (t) => {
  const at = await githubScene(t)
  const { code } = await at.opened()
  await at.says('ana', `/approve ${code}`)
  at.github.removeUser('ana')
  await at.poll()
  assert.equal((await at.ticket()).state, 'pending')
})

test('members of a named team count, as the team is now', async (t) => {
  const policy = policyOf({ approvals: { repository }, risk: [riskRule({ approvers: ['@team:acme/core'] })] })
  const at = await githubScene(t, { policy })
  at.github.addTeam('acme/core', ['carl'])
  await at.opened()
  const { code } = await at.ticket()
  await at.says('ana', `/approve ${code}`)
  await at.says('carl', `/approve ${code}`)
  await at.poll()
  assert.deepEqual(
    (await at.votes()).map((vote) => [vote.actorName, vote.counted]),
    [
      ['ana', false],
      ['carl', true],
    ],
  )
  at.github.addTeam('acme/core', [])
  assert.equal((await at.claim()).is, 'refused')
})

test('two people are needed: the same one twice is not enough', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ need: 2 }) })
  await at.opened({ need: 2 })
  await at.approvedBy('ana', 'ana')
  assert.equal((await at.ticket()).state, 'pending')
  await at.approvedBy('ben')
  assert.equal((await at.ticket()).state, 'approved')
})

test('a yes to an older form does not add to one for the present form', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ need: 2 }) })
  await at.opened({ need: 2 })
  await at.approvedBy('ana')
  await at.tickets.propose(proposalOf({ binding: bindingOf({ need: 2, round: 1 }) }), 't1')
  await at.poll()
  await at.approvedBy('ben')
  assert.equal((await at.ticket()).state, 'pending')
})

test('a yes and a no in one reading are a no, in either order', async (t) => {
  for (const order of [
    ['yes', 'no'],
    ['no', 'yes'],
  ]) {
    const at = await githubScene(t)
    const { code } = await at.opened()
    for (const word of order)
      await at.says(word === 'yes' ? 'ana' : 'ben', word === 'yes' ? `/approve ${code}` : '/reject no')
    await at.poll()
    assert.equal((await at.ticket()).state, 'rejected')
  }
})

test('a no needs a named person, too', async (t) => {
  const at = await githubScene(t)
  await at.opened()
  refused(/does not name/, await after(at, 'carl', '/reject'))
})

test('the code of another ticket, of an older form, or none does not count', async (t) => {
  const at = await githubScene(t)
  const first = await at.opened()
  await at.tickets.propose(proposalOf(), 't2')
  await at.poll()
  const other = await at.ticket('t2')
  await at.tickets.propose(proposalOf({ binding: { ...JSON.parse(first.binding), need: 1, round: 7 } }), 't1')
  await at.poll()
  for (const code of [other.code, first.code, '0'.repeat(12)]) await at.says('ana', `/approve ${code}`)
  await at.poll()
  assert.deepEqual(
    (await at.votes()).map((vote) => vote.why),
    Array.from({ length: 3 }, () => 'the code is not the one of this ticket as it stands now'),
  )
})

test('a yes under another issue with the same number does not count', async (t) => {
  const at = await githubScene(t, {
    between: (github) => ({
      ...github,
      issue: async (name, number) => {
        const issue = await github.issue(name, number)
        return issue === null ? null : { ...issue, node: 'another' }
      },
    }),
  })
  await at.opened()
  refused(/not where the ticket was opened/, await after(at, 'ana'))
})

test('choices are made by comment', async (t) => {
  const at = await githubScene(t)
  const choices = [{ name: 'reply', means: 'The FAQ answers it' }]
  const { code } = await at.opened({ kind: 'unsure', binding: questionOf('unsure', {}), choices })
  await at.says('ana', `/choose ${code} reply`)
  await at.poll()
  assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), {
    is: 'choice',
    choice: 'reply',
    by: 'ana',
  })
})

test('people whom a flow names answer its question, others do not', async (t) => {
  const at = await githubScene(t)
  await at.opened({ kind: 'question', binding: questionOf('question', {}), approvers: ['@carl'] })
  await at.approvedBy('ana')
  assert.equal((await at.ticket()).state, 'pending')
  await at.approvedBy('carl')
  assert.equal((await at.ticket()).state, 'claimed')
})
