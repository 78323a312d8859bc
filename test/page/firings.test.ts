import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeFirings } from '../../runner/status/firings.ts'
import { systemClock } from '../../runner/world/clock.ts'

const minute = 60_000
const day = 24 * 60 * minute
const schedule = { flow: 'a', trigger: 't', nextMs: minute }

/** A schedule each minute, and a clock that each computed time moves on. */
function setup(costMs: number) {
  let nowMs = 0
  let computed = 0
  const nextTimes = (
    _flow: string,
    _trigger: string,
    range: { fromMs: number; untilMs: number; max: number },
  ): number[] => {
    const times: number[] = []
    for (
      let ms = (Math.floor(range.fromMs / minute) + 1) * minute;
      ms <= range.untilMs && times.length < range.max;
      ms += minute
    ) {
      times.push(ms)
      nowMs += costMs
      computed++
    }
    return times
  }
  const clock = { ...systemClock, monotonic: () => nowMs }
  const firingsOf = makeFirings({ clock, flows: { compiled: async () => null, nextTimes } })
  return { firingsOf, computed: () => computed }
}

test('a day of minutes is known at once when it costs nothing', () => {
  const { firingsOf } = setup(0)
  const { times, complete } = firingsOf([schedule], { nowMs: 0, untilMs: day })
  assert.equal(times.length, 1_440)
  assert.equal(complete, true)
})

test('a look stops when it has taken its time, and later looks go on from there', () => {
  const { firingsOf } = setup(1)
  const first = firingsOf([schedule], { nowMs: 0, untilMs: day })
  assert.equal(first.complete, false)
  assert.ok(first.times.length < 100)
  let last = first
  for (let n = 0; n < 100; n++) last = firingsOf([schedule], { nowMs: 0, untilMs: day })
  assert.equal(last.complete, true)
  assert.equal(last.times.length, 1_440)
  assert.equal(new Set(last.times).size, 1_440)
})

test('what is known is not computed again; the past falls away and the new end is added', () => {
  const { firingsOf, computed } = setup(0)
  firingsOf([schedule], { nowMs: 0, untilMs: day })
  const before = computed()
  const later = firingsOf([{ ...schedule, nextMs: 11 * minute }], {
    nowMs: 10 * minute,
    untilMs: day + 10 * minute,
  })
  assert.equal(computed() - before, 10)
  assert.equal(later.times[0], 11 * minute)
  assert.equal(later.times.length, 1_440)
})

test('a schedule that was changed is computed anew', () => {
  const { firingsOf, computed } = setup(0)
  firingsOf([schedule], { nowMs: 0, untilMs: day })
  const before = computed()
  firingsOf([{ ...schedule, nextMs: 7 * minute }], { nowMs: 0, untilMs: day })
  assert.equal(computed() - before, 1_440)
})
