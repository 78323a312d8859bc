import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { expression, flowOf, inOrder, step, uses } from './flow-of.ts'
import type { Flow } from '../../runner/model/flow.ts'
import type { Fact } from '../../runner/model/journal.ts'
import { type Move, next } from '../../runner/model/next.ts'
import { fold } from '../../runner/model/fold.ts'
import { keyOf, newRunState, type RunState } from '../../runner/model/run.ts'
import { runScope, scopeOf } from '../../runner/model/scope.ts'

function look(flow: Flow, state: RunState, busy: readonly string[] = [], nowMs = 1_000): Move {
  const run = { id: 'r', trigger: 't', startedMs: 0, scheduledMs: 0, event: {}, inputs: {} }
  return next(flow, state, {
    nowMs,
    busy: new Set(busy),
    verdicts: new Map(),
    heard: new Map(),
    ended: new Set(),
    scope: (at) => scopeOf({ flow, run: runScope(flow, run, {}), state }, at),
  })
}

function succeeded(stepId: string, element: number | null = null, output = {}): Fact {
  const at = { step: stepId, element }
  return { v: 1, is: 'succeeded', at, attempt: 1, output, uses: null, risk: 'low', tookMs: 1 }
}

function failed(stepId: string, retryAtMs: number | null = null): Fact {
  const error = { kind: 'refused', message: 'no' } as const
  return {
    v: 1,
    is: 'failed',
    at: { step: stepId, element: null },
    attempt: 1,
    error,
    uses: null,
    tookMs: 1,
    retryAtMs,
  }
}

function keys(move: Move): string[] {
  assert.equal(move.is, 'perform')
  return move.is === 'perform' ? move.work.map((ready) => keyOf(ready.at)) : []
}

test('steps without needs of their own run in the order written', () => {
  const flow = flowOf(inOrder([step('a', uses('x')), step('b', uses('x'))]))
  const state = newRunState()
  assert.deepEqual(keys(look(flow, state)), ['a'])
  fold(state, succeeded('a'))
  assert.deepEqual(keys(look(flow, state)), ['b'])
  fold(state, succeeded('b'))
  assert.deepEqual(look(flow, state), { is: 'end', status: 'succeeded', error: null })
})

test('steps that need nothing start side by side', () => {
  const flow = flowOf([
    step('a', uses('x')),
    step('b', uses('x')),
    step('c', uses('x'), { needs: ['a', 'b'] }),
  ])
  const state = newRunState()
  assert.deepEqual(keys(look(flow, state)), ['a', 'b'])
  fold(state, succeeded('a'))
  assert.deepEqual(look(flow, state, ['b']).is, 'await')
  fold(state, succeeded('b'))
  assert.deepEqual(keys(look(flow, state)), ['c'])
})

test('a step whose `when` is false is skipped and counts as ended', () => {
  const flow = flowOf(
    inOrder([step('a', uses('x'), { when: expression(() => false) }), step('b', uses('x'))]),
  )
  const state = newRunState()
  const move = look(flow, state)
  assert.equal(move.is, 'record')
  if (move.is === 'record') for (const fact of move.facts) fold(state, fact)
  assert.deepEqual(keys(look(flow, state)), ['b'])
})

test('a `when` that cannot be evaluated fails the step instead of the runner', () => {
  const broken = expression(() => {
    throw new Error('no such key')
  })
  const flow = flowOf([step('a', uses('x'), { when: broken })])
  const state = newRunState()
  const move = look(flow, state)
  assert.equal(move.is === 'record' && move.facts[0]?.is, 'failed')
})

test('each runs every element, at most max_parallel open at once', () => {
  const each = { list: expression(() => ['p', 'q', 'r']), as: 'item', maxParallel: 2 }
  const flow = flowOf([step('a', uses('x'), { each })])
  const state = newRunState()
  const listed = look(flow, state)
  if (listed.is === 'record') for (const fact of listed.facts) fold(state, fact)
  assert.deepEqual(keys(look(flow, state)), ['a#0', 'a#1'])
  fold(state, succeeded('a', 0))
  assert.deepEqual(keys(look(flow, state, ['a#1'])), ['a#2'])
  fold(state, succeeded('a', 1))
  fold(state, succeeded('a', 2))
  assert.equal(look(flow, state).is, 'end')
})

test('an element that has ended makes room for another, whichever it is', () => {
  const each = { list: expression(() => ['p', 'q', 'r']), as: 'item', maxParallel: 2 }
  const flow = flowOf([step('a', uses('x'), { each })])
  const state = newRunState()
  const listed = look(flow, state)
  if (listed.is === 'record') for (const fact of listed.facts) fold(state, fact)
  fold(state, succeeded('a', 1))
  assert.deepEqual(keys(look(flow, state, ['a#0'])), ['a#2'])
})

