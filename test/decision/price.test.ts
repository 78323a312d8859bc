// Prices: dated, exact, and never guessed; and the most that a request can cost.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { priceOf, ratesFor, worstCase } from '../../runner/decision/price.ts'
import { settle } from '../../runner/decision/settle.ts'

const nowMs = Date.UTC(2026, 10, 22)

function price(model: string) {
  const found = priceOf(model, nowMs)
  assert.ok(found)
  return found
}

test('an unknown model has no price', () => {
  assert.equal(priceOf('claude-imaginary-9', nowMs), null)
})

test('a name of a JavaScript object is an unknown model', () => {
  assert.equal(priceOf('constructor', nowMs), null)
})

test('a price does not hold before its day', () => {
  assert.equal(priceOf('claude-haiku-5-5', Date.UTC(2026, 9, 7) - 1), null)
  assert.ok(priceOf('claude-haiku-5-5', Date.UTC(2026, 9, 7)))
})

test('the small model costs 0.10 and 0.50 USD per million tokens, in whole pico-USD', () => {
  assert.deepEqual(ratesFor(price('claude-haiku-5-5'), 100_000), {
    input: 100_000n,
    output: 500_000n,
    cache_write_5m: 125_000n,
    cache_write_1h: 200_000n,
    cache_read: 10_000n,
  })
})

test('a prompt above 100,000 tokens costs five times as much from its first token on', () => {
  assert.equal(ratesFor(price('claude-haiku-5-5'), 100_001).input, 500_000n)
})

test('the worst case is the whole prompt at input price and all the output, a tenth more for residency', () => {
  const bounds = { promptTokensMax: 1_000, outputTokensMax: 200, cacheTtl: null }
  assert.equal(
    worstCase(price('claude-haiku-5-5'), bounds),
    ((1_000n * 100_000n + 200n * 500_000n) * 110n) / 100n,
  )
})

test('the worst case of a request with cache breakpoints is that everything is written', () => {
  const bounds = { promptTokensMax: 1_000, outputTokensMax: 0, cacheTtl: '1h' as const }
  assert.equal(worstCase(price('claude-haiku-5-5'), bounds), (1_000n * 200_000n * 110n) / 100n)
})

test('the worst case of a prompt that may be long is at the price of long prompts', () => {
  const bounds = { promptTokensMax: 100_001, outputTokensMax: 100, cacheTtl: null }
  assert.equal(
    worstCase(price('claude-haiku-5-5'), bounds),
    ((100_001n * 500_000n + 100n * 2_500_000n) * 110n) / 100n,
  )
})

test('no usage within the bounds settles above the worst case', () => {
  const within = fc.record({
    promptTokensMax: fc.integer({ min: 1, max: 300_000 }),
    outputTokensMax: fc.integer({ min: 1, max: 20_000 }),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
    us: fc.boolean(),
    model: fc.constantFrom('claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-4-5'),
  })
  fc.assert(
    fc.property(within, ({ promptTokensMax, outputTokensMax, used, us, model }) => {
      const input_tokens = Math.max(1, Math.floor(promptTokensMax * used))
      const usage = { input_tokens, output_tokens: outputTokensMax, inference_geo: us ? 'us' : 'global' }
      const settlement = settle(usage, price(model))
      assert.ok(settlement.is === 'settled')
      const most = worstCase(price(model), { promptTokensMax, outputTokensMax, cacheTtl: null })
      assert.ok(settlement.costPicoUsd <= most)
    }),
    { numRuns: 300 },
  )
})
