import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scaleOf } from '../../runner/status/scale.ts'

const second = 1_000
const day = 86_400_000

test('without long waits the scale is linear', () => {
  const scale = scaleOf({ fromMs: 0, toMs: 10 * second }, [{ fromMs: 0, toMs: 9 * second }])
  assert.equal(scale.compressed, false)
  assert.equal(scale.place(5 * second), 50)
})

test('a wait of a day beside work of seconds gets a short piece, and says so', () => {
  const scale = scaleOf({ fromMs: 0, toMs: day }, [
    { fromMs: 0, toMs: 4 * second },
    { fromMs: day - 4 * second, toMs: day },
  ])
  assert.equal(scale.compressed, true)
  assert.ok(scale.place(4 * second) > 40, 'the work before it is wide')
  assert.ok(scale.place(day - 4 * second) - scale.place(4 * second) <= 15.01)
})

test('pauses that are short beside the work are drawn as they are', () => {
  const scale = scaleOf({ fromMs: 0, toMs: 1_000 }, [
    { fromMs: 0, toMs: 490 },
    { fromMs: 500, toMs: 1_000 },
  ])
  assert.equal(scale.compressed, false)
})

const stretch = fc
  .tuple(fc.nat(day), fc.nat(3_600_000))
  .map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }))

test('places never run backwards and never leave the line', () => {
  fc.assert(
    fc.property(
      fc.array(stretch, { maxLength: 12 }),
      fc.array(fc.nat(day), { minLength: 2, maxLength: 20 }),
      (busy, times) => {
        const scale = scaleOf({ fromMs: 0, toMs: day }, busy)
        const places = times.toSorted((a, b) => a - b).map(scale.place)
        for (const [index, place] of places.entries()) {
          assert.ok(place >= 0 && place <= 100)
          assert.ok(index === 0 || place >= (places[index - 1] ?? 0) - 1e-9)
        }
      },
    ),
  )
})

test('ticks keep apart', () => {
  const busy = Array.from({ length: 30 }, (_, n) => ({ fromMs: n * 3_000_000, toMs: n * 3_000_000 + 1_000 }))
  const { ticks } = scaleOf({ fromMs: 0, toMs: day }, busy)
  for (const [index, tick] of ticks.entries())
    assert.ok(index === 0 || tick.percent - (ticks[index - 1]?.percent ?? 0) >= 8.9)
})
