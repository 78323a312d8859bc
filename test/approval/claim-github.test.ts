// The last look before the act: what GitHub says at that moment.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { changeTickets } from '../../runner/approval/change.ts'
import { policyOf } from './policy-of.ts'
import { githubScene, type GitHubScene, policyOnGitHub, repository } from './github-scene.ts'
import { hourMs } from './ticket-of.ts'

interface Approved {
  readonly at: GitHubScene
  /** Ana's comment. */
  readonly id: number
}

async function approved(t: TestContext, given: Parameters<typeof githubScene>[1] = {}): Promise<Approved> {
  const at = await githubScene(t, given)
  const { code } = await at.opened()
  const id = await at.says('ana', `/approve ${code}`)
  await at.poll()
  assert.equal((await at.ticket()).state, 'approved')
  at.pass(5_000)
  return { at, id }
}

const spoiled: readonly [string, (approved: Approved) => void][] = [
  ['the comment was edited', ({ at, id }) => at.github.as('ana').edit(repository, id, 'no!')],
  [
    'the comment was edited and then changed back',
    ({ at, id }) => {
      at.github.as('ana').edit(repository, id, 'no!')
      const text = at.github.effects.find((effect) => effect.comment === id)?.text ?? ''
      at.pass(1_000)
      at.github.as('ana').edit(repository, id, text)
    },
  ],
  ['the comment was deleted', ({ at, id }) => at.github.as('ana').delete(repository, id)],
  ['the person lost the right to write', ({ at }) => at.github.repository(repository).permit('ana', 'read')],
  ['the person is named no more', ({ at }) => void (at.policy = policyOnGitHub({ approvers: ['@ben'] }))],
  ['the person was renamed', ({ at }) => at.github.renameUser('ana', 'ana2')],
  ['the account was deleted', ({ at }) => at.github.removeUser('ana')],
  ['two people are needed now', ({ at }) => void (at.policy = policyOnGitHub({ need: 2 }))],
  [
    'tickets stand elsewhere now',
    ({ at }) => void (at.policy = policyOnGitHub({ repository: 'acme/other' })),
  ],
  ['tickets are answered on this machine now', ({ at }) => void (at.policy = policyOf())],
  [
    'the issue was deleted',
    ({ at }) => {
      at.github.repository(repository).permit('carl', 'admin')
      at.github.as('carl').deleteIssue(repository, 1)
    },
  ],
]
for (const [name, spoil] of spoiled)
  test(`a yes is not used when ${name}`, async (t) => {
    const given = await approved(t)
    spoil(given)
    const claim = await given.at.claim()
    assert.equal(claim.is, 'refused')
    assert.equal((await given.at.ticket()).state, 'rejected')
    assert.deepEqual(given.at.ran, [])
  })

test('a yes is not used when the issue was moved to another repository', async (t) => {
  const { at } = await approved(t)
  await at.github.addRepository('acme/other', { people: { carl: 'admin', runner: 'write' } })
  at.github.repository(repository).permit('carl', 'admin')
  at.github.as('carl').transfer(repository, 1, 'acme/other')
  assert.equal((await at.claim()).is, 'refused')
})

test('another issue under the same number is not the one that was opened', async (t) => {
  let moved = false
  const { at } = await approved(t, {
    between: (github) => ({
      ...github,
      issue: async (name, number) => {
        const issue = await github.issue(name, number)
        return issue === null || !moved ? issue : { ...issue, node: 'another' }
      },
    }),
  })
  moved = true
  assert.equal((await at.claim()).is, 'refused')
})

test('a comment that another approver seems to have written is not the one that counted', async (t) => {
  let changed = false
  const { at } = await approved(t, {
    between: (github) => ({
      ...github,
      comment: async (name, id) => {
        const [comment, ben] = [await github.comment(name, id), await github.userId('ben')]
        const author = { id: ben ?? 0, login: 'ben', type: 'User' }
        return comment === null || !changed ? comment : { ...comment, author }
      },
    }),
  })
  changed = true
  assert.equal((await at.claim()).is, 'refused')
})

test('a permission that belongs to another account behind the login does not count', async (t) => {
  let changed = false
  const { at } = await approved(t, {
    between: (github) => ({
      ...github,
      permission: async (name, login) => {
        const permission = await github.permission(name, login)
        return permission === null || !changed ? permission : { ...permission, id: 1 }
      },
    }),
  })
  changed = true
  assert.equal((await at.claim()).is, 'refused')
})

