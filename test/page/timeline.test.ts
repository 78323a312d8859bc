import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide, seedFlow, step, uses, wait } from './flows.ts'
import { withSteps } from '../../runner/status/lanes-of-flow.ts'
import { timelineOf, type Timed } from '../../runner/status/timeline.ts'
import type { Work } from '../../runner/model/flow.ts'
import type { OutlineRow } from '../../runner/store/view-run.ts'

const blank: OutlineRow = {
  seq: 1,
  atMs: 0,
  is: 'waited',
  step: 'a',
  element: null,
  attempt: null,
  tookMs: null,
  uses: null,
  retryAtMs: null,
  choice: null,
  verdict: null,
  ticket: null,
  errorKind: null,
  count: null,
}
const row = (over: Partial<OutlineRow>): OutlineRow => ({ ...blank, ...over })
const running: Timed = { status: 'running', startedMs: 0, untilMs: 10_000 }
const parked: Timed = { ...running, status: 'parked' }

test('work lasts as long as it took, ending when it was recorded', () => {
  const [lane] = timelineOf([row({ is: 'succeeded', atMs: 5_000, tookMs: 2_000, attempt: 1 })], running)
  assert.deepEqual(lane?.spans, [{ kind: 'work', fromMs: 3_000, toMs: 5_000, mark: 'succeeded', attempt: 1 }])
})

test('between failed attempts it waits, at most until the next was due', () => {
  const [lane] = timelineOf(
    [
      row({ is: 'failed', atMs: 1_000, tookMs: 500, attempt: 1, retryAtMs: 2_000 }),
      row({ is: 'succeeded', atMs: 4_000, tookMs: 1_000, attempt: 2 }),
    ],
    running,
  )
  assert.deepEqual(
    lane?.spans.map((span) => [span.kind, span.fromMs, span.toMs]),
    [
      ['work', 500, 1_000],
      ['retry', 1_000, 2_000],
      ['work', 3_000, 4_000],
    ],
  )
})

test('an open question lasts until now', () => {
  const [lane] = timelineOf([row({ is: 'asked', atMs: 1_000 })], parked)
  assert.equal(lane?.mark, 'people')
  assert.deepEqual(lane?.spans.at(-1), {
    kind: 'people',
    fromMs: 1_000,
    toMs: 10_000,
    mark: 'people',
    attempt: 0,
  })
})

test('an effect that left and has no outcome is unknown once the run waits', () => {
  const [lane] = timelineOf([row({ is: 'intended', atMs: 1_000, attempt: 1 })], parked)
  assert.equal(lane?.mark, 'unknown')
})

test('work without an outcome, about which people are asked, is unknown', () => {
  const [lane] = timelineOf(
    [row({ is: 'intended', atMs: 1_000, attempt: 1 }), row({ is: 'asked', atMs: 3_000 })],
    parked,
  )
  assert.deepEqual(
    lane?.spans.map((span) => [span.kind, span.mark]),
    [
      ['work', 'unknown'],
      ['people', 'unknown'],
    ],
  )
  assert.equal(lane?.mark, 'unknown')
})

test('a decision after a wait for Claude was waiting, not work, all that time', () => {
  const [lane] = timelineOf(
    [row({ is: 'waiting', atMs: 1_000 }), row({ is: 'decided', atMs: 9_000, choice: 'go' })],
    running,
  )
  assert.deepEqual(
    lane?.spans.map((span) => [span.kind, span.fromMs, span.toMs]),
    [['timer', 1_000, 9_000]],
  )
})

test('an intent and its outcome are one bar', () => {
  const rows = [
    row({ is: 'intended', atMs: 1_000, attempt: 1 }),
    row({ is: 'succeeded', atMs: 2_000, tookMs: 990, attempt: 1 }),
  ]
  assert.equal(timelineOf(rows, running)[0]?.spans.length, 1)
})

test('what the end of the run cut off was cancelled', () => {
  const [lane] = timelineOf([row({ is: 'intended', atMs: 1_000 })], { ...running, status: 'cancelled' })
  assert.equal(lane?.mark, 'cancelled')
})

test('steps not reached yet stand in their order, and the one at work is seen', () => {
  const { flow } = seedFlow({
    name: 'x',
    description: '',
    triggers: [],
    steps: [
      step('a', { work: decide('go') }),
      step('b', { work: uses('log.record'), needs: ['a'] }),
      step('c', { work: wait(1), needs: ['b'] }),
    ],
  })
  const lanes = withSteps(
    timelineOf([row({ is: 'succeeded', atMs: 3_000, tookMs: 0 })], running),
    flow,
    running,
  )
  assert.deepEqual(
    lanes.map((lane) => [lane.step, lane.mark]),
    [
      ['a', 'succeeded'],
      ['b', 'running'],
      ['c', 'pending'],
    ],
  )
})

test('the steps of a group stand after it, and none of them is at work before the group is', () => {
  const x = step('x', { work: uses('log.record') }, 'g.')
  const y = step('y', { work: uses('log.record'), needs: ['x'] }, 'g.')
  const group: Work = { is: 'group', steps: [x, y] }
  const { flow } = seedFlow({
    name: 'x',
    description: '',
    triggers: [],
    steps: [
      step('a', { work: decide('go') }),
      step('g', { work: group, needs: ['a'] }),
      step('z', { work: wait(1), needs: ['g'] }),
    ],
  })
  const marks = (rows: Parameters<typeof timelineOf>[0]): readonly string[] =>
    withSteps(timelineOf(rows, running), flow, running).map((lane) => `${lane.step} ${lane.mark}`)
  assert.deepEqual(marks([]), ['a running', 'g pending', 'g.x pending', 'g.y pending', 'z pending'])
  assert.deepEqual(marks([row({ is: 'succeeded', atMs: 3_000, tookMs: 0 })]), [
    'a succeeded',
    'g running',
    'g.x running',
    'g.y pending',
    'z pending',
  ])
  const skipped = [row({ is: 'succeeded', atMs: 3_000, tookMs: 0 }), row({ is: 'skipped', step: 'g' })]
  assert.deepEqual(marks(skipped).slice(1), ['g skipped', 'g.x pending', 'g.y pending', 'z running'])
})

test('a list shows the state of the element that most wants to be seen', () => {
  const { flow } = seedFlow({
    name: 'x',
    description: '',
    triggers: [],
    steps: [step('a', { work: uses('log.record'), each: 'inputs.list' })],
  })
  const rows = [
    row({ is: 'listed', count: 2 }),
    row({ is: 'succeeded', element: 0, atMs: 2_000, tookMs: 100 }),
    row({ is: 'asked', element: 1, atMs: 2_500 }),
  ]
  const lanes = withSteps(timelineOf(rows, parked), flow, parked)
  assert.deepEqual(
    lanes.map((lane) => [lane.key, lane.mark]),
    [
      ['a', 'people'],
      ['a#0', 'succeeded'],
      ['a#1', 'people'],
    ],
  )
})

test('a fact of a newer program is passed over', () => {
  const rows = [
    row({ is: 'levitated' as OutlineRow['is'] }),
    row({ is: 'succeeded', atMs: 1_000, tookMs: 1 }),
  ]
  assert.equal(timelineOf(rows, running)[0]?.mark, 'succeeded')
})
