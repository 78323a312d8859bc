// The Claude stub's prompt cache: what is written, what is read, for how long.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import Anthropic from '@anthropic-ai/sdk'

import { reply } from './claude/reply.ts'
import { startClaude } from './claude/stub.ts'

const minuteMs = 60_000

async function setup(t: TestContext) {
  let nowMs = 1_000_000
  const claude = await startClaude(t, { now: () => nowMs })
  const client = new Anthropic({ apiKey: 'key', baseURL: claude.url, maxRetries: 0 })
  const ask = async (
    change: {
      system?: string
      ttl?: '5m' | '1h' | 'none'
      effort?: 'low' | 'high'
      max_tokens?: number
    } = {},
  ): Promise<{ plain: number; read: number; short: number; long: number; output: number }> => {
    const ttl = change.ttl ?? '5m'
    const control = ttl === 'none' ? {} : { cache_control: { type: 'ephemeral' as const, ttl } }
    const { usage } = await client.messages.create({
      model: 'claude-haiku-5-5',
      max_tokens: change.max_tokens ?? 100,
      thinking: { type: 'disabled' },
      output_config: { effort: change.effort ?? 'low' },
      system: [{ type: 'text', text: change.system ?? 'rule '.repeat(800), ...control }],
      messages: [{ role: 'user', content: 'A question.' }],
    })
    return {
      plain: usage.input_tokens,
      read: usage.cache_read_input_tokens ?? -1,
      short: usage.cache_creation?.ephemeral_5m_input_tokens ?? -1,
      long: usage.cache_creation?.ephemeral_1h_input_tokens ?? -1,
      output: usage.output_tokens,
    }
  }
  return { claude, ask, pass: (ms: number) => void (nowMs += ms) }
}

test('the first request writes the prefix, the second reads it', async (t) => {
  const { ask } = await setup(t)
  const first = await ask()
  const second = await ask()
  assert.ok(first.short > 500)
  assert.deepEqual(second, { ...first, short: 0, read: first.short })
})

test('without a breakpoint nothing is cached', async (t) => {
  const { ask } = await setup(t)
  await ask({ ttl: 'none' })
  const { read, short, long } = await ask({ ttl: 'none' })
  assert.deepEqual([read, short, long], [0, 0, 0])
})

test('a prefix shorter than the minimum is not cached', async (t) => {
  const { ask } = await setup(t)
  const { short, plain } = await ask({ system: 'short' })
  assert.equal(short, 0)
  assert.ok(plain > 0)
})

test('the five-minute cache is gone after five minutes without a reader', async (t) => {
  const { ask, pass } = await setup(t)
  await ask()
  pass(4 * minuteMs)
  assert.ok((await ask()).read > 0)
  pass(4 * minuteMs)
  assert.ok((await ask()).read > 0)
  pass(5 * minuteMs)
  assert.equal((await ask()).read, 0)
})

test('the one-hour cache is booked apart and lives an hour', async (t) => {
  const { ask, pass } = await setup(t)
  const { long, short } = await ask({ ttl: '1h' })
  assert.ok(long > 500)
  assert.equal(short, 0)
  pass(59 * minuteMs)
  assert.equal((await ask({ ttl: '1h' })).read, long)
})

test('another effort is another prefix', async (t) => {
  const { ask } = await setup(t)
  await ask({ effort: 'low' })
  assert.equal((await ask({ effort: 'high' })).read, 0)
})

test('another text is another prefix', async (t) => {
  const { ask } = await setup(t)
  await ask()
  assert.equal((await ask({ system: `x${'rule '.repeat(800)}` })).read, 0)
})

test('a prefix can be read only once the answer that wrote it has begun', async (t) => {
  const { ask, claude } = await setup(t)
  claude.script(reply({ delayMs: 30 }), reply({}))
  const [slow, quick] = await Promise.all([ask(), ask()])
  assert.deepEqual([slow.read, quick.read], [0, 0])
  assert.equal((await ask()).read, slow.short)
})

test('max_tokens 0 warms the cache and writes nothing', async (t) => {
  const { ask } = await setup(t)
  const warmed = await ask({ max_tokens: 0 })
  assert.equal(warmed.output, 0)
  assert.equal((await ask()).read, warmed.short)
})
