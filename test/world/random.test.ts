import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '../../runner/world/random.ts'

test('no bytes are given out twice, across the end of a stock too', () => {
  const seen = new Set<string>()
  for (let n = 0; n < 10_000; n++) seen.add(Buffer.from(systemRandom.bytes(10)).toString('hex'))
  assert.equal(seen.size, 10_000)
})

test('more bytes than a stock has are random too', () => {
  const bytes = systemRandom.bytes(10_000)
  assert.equal(bytes.length, 10_000)
  assert.ok(new Set(bytes).size > 200)
})

test('a uniform number is at least 0 and below 1', () => {
  const drawn = Array.from({ length: 1_000 }, () => systemRandom.uniform())
  assert.ok(drawn.every((value) => value >= 0 && value < 1))
  const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length
  assert.ok(mean > 0.4 && mean < 0.6)
})