test('a round says its number', () => {
  const repeat = { until: expression(() => false), everyMs: 10, withinMs: 1_000 }
  const flow = flowOf([step('a', uses('x'), { repeat })])
  const state = newRunState()
  fold(state, { v: 1, is: 'began', at: { step: 'a', element: null }, sinceMs: 1_000 })
  const rounds: number[] = []
  for (let round = 0; round < 3; round++) {
    fold(state, succeeded('a'))
    const move = look(flow, state)
    assert.ok(move.is === 'record')
    for (const fact of move.facts) fold(state, fact)
    for (const fact of move.facts) if (fact.is === 'repeated') rounds.push(fact.round)
  }
  assert.deepEqual(rounds, [1, 2, 3])
})

test('a failed step stops the others, then on_failure runs, then the run has failed', () => {
  const rescue = step('tell', uses('x'), { path: 'on_failure.tell' as never })
  const flow = flowOf([step('a', uses('x')), step('b', uses('x'))], { onFailure: { steps: [rescue] } })
  const state = newRunState()
  fold(state, failed('a'))
  const move = look(flow, state, ['b'])
  if (move.is === 'record') for (const fact of move.facts) fold(state, fact)
  assert.equal(look(flow, state, ['b']).is, 'abort')
  assert.deepEqual(keys(look(flow, state)), ['on_failure.tell'])
  fold(state, succeeded('on_failure.tell'))
  const end = look(flow, state)
  assert.equal(end.is === 'end' && end.status, 'failed')
  assert.equal(end.is === 'end' && end.error?.kind, 'refused')
})

test('a failed step that may continue does not fail the run', () => {
  const flow = flowOf(inOrder([step('a', uses('x'), { onError: 'continue' }), step('b', uses('x'))]))
  const state = newRunState()
  fold(state, failed('a'))
  assert.deepEqual(keys(look(flow, state)), ['b'])
})

test('a run parks only when every branch waits, until the earliest time', () => {
  const flow = flowOf([step('a', uses('x')), step('b', uses('x'))])
  const state = newRunState()
  fold(state, failed('a', 9_000))
  assert.deepEqual(keys(look(flow, state)), ['b'])
  fold(state, { v: 1, is: 'waiting', at: { step: 'b', element: null }, untilMs: 5_000, why: 'wait' })
  const parked = look(flow, state)
  assert.equal(parked.is === 'park' && parked.wakeMs, 5_000)
  assert.deepEqual(keys(look(flow, state, [], 6_000)), ['b'])
})

test('cancel is final: whatever is known, only stopping and the end follow', () => {
  fc.assert(
    fc.property(
      fc.array(anyFact, { maxLength: 12 }),
      fc.array(anyFact, { maxLength: 12 }),
      (before, after) => {
        const state = newRunState()
        for (const fact of before) fold(state, fact)
        fold(state, { v: 1, is: 'cancel_requested', by: 'ana' })
        for (const fact of after) fold(state, fact)
        assert.equal(look(threeSteps, state, ['b']).is, 'abort')
        assert.deepEqual(look(threeSteps, state), { is: 'end', status: 'cancelled', error: null })
      },
    ),
  )
})

test('any order of outcomes reaches the same end, and no step runs before what it needs', () => {
  const graph = fc
    .integer({ min: 1, max: 7 })
    .chain((count) =>
      fc.tuple(
        ...Array.from({ length: count }, (_, index) =>
          fc.subarray(Array.from({ length: index }, (_, i) => `s${i}`)),
        ),
      ),
    )
  fc.assert(
    fc.property(
      graph,
      fc.array(fc.nat(1_000), { minLength: 40, maxLength: 40 }),
      fc.nat(6),
      (needs, picks, bad) => {
        const steps = needs.map((of, index) => step(`s${index}`, uses('x'), { needs: of }))
        const flow = flowOf(steps)
        const ends = [picks, picks.toReversed()].map((order) => simulate(flow, order, `s${bad}`))
        assert.deepEqual(ends[0], ends[1])
      },
    ),
  )
})

const threeSteps = flowOf([
  step('a', uses('x')),
  step('b', uses('x')),
  step('c', uses('x'), { needs: ['a', 'b'] }),
])
const anyFact: fc.Arbitrary<Fact> = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('ok', 'bad', 'later'))
  .map(([id, how]) => (how === 'ok' ? succeeded(id) : failed(id, how === 'bad' ? null : 9_000)))

/** Plays a run in which `bad` fails (and may), finishing what is in progress in the order picked. */
function simulate(flow: Flow, picks: readonly number[], bad: string): { end: string; ran: string[] } {
  const lenient = { ...flow, steps: flow.steps.map((one) => ({ ...one, onError: 'continue' as const })) }
  const state = newRunState()
  const busy: string[] = []
  const ended = new Set<string>()
  for (const pick of [...picks, ...picks]) {
    const move = look(lenient, state, busy)
    if (move.is === 'end') return { end: move.status, ran: [...ended].toSorted() }
    if (move.is === 'perform')
      for (const { step: begun } of move.work) {
        for (const need of begun.needs)
          assert.ok(ended.has(need), `${begun.id} began before ${need} had ended`)
        busy.push(begun.id)
      }
    const [done = ''] = busy.splice(pick % Math.max(1, busy.length), 1)
    fold(state, done === bad ? failed(done) : succeeded(done))
    ended.add(done)
  }
  throw new Error('the run did not end')
}
