// One issue per ticket, whatever is lost on the way.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TicketGitHub } from '../../runner/github/tickets.ts'
import { hasMarker, markerKey, markerOf } from '../../runner/approval/marker.ts'
import { systemRandom } from '../../runner/world/random.ts'
import { comments, created, githubScene, policyOnGitHub, repository, settle } from './github-scene.ts'
import { bindingOf, hourMs, proposalOf, ticketOf } from './ticket-of.ts'

test('a ticket is opened once, and its code is valid from then on', async (t) => {
  const at = await githubScene(t)
  await at.tickets.propose(proposalOf(), 't1')
  assert.equal((await at.ticket()).state, 'opening')
  await at.poll()
  const ticket = await at.ticket()
  assert.deepEqual([ticket.state, ticket.issueNumber], ['pending', 1])
  await settle(at, 3)
  assert.equal(created(at).length, 1)
})

const posting = { method: 'POST', path: /\/issues$/ } as const
const lost = [
  ['the answer is 500 after it took effect', { ...posting, accept: true, status: 500 }],
  ['the connection is cut after it took effect', { ...posting, accept: true, cut: true }],
  ['the answer cannot be read', { ...posting, accept: true, raw: '{"id":1,"nod' }],
  ['the answer is 502 and nothing happened', { ...posting, status: 502 }],
  ['the connection is cut and nothing happened', { ...posting, cut: true }],
  ['the list after the creation fails', { method: 'GET', path: /\/issues$/, status: 500 }],
] as const
for (const [name, fault] of lost)
  test(`exactly one issue: ${name}`, async (t) => {
    const at = await githubScene(t)
    await at.tickets.propose(proposalOf(), 't1')
    at.github.faults.add(fault)
    await settle(at)
    assert.equal((await at.ticket()).state, 'pending')
    assert.equal(created(at).length, 1)
    await at.approvedBy('ana')
    assert.equal((await at.claim()).is, 'claimed')
  })

test('exactly one issue: the runner dies after each step of opening', async (t) => {
  for (const method of ['me', 'isPublic', 'openIssue', 'newestIssues', 'issue'] as const) {
    let dead = false
    const at = await githubScene(t, {
      between: (github): TicketGitHub => ({
        ...github,
        [method]: async (...given: never[]) => {
          const answer = await (github[method] as (...given: never[]) => Promise<unknown>)(...given)
          if (dead) return answer
          dead = true
          throw new Error('killed')
        },
      }),
    })
    await at.tickets.propose(proposalOf(), 't1')
    await at.poll().catch(() => 0)
    at.pass(120_000)
    await settle(at)
    assert.deepEqual([method, (await at.ticket()).state, created(at).length], [method, 'pending', 1])
  }
})

test('exactly one issue: the list does not show it at first', async (t) => {
  let reads = 0
  const at = await githubScene(t, {
    between: (github) => ({
      ...github,
      newestIssues: async (name, page) => (reads++ === 0 ? [] : github.newestIssues(name, page)),
    }),
  })
  await at.tickets.propose(proposalOf(), 't1')
  at.github.faults.add({ ...posting, accept: true, status: 500 })
  await settle(at)
  assert.deepEqual([(await at.ticket()).state, created(at).length], ['pending', 1])
})

test('a ticket that ended after its opening had failed is not opened any more', async (t) => {
  const at = await githubScene(t)
  await at.tickets.propose(proposalOf(), 't1')
  at.github.faults.add({ ...posting, status: 502 })
  await at.poll()
  await at.tickets.cancelOf('run1')
  await settle(at)
  assert.equal(created(at).length, 0)
})

test('a form that came while the former one was opened is the one that is shown', async (t) => {
  let meanwhile = async (): Promise<void> => {}
  const at = await githubScene(t, {
    between: (github) => ({
      ...github,
      openIssue: async (issue) => {
        const opened = await github.openIssue(issue)
        await meanwhile()
        return opened
      },
    }),
  })
  const binding = bindingOf({ input: { to: 'eve@example.com' } })
  meanwhile = () => at.tickets.propose(proposalOf({ binding }), 't1')
  await at.tickets.propose(proposalOf(), 't1')
  await settle(at)
  const { state, revision, code } = await at.ticket()
  assert.deepEqual([state, revision, created(at).length], ['pending', 2, 1])
  const edits = at.github.effects.filter((effect) => effect.is === 'issue.edited')
  assert.ok(edits.length > 0)
  const issue = await at.parts.github?.issue(repository, 1)
  assert.ok(issue?.body.includes(code))
})

test('two runners that open at once leave one ticket, and its number is the lowest', async (t) => {
  const at = await githubScene(t)
  await at.tickets.propose(proposalOf(), 't1')
  await Promise.all([at.poll(), at.other().poll()])
  assert.equal(created(at).length, 1)
})