test('an issue that somebody edited is restored, its votes are void, and there is an alarm', async (t) => {
  const { at } = await approved(t)
  const { code } = await at.ticket()
  at.github.as('carl').editIssue(repository, 1, { body: 'harmless' })
  assert.equal((await at.claim()).is, 'later')
  assert.ok(at.alarms.some((words) => words.includes('asked again')))
  await at.poll()
  const ticket = await at.ticket()
  assert.equal(ticket.state, 'pending')
  assert.notEqual(ticket.code, code)
  assert.ok(at.github.effects.findLast((effect) => effect.is === 'issue.edited' && effect.via === 'api'))
  assert.equal((await at.claim()).is, 'later')
  await at.approvedBy('ana')
  assert.equal((await at.claim()).is, 'claimed')
})

test('a yes to an issue that somebody edited does not count', async (t) => {
  const at = await githubScene(t)
  const { code } = await at.opened()
  at.github.as('carl').editIssue(repository, 1, { body: 'harmless' })
  await at.says('ana', `/approve ${code}`)
  await at.poll()
  const ticket = await at.ticket()
  assert.deepEqual([ticket.revision, ticket.verdict], [2, null])
  await at.poll()
  assert.equal((await at.ticket()).state, 'pending')
})

test('line breaks that an editor of GitHub changed are no edit', async (t) => {
  const { at } = await approved(t, {
    between: (github) => ({
      ...github,
      issue: async (name, number) => {
        const issue = await github.issue(name, number)
        return issue === null ? null : { ...issue, body: `${issue.body.replaceAll('\n', '\r\n')}\r\n` }
      },
    }),
  })
  assert.equal((await at.claim()).is, 'claimed')
})

test('while GitHub is away nothing is claimed, and too late is a no', async (t) => {
  const { at } = await approved(t)
  at.github.faults.add({ status: 500, times: Number.POSITIVE_INFINITY })
  assert.equal((await at.claim()).is, 'later')
  assert.equal((await at.ticket()).state, 'approved')
  at.github.faults.clear()
  assert.equal((await at.claim()).is, 'claimed')
  const late = (await approved(t)).at
  late.github.faults.add({ status: 500, times: Number.POSITIVE_INFINITY })
  late.pass(25 * hourMs)
  assert.equal((await late.claim()).is, 'refused')
  assert.equal((await late.ticket()).state, 'expired')
})

test('a yes that grows too old while it is looked at is not used', async (t) => {
  let pass = (): void => {}
  const { at } = await approved(t, {
    between: (github) => ({
      ...github,
      comment: async (name, id) => {
        pass()
        return github.comment(name, id)
      },
    }),
  })
  pass = () => at.pass(26 * hourMs)
  assert.equal((await at.claim()).is, 'refused')
  assert.equal((await at.ticket()).state, 'expired')
})

test('a no that comes while the yes is looked at wins', async (t) => {
  let meanwhile = async (): Promise<unknown> => null
  const { at } = await approved(t, {
    between: (github) => ({
      ...github,
      comment: async (name, id) => {
        await meanwhile()
        return github.comment(name, id)
      },
    }),
  })
  meanwhile = () => at.tickets.cancelOf('run1')
  assert.equal((await at.claim()).is, 'later')
  assert.deepEqual([(await at.claim()).is, at.ran], ['refused', []])
})

test('an app that takes over the comment of a person is no person', async (t) => {
  const { at } = await approved(t, {
    between: (github) => ({
      ...github,
      comment: async (name, id) => {
        const comment = await github.comment(name, id)
        return comment === null ? null : { ...comment, viaApp: true }
      },
    }),
  })
  assert.equal((await at.claim()).is, 'refused')
})

test('a comment with the same times but another text, issue or author is not the one that counted', async (t) => {
  for (const change of [
    { body: 'other' },
    { issue: 99 },
    { author: { id: 1, login: 'ana', type: 'User' } },
  ]) {
    const { at } = await approved(t, {
      between: (github) => ({
        ...github,
        comment: async (name, id) => {
          const comment = await github.comment(name, id)
          return comment === null ? null : { ...comment, ...change }
        },
      }),
    })
    assert.equal((await at.claim()).is, 'refused')
  }
})

test('single control that ended is no approval on GitHub either', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ self: true }) })
  await at.opened({ self: true, startedBy: 'github:ana' })
  await at.approvedBy('ana')
  assert.equal((await at.ticket()).state, 'approved')
  at.policy = policyOnGitHub()
  assert.equal((await at.claim()).is, 'refused')
})

test('a lock of tickets is held for a change, so that a crash leaves no half of it', async (t) => {
  const at = await githubScene(t)
  await at.opened()
  const before = await at.audit()
  const parts = { database: at.database } as Parameters<typeof changeTickets>[0]
  const crash = changeTickets(parts, async (tx) => {
    await tx.query(`update ticket set state = 'approved'`)
    throw new Error('crash')
  })
  await assert.rejects(crash, /crash/)
  assert.deepEqual([(await at.ticket()).state, (await at.audit()).length], ['pending', before.length])
})
