// What a reply cost, from its usage: every token once, and never a refund from figures that cannot be.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'

import { type Price, priceOf } from '../../runner/decision/price.ts'
import { settle, type Settlement } from '../../runner/decision/settle.ts'

const nowMs = Date.UTC(2026, 10, 22)

function price(model = 'claude-haiku-5-5'): Price {
  const found = priceOf(model, nowMs)
  assert.ok(found)
  return found
}

function settled(usage: unknown): Extract<Settlement, { is: 'settled' }> {
  const settlement = settle(usage, price())
  assert.ok(settlement.is === 'settled')
  return settlement
}

interface Case {
  readonly id: string
  readonly mistake: string
  readonly model?: string
  readonly usage: unknown
  readonly tokens: unknown
  readonly pico: string
  readonly wrong_pico: string
}

const file = new URL('../fixtures/decision/usage.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Case[] }

for (const one of cases) {
  test(`a known mistake is not made: ${one.mistake}`, () => {
    const settlement = settle(one.usage, price(one.model))
    assert.ok(settlement.is === 'settled')
    assert.deepEqual(settlement.tokens, one.tokens)
    assert.equal(settlement.costPicoUsd, BigInt(one.pico))
    assert.notEqual(settlement.costPicoUsd, BigInt(one.wrong_pico))
    assert.deepEqual(settlement.alarms, [])
  })
}

const plain = { input_tokens: 900, output_tokens: 40 }

const impossible: Readonly<Record<string, unknown>> = {
  missing: undefined,
  null: null,
  'a list': [plain],
  'a text': '900',
  empty: {},
  'without output': { input_tokens: 900 },
  'without input': { output_tokens: 40 },
  'negative input': { ...plain, input_tokens: -5 },
  'negative output': { ...plain, output_tokens: -1 },
  'negative cache reads': { ...plain, cache_read_input_tokens: -900 },
  'a negative unknown count': { ...plain, rebate_tokens: -10_000 },
  'half a token': { ...plain, output_tokens: 40.5 },
  'not a number': { ...plain, output_tokens: Number.NaN },
  'beyond exact numbers': { ...plain, output_tokens: 2 ** 60 },
  'beyond any request': { ...plain, input_tokens: 20_000_001 },
  'a number as text': { ...plain, output_tokens: '40' },
  'a missing prompt': { input_tokens: 0, output_tokens: 40 },
  'a speed without a price': { ...plain, speed: 'fast' },
  'a tier without a price': { ...plain, service_tier: 'priority' },
}

for (const [name, usage] of Object.entries(impossible)) {
  test(`the reservation stays when the usage is ${name}`, () => {
    assert.equal(settle(usage, price()).is, 'unusable')
  })
}

test('an unknown count is charged at the dearest price and raises an alarm', () => {
  const settlement = settled({ ...plain, server_tool_use: { web_search_requests: 2 }, new: { tokens: 8 } })
  assert.equal(settlement.costPicoUsd, settled(plain).costPicoUsd + 10n * 500_000n)
  assert.equal(settlement.alarms.length, 2)
})

test('an unknown place of inference is charged as the dearest one and raises an alarm', () => {
  const settlement = settled({ ...plain, inference_geo: 'moon' })
  assert.equal(settlement.costPicoUsd, (settled(plain).costPicoUsd * 110n) / 100n)
  assert.equal(settlement.alarms.length, 1)
})

test('cache writes that the parts do not explain are charged at the longer time to live', () => {
  const settlement = settled({ ...plain, cache_creation_input_tokens: 100, cache_creation: null })
  assert.equal(settlement.tokens.cache_write_1h, 100)
  assert.equal(settlement.alarms.length, 1)
})

test('more thinking than output is charged as output and raises an alarm', () => {
  const settlement = settled({ ...plain, output_tokens_details: { thinking_tokens: 90 } })
  assert.equal(settlement.tokens.output, 90)
  assert.equal(settlement.alarms.length, 1)
})

test('whatever the usage is, the outcome is a cost of at least nothing or no settlement', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (usage) => {
      const settlement = settle(usage, price())
      assert.ok(settlement.is === 'unusable' || settlement.costPicoUsd > 0n)
    }),
    { numRuns: 500 },
  )
})

test('a usage nested deeper than the stack is refused, not crashed on', () => {
  let deep: unknown = 1
  for (let depth = 0; depth < 100_000; depth++) deep = { deep }
  assert.equal(settle({ ...plain, deep }, price()).is, 'unusable')
})