test('of two issues for one ticket the lowest counts, and the other is closed', async (t) => {
  let twice = false
  const at = await githubScene(t, {
    between: (github) => ({
      ...github,
      openIssue: async (issue) => {
        if (!twice) await github.openIssue(issue)
        twice = true
        return github.openIssue(issue)
      },
    }),
  })
  await at.opened()
  assert.equal((await at.ticket()).issueNumber, 1)
  const closed = at.github.effects.filter((effect) => effect.is === 'issue.closed')
  assert.deepEqual(
    closed.map((effect) => effect.issue),
    [2],
  )
})

test('an issue of somebody else with a copied marker is not ours', async (t) => {
  const at = await githubScene(t)
  await at.tickets.propose(proposalOf(), 't1')
  const parts = { database: at.database, random: systemRandom } as Parameters<typeof markerKey>[0]
  const marker = markerOf(await markerKey(parts), await at.ticket())
  at.github.as('eve').issue(repository, 'fake', marker)
  at.github.faults.add({ ...posting, status: 500 })
  await settle(at)
  assert.equal((await at.ticket()).issueNumber, 2)
})

test('a marker is good for its ticket, its repository and its key alone', () => {
  const [key, ticket] = ['ab'.repeat(32), ticketOf({ repository })]
  const marker = markerOf(key, ticket)
  assert.ok(hasMarker(key, ticket, `text ${marker} text`))
  assert.ok(hasMarker(key, ticket, `<!-- watchbill ticket=ticket1 digest= ${marker}`))
  assert.equal(hasMarker('cd'.repeat(32), ticket, marker), false)
  assert.equal(hasMarker(key, { ...ticket, id: 'ticket2' }, marker), false)
  assert.equal(hasMarker(key, { ...ticket, repository: 'acme/other' }, marker), false)
  assert.equal(hasMarker(key, ticket, marker.replace(ticket.ticketDigest, '0'.repeat(64))), false)
  assert.equal(hasMarker(key, ticket, marker.slice(0, -20)), false)
})

test('a public repository gets no ticket until it is private', async (t) => {
  const at = await githubScene(t)
  at.github.repository(repository).settings({ private: false })
  await at.tickets.propose(proposalOf(), 't1')
  await settle(at, 3)
  assert.deepEqual([created(at).length, (await at.ticket()).state], [0, 'opening'])
  assert.ok(at.alarms.some((words) => words.includes('private')))
  at.github.repository(repository).settings({ private: true })
  at.pass(600_000)
  await settle(at, 3)
  assert.deepEqual([created(at).length, (await at.ticket()).state], [1, 'pending'])
})

test('a repository that is not there keeps the ticket closed, and nothing is opened elsewhere', async (t) => {
  const at = await githubScene(t, { policy: policyOnGitHub({ repository: 'acme/gone' }) })
  await at.tickets.propose(proposalOf(), 't1')
  await settle(at, 3)
  assert.deepEqual([created(at).length, (await at.ticket()).state], [0, 'opening'])
  at.pass(24 * hourMs)
  await at.tickets.expire()
  assert.deepEqual((await at.tickets.verdicts(['t1'])).get('t1'), { is: 'silence' })
})

test('a ticket that ended before it was opened is never opened', async (t) => {
  const at = await githubScene(t)
  await at.tickets.propose(proposalOf(), 't1')
  await at.tickets.cancelOf('run1')
  await settle(at, 3)
  assert.equal(created(at).length, 0)
})

test('a ticket that ended while its opening was lost is found and closed', async (t) => {
  const at = await githubScene(t)
  await at.tickets.propose(proposalOf(), 't1')
  at.github.faults.add({ ...posting, accept: true, status: 500 })
  await at.poll()
  await at.tickets.cancelOf('run1')
  await settle(at)
  assert.equal(created(at).length, 1)
  assert.deepEqual(
    at.github.effects.map((effect) => effect.is),
    ['issue.created', 'comment.created', 'issue.closed'],
  )
})

test('another form of the step is shown on the same issue, under another code', async (t) => {
  const at = await githubScene(t)
  const first = await at.opened()
  await at.tickets.propose(proposalOf({ binding: bindingOf({ input: { to: 'eve@example.com' } }) }), 't1')
  assert.equal((await at.ticket()).state, 'opening')
  await at.poll()
  const second = await at.ticket()
  assert.deepEqual([second.state, second.issueNumber, second.revision], ['pending', first.issueNumber, 2])
  assert.notEqual(second.code, first.code)
  assert.equal(created(at).length, 1)
  at.pass(1_000)
  await at.poll()
  assert.match(comments(at).at(-1)?.text ?? '', /^This ticket has changed/)
  await at.approvedBy('ana')
  assert.equal((await at.claim(bindingOf({ input: { to: 'eve@example.com' } }))).is, 'claimed')
})
