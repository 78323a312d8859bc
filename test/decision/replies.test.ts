// Every reply of test/fixtures/faults/claude-replies.json: what the runner does, and what the ledger holds after.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { claudeCases, replyFromCase } from '../fakes/claude/cases.ts'
import { run, skip } from './ask.ts'
import { setup, startMs } from './setup.ts'

interface Expected {
  readonly is: 'answered' | 'people' | 'parked'
  /** Requests that were made. */
  readonly calls: number
  /** `exact`: settled by usage. `presumed`: each in full. `none`: nothing is counted. */
  readonly money: 'exact' | 'presumed' | 'none'
  /** At least so long after the start; for what is parked. */
  readonly waitsMs?: number
}

/** One model only, so that each case shows one rung; the next would be the large model. */
const oneModel = { small: 'claude-haiku-5-5', large: 'claude-haiku-5-5' }
const toPeople = { is: 'people', calls: 1, money: 'exact' } as const

const expected: Readonly<Record<string, Expected>> = {
  'ok-json': { is: 'answered', calls: 1, money: 'exact' },
  'json-trailing-prose': toPeople,
  'json-duplicate-key': toPeople,
  'json-unknown-choice': toPeople,
  'truncated-max-tokens': toPeople,
  refusal: toPeople,
  'context-exceeded': toPeople,
  'empty-content': toPeople,
  'usage-negative': { is: 'people', calls: 1, money: 'presumed' },
  // Waited for in place, twice: the stub gives the same reply at every try.
  '429-retry-after': { is: 'parked', calls: 3, money: 'none', waitsMs: 90_000 },
  '429-retry-after-date': { is: 'parked', calls: 1, money: 'none', waitsMs: 900_000 },
  '400-spend': { is: 'parked', calls: 1, money: 'none', waitsMs: Date.UTC(2026, 11, 1) - startMs },
  '402': { is: 'parked', calls: 1, money: 'none', waitsMs: 3_600_000 },
  '500': { is: 'parked', calls: 3, money: 'presumed', waitsMs: 0 },
  'html-502': { is: 'parked', calls: 3, money: 'presumed', waitsMs: 0 },
  'cut-after-headers': { is: 'parked', calls: 3, money: 'presumed', waitsMs: 0 },
  redirect: { is: 'parked', calls: 1, money: 'none', waitsMs: 0 },
}

for (const one of claudeCases) {
  test(`${one.id}: ${one.expected}; money: ${one.money}`, async (t) => {
    const { ask, claude, spent, reservations } = await setup(t)
    claude.answerWith(() => replyFromCase(one))
    const decided = await ask({ choices: [skip, run], models: oneModel, onOutage: ['park'] })
    const what = expected[one.id]
    assert.ok(what, 'a case without an expectation')
    assert.equal(decided.is, what.is)
    assert.equal(claude.calls.length, what.calls)
    if (decided.is === 'parked') assert.ok(decided.untilMs >= startMs + (what.waitsMs ?? Number.NaN))
    const { monthSettled, monthHeld, monthPresumed } = await spent()
    assert.deepEqual(
      { settled: monthSettled > 0n, held: monthHeld, presumed: monthPresumed > 0n },
      { settled: what.money === 'exact', held: 0n, presumed: what.money === 'presumed' },
    )
    const ends = { exact: 'settled', presumed: 'presumed', none: 'released' }
    assert.deepEqual(new Set(await reservations()), new Set([ends[what.money]]))
  })
}

test('every expectation belongs to a case', () => {
  assert.deepEqual(Object.keys(expected).sort(), claudeCases.map((one) => one.id).sort())
})
