// The core under random flows, random outcomes in any order, and deaths of its holder at any point.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyFlow } from './property-flow.ts'
import { type Luck, play, type Played } from './property-play.ts'
import type { Flow } from '../../runner/model/flow.ts'
import type { Fact } from '../../runner/model/journal.ts'
import { fold } from '../../runner/model/fold.ts'
import { next } from '../../runner/model/next.ts'
import { invocationAt, newRunState } from '../../runner/model/run.ts'

const numRuns = 2_000

test('in any play no rule is broken, and every run ends', () => {
  fc.assert(
    fc.property(anyFlow({ races: 'yes' }), fc.nat(), (flow, seed) => {
      play({ flow, luck: luckOf({ seed, fails: 3, crashes: 20, steady: 'no' }) })
    }),
    { numRuns },
  )
})

test('any order of what ends side by side, with any deaths between, reaches the same end', () => {
  fc.assert(
    fc.property(anyFlow({ races: 'no' }), fc.nat(), fc.nat(), (flow, seed, other) => {
      const ends = [
        { seed, crashes: 0 },
        { seed: other, crashes: 0 },
        { seed: other, crashes: 10 },
      ].map((one) => play({ flow, luck: luckOf({ ...one, fails: 6, steady: 'yes' }) }))
      const [first, ...others] = ends.map((one) => summary(flow, one))
      for (const one of others) assert.deepEqual(one, first)
    }),
    { numRuns },
  )
})

test('a journal that ends anywhere is carried on to the same end', () => {
  fc.assert(
    fc.property(anyFlow({ races: 'no' }), fc.nat(), fc.nat(), (flow, seed, cut) => {
      const luck = (): Luck => luckOf({ seed, fails: 6, crashes: 0, steady: 'yes' })
      const whole = play({ flow, luck: luck() })
      const journal = whole.journal.slice(0, cut % (whole.journal.length + 1))
      assert.deepEqual(summary(flow, play({ flow, luck: luck(), journal })), summary(flow, whole))
    }),
    { numRuns },
  )
})

test('cancel is final: at any point of any run only stopping and the end follow', () => {
  fc.assert(
    fc.property(anyFlow({ races: 'yes' }), fc.nat(), fc.nat(), (flow, seed, cut) => {
      const luck = (): Luck => luckOf({ seed, fails: 6, crashes: 0, steady: 'no' })
      const { journal } = play({ flow, luck: luck() })
      const cancelled: Fact = { v: 1, is: 'cancel_requested', by: 'ana' }
      const until = [...journal.slice(0, cut % (journal.length + 1)), cancelled]
      assert.equal(play({ flow, luck: luck(), journal: until }).end.status, 'cancelled')
    }),
    { numRuns: 500 },
  )
})

test('a run that people start again at its stages ends again, and no effect of before is repeated', () => {
  fc.assert(
    fc.property(anyFlow({ races: 'yes' }), fc.nat(), (flow, seed) => {
      const { journal, state } = play({ flow, luck: luckOf({ seed, fails: 2, crashes: 0, steady: 'no' }) })
      const steps = flow.steps.map((one) => one.path)
      const retried: Fact = { v: 1, is: 'retried', steps, by: 'ana', generation: 1 }
      const luck = luckOf({ seed: seed + 1, fails: 4, crashes: 0, steady: 'no' })
      const again = play({ flow, luck, journal: [...journal, retried] })
      for (const key of state.invocations.keys())
        assert.equal(again.state.invocations.get(key)?.generation, 1)
    }),
    { numRuns: 500 },
  )
})

test('a journal says the same however often it is read', () => {
  fc.assert(
    fc.property(anyFlow({ races: 'yes' }), fc.nat(), (flow, seed) => {
      const { journal, end } = play({ flow, luck: luckOf({ seed, fails: 4, crashes: 30, steady: 'no' }) })
      const state = newRunState()
      for (const fact of journal) fold(state, fact)
      const idle = {
        busy: new Set<string>(),
        verdicts: new Map(),
        heard: new Map(),
        ended: new Set<string>(),
      }
      const scope = (): never => assert.fail('an ended run evaluates nothing')
      assert.deepEqual(next(flow, state, { nowMs: 1e12, ...idle, scope }), end)
    }),
    { numRuns: 500 },
  )
})

interface Chances {
  readonly seed: number
  /** One in so many paths fails; `steady: no`: one in so many attempts. */
  readonly fails: number
  /** One in so many moves is a death; 0: none. */
  readonly crashes: number
  readonly steady: 'yes' | 'no'
}

function luckOf({ seed, fails, crashes, steady }: Chances): Luck {
  let state = seed >>> 0
  const roll = (): number => {
    // A linear congruential generator: fast, and the same everywhere.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
  return {
    pick: (below) => (below === 0 ? 0 : roll() % below),
    outcome: (path) => ((steady === 'yes' ? hash(path) : roll()) % fails === 0 ? 'failed' : 'succeeded'),
    crash: () => crashes > 0 && roll() % crashes === 0,
  }
}

function hash(text: string): number {
  let sum = 7
  for (const letter of text) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0
  return sum >>> 4
}

/** How a run ended, and where it succeeded how each of its stages did; what was stopped on the way depends on luck. */
function summary(flow: Flow, { end, state }: Played): unknown {
  if (end.status !== 'succeeded') return end.status
  return flow.steps.map(({ path }) => {
    const list = state.lists.get(path)
    if (list !== undefined) return [path, ...list.ended]
    const { phase } = invocationAt(state, { step: path, element: null })
    return [path, phase.is === 'ended' ? phase.status : phase.is]
  })
}
