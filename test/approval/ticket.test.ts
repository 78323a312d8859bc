// What a word does to a ticket, in each of its states and kinds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayMove, type Said, verdictIn, type Void, weigh } from '../../runner/approval/ticket.ts'
import { type TicketKind, ticketStates } from '../../runner/model/approval.ts'
import type { Ticket } from '../../runner/store/tickets.ts'
import type { Vote } from '../../runner/store/votes.ts'
import { saidOf, startMs, ticketOf, voteOf } from './ticket-of.ts'

function weighed(ticket: Ticket, said: Said, votes: readonly Vote[] = [], selfAllowed = false) {
  return weigh(ticket, said, { votes, selfAllowed })
}

const isVoid = (why: Void) => ({ is: 'void', why })
const choices = [{ name: 'again', means: '' }]
const verbs = ['approve', 'reject', 'revoke', 'choose', 'done'] as const

test('a yes with the code approves an action', () => {
  assert.deepEqual(weighed(ticketOf(), saidOf('approve')), {
    is: 'counts',
    vote: 'approve',
    effect: { is: 'ends', path: ['approved'], verdict: { is: 'yes', by: ['ana'] } },
  })
})

test('any other code, or none, does not', () => {
  for (const code of ['0'.repeat(12), '', null, ticketOf().code.toUpperCase()])
    assert.deepEqual(weighed(ticketOf(), saidOf('approve', { code })), isVoid('wrong-code'))
})

test('a new form of the ticket has another code, and the old one is void', () => {
  const revised = ticketOf({ revision: 2 })
  assert.deepEqual(weighed(revised, saidOf('approve')), isVoid('wrong-code'))
})

test('before it is pending no word counts, and after its end neither', () => {
  for (const state of ticketStates) {
    if (state === 'pending' || state === 'approved') continue
    const why = state === 'proposed' || state === 'opening' ? 'not-asked' : 'not-open'
    for (const verb of verbs) assert.deepEqual(weighed(ticketOf({ state }), saidOf(verb)), isVoid(why))
  }
})

test('an approved ticket takes no second yes', () => {
  assert.deepEqual(weighed(ticketOf({ state: 'approved' }), saidOf('approve')), isVoid('not-open'))
})

test('the last millisecond before expiry counts, expiry itself does not', () => {
  const { expiresMs } = ticketOf()
  assert.equal(weighed(ticketOf(), saidOf('approve', { atMs: expiresMs - 1 })).is, 'counts')
  for (const verb of ['approve', 'reject'] as const)
    assert.deepEqual(weighed(ticketOf(), saidOf(verb, { atMs: expiresMs })), isVoid('late'))
})

test('a yes can be taken back after expiry as long as it was not used', () => {
  const late = { atMs: ticketOf().expiresMs + 1, code: null }
  for (const verb of ['reject', 'revoke'] as const)
    assert.equal(weighed(ticketOf({ state: 'approved' }), saidOf(verb, late)).is, 'counts')
})

test('one no ends it, without a code, also after the yes', () => {
  for (const state of ['pending', 'approved'] as const) {
    const answer = weighed(ticketOf({ state }), saidOf('reject', { code: null, reason: 'too much' }))
    const verdict = { is: 'no', by: 'ana', reason: 'too much' }
    assert.deepEqual(answer, {
      is: 'counts',
      vote: 'reject',
      effect: { is: 'ends', path: ['rejected'], verdict },
    })
  }
})

test('each kind takes its own answers only', () => {
  const takes: Record<TicketKind, readonly string[]> = {
    action: ['approve', 'reject'],
    question: ['approve', 'reject'],
    unsure: ['choose', 'done'],
    unknown: ['choose'],
  }
  for (const [kind, verbsTaken] of Object.entries(takes))
    for (const verb of ['approve', 'reject', 'choose', 'done'] as const) {
      const ticket = ticketOf({ kind: kind as TicketKind }, { choices })
      const answer = weighed(ticket, saidOf(verb, { choice: 'again' }))
      assert.deepEqual([kind, verb, answer.is], [kind, verb, verbsTaken.includes(verb) ? 'counts' : 'void'])
    }
})

test('a choice that the ticket does not show cannot be chosen', () => {
  const ticket = ticketOf({ kind: 'unsure' }, { choices })
  for (const choice of ['other', 'Again', '', null])
    assert.deepEqual(weighed(ticket, saidOf('choose', { choice })), isVoid('unknown-choice'))
})

test('every answer but the yes to an action is used by being given', () => {
  const path = (ticket: Ticket, said: Said) => {
    const answer = weighed(ticket, said)
    return answer.is === 'counts' && answer.effect.is === 'ends' ? answer.effect.path : null
  }
  assert.deepEqual(path(ticketOf({ kind: 'question' }), saidOf('approve')), ['approved', 'claimed'])
  const unsure = ticketOf({ kind: 'unsure' }, { choices })
  assert.deepEqual(path(unsure, saidOf('choose', { choice: 'again' })), ['approved', 'claimed'])
  assert.deepEqual(path(unsure, saidOf('done')), ['approved', 'claimed'])
})

test('two people are two people, and one person twice is one', () => {
  const ticket = ticketOf({ need: 2 })
  const first = weighed(ticket, saidOf('approve'))
  assert.deepEqual(first, { is: 'counts', vote: 'approve', effect: { is: 'waits', missing: 1 } })
  assert.deepEqual(weighed(ticket, saidOf('approve'), [voteOf()]), isVoid('twice'))
  const second = weighed(ticket, saidOf('approve', { actor: 'github:2', name: 'ben' }), [voteOf()])
  assert.equal(second.is === 'counts' && second.effect.is, 'ends')
})

test('two people who choose differently have not agreed', () => {
  const both = [...choices, { name: 'never', means: '' }]
  const ticket = ticketOf({ kind: 'unsure', need: 2 }, { choices: both })
  const other = voteOf({ actor: 'github:2', verdict: 'choose:never' })
  const answer = weighed(ticket, saidOf('choose', { choice: 'again' }), [other])
  assert.deepEqual(answer.is === 'counts' && answer.effect, { is: 'waits', missing: 1 })
})

test('whoever started it cannot approve it unless ticket and policy both say so', () => {
  for (const startedBy of ['github:1', 'github:ana', 'github:ANA'])
    for (const [self, selfAllowed] of [
      [false, false],
      [true, false],
      [false, true],
    ] as const)
      assert.deepEqual(
        weighed(ticketOf({}, { startedBy, self }), saidOf('approve'), [], selfAllowed),
        isVoid('self'),
      )
  const both = weighed(ticketOf({}, { startedBy: 'github:1', self: true }), saidOf('approve'), [], true)
  assert.equal(both.is, 'counts')
})

test('everybody on this machine is one person, whatever account is named', () => {
  const ticket = ticketOf({}, { startedBy: 'local:carl' })
  assert.deepEqual(weighed(ticket, saidOf('approve', { actor: 'local', name: 'local:dora' })), isVoid('self'))
  assert.equal(weighed(ticket, saidOf('approve')).is, 'counts')
})

test('whoever started it may still say no, choose what happened, or have done it by hand', () => {
  const own = { startedBy: 'github:1', choices }
  assert.equal(weighed(ticketOf({}, own), saidOf('reject')).is, 'counts')
  assert.equal(
    weighed(ticketOf({ kind: 'unknown' }, own), saidOf('choose', { choice: 'again' })).is,
    'counts',
  )
  assert.equal(weighed(ticketOf({ kind: 'unsure' }, own), saidOf('done')).is, 'counts')
  assert.deepEqual(
    weighed(ticketOf({ kind: 'unsure' }, own), saidOf('choose', { choice: 'again' })),
    isVoid('self'),
  )
})

test('taking back needs something said, and ends an approved ticket', () => {
  assert.deepEqual(weighed(ticketOf(), saidOf('revoke')), isVoid('nothing-said'))
  const own = weighed(ticketOf({ need: 2 }), saidOf('revoke'), [voteOf()])
  assert.deepEqual(own, { is: 'counts', vote: 'revoke', effect: { is: 'withdraws' } })
  const after = weighed(ticketOf({ state: 'approved' }), saidOf('revoke'), [voteOf()])
  assert.deepEqual(after.is === 'counts' && after.effect.is === 'ends' && after.effect.path, ['rejected'])
})

test('final states are final, and nothing is claimed that was not approved', () => {
  const final = ['claimed', 'rejected', 'expired', 'cancelled', 'superseded'] as const
  for (const from of final) for (const to of ticketStates) assert.equal(mayMove(from, to), false)
  assert.deepEqual(
    ticketStates.filter((from) => mayMove(from, 'claimed')),
    ['approved'],
  )
  assert.deepEqual(
    ticketStates.filter((from) => mayMove(from, 'approved')),
    ['pending'],
  )
})

test('what people answered follows from the state', () => {
  const verdict = { is: 'yes', by: ['ana'] } as const
  const answers = ticketStates.map((state) => verdictIn(ticketOf({ state, verdict }))?.is ?? null)
  const none = [null, null, null]
  assert.deepEqual(answers, [...none, 'yes', 'yes', 'yes', 'silence', 'cancelled', 'cancelled'])
  assert.equal(verdictIn(ticketOf({ state: 'expired', changedMs: startMs }))?.is, 'silence')
})
