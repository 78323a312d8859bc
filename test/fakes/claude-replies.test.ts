// The Claude stub answers as it was told: scripts, failures, and every case of the fixture.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import Anthropic from '@anthropic-ai/sdk'

import { claudeCases, replyFromCase } from './claude/cases.ts'
import { answerFor } from './claude/message.ts'
import * as replies from './claude/reply.ts'
import { startClaude } from './claude/stub.ts'

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['reason', 'choice'],
  properties: { reason: { type: 'string' }, choice: { type: 'string', enum: ['skip', 'run'] } },
}

async function setup(t: TestContext) {
  const claude = await startClaude(t)
  const client = new Anthropic({
    apiKey: 'key',
    baseURL: claude.url,
    maxRetries: 0,
    fetchOptions: { redirect: 'error' },
  })
  const ask = (
    change: Partial<Anthropic.MessageCreateParamsNonStreaming> = {},
    options: Anthropic.RequestOptions = {},
  ): Promise<Anthropic.Message> =>
    client.messages.create(
      {
        model: 'claude-haiku-5-5',
        max_tokens: 300,
        thinking: { type: 'disabled' },
        messages: [{ role: 'user', content: 'What now?' }],
        output_config: { format: { type: 'json_schema', schema } },
        ...change,
      },
      options,
    )
  return { claude, ask }
}

const textOf = (message: Anthropic.Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
const thrown = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => assert.fail('was answered'),
    (error: unknown) => error,
  )

test('scripted replies are used up in order, then the stub answers by itself again', async (t) => {
  const { claude, ask } = await setup(t)
  claude.script({ reason: 'a', choice: 'run' }, replies.overloaded())
  assert.equal(textOf(await ask()), '{"reason":"a","choice":"run"}')
  assert.ok((await thrown(ask())) instanceof Anthropic.OverloadedError)
  assert.equal(textOf(await ask()), '{"reason":"text","choice":"skip"}')
})

test('answers made by a function see the request and may be of the wrong case', async (t) => {
  const { claude, ask } = await setup(t)
  claude.answerWith((request) => ({ ...(answerFor(request) as object), choice: 'RUN' }))
  assert.equal(textOf(await ask()), '{"reason":"text","choice":"RUN"}')
})

test('a rate limit carries its retry-after', async (t) => {
  const { claude, ask } = await setup(t)
  claude.script(replies.rateLimited(30))
  const error = await thrown(ask())
  assert.ok(error instanceof Anthropic.RateLimitError)
  assert.equal(error.headers.get('retry-after'), '30')
})

test('a spend limit is a 429 without retry-after and with its code', async (t) => {
  const { claude, ask } = await setup(t)
  claude.script(replies.spendLimited())
  const error = await thrown(ask())
  assert.ok(error instanceof Anthropic.RateLimitError)
  assert.equal(error.headers.get('retry-after'), null)
  assert.equal(error.errorCode, 'enforced_spend_limit_reached')
})

test('an unpaid bill is 402 and a failing server 500', async (t) => {
  const { claude, ask } = await setup(t)
  claude.script(replies.unpaid(), replies.serverError())
  assert.ok((await thrown(ask())) instanceof Anthropic.PaymentRequiredError)
  assert.ok((await thrown(ask())) instanceof Anthropic.InternalServerError)
})

test('a refusal is a message that says which kind of refusal', async (t) => {
  const { claude, ask } = await setup(t)
  claude.script(replies.refusal('bio'))
  const message = await ask()
  assert.equal(message.stop_reason, 'refusal')
  assert.equal(message.stop_details?.category, 'bio')
})

test('an answer longer than max_tokens is cut and billed to the last token', async (t) => {
  const { claude, ask } = await setup(t)
  claude.script({ reason: 'long '.repeat(400), choice: 'run' })
  const message = await ask()
  assert.equal(message.stop_reason, 'max_tokens')
  assert.equal(message.usage.output_tokens, 300)
})

test('thinking comes as a block of its own and is part of the output', async (t) => {
  const { ask } = await setup(t)
  const { content, usage } = await ask({ thinking: { type: 'adaptive' }, max_tokens: 4_000 })
  assert.deepEqual(
    content.map(({ type }) => type),
    ['thinking', 'text'],
  )
  assert.equal(usage.output_tokens_details?.thinking_tokens, 1_200)
  assert.ok(usage.output_tokens > 1_200)
})

test('thinking that uses up max_tokens leaves no answer', async (t) => {
  const { ask } = await setup(t)
  const message = await ask({ thinking: { type: 'adaptive' } })
  assert.equal(textOf(message), '')
  assert.equal(message.stop_reason, 'max_tokens')
  assert.equal(message.usage.output_tokens, 300)
})

test('no thinking is billed where it is off or only between tools', async (t) => {
  const { ask } = await setup(t)
  const off = await ask()
  const between = await ask({ model: 'claude-sonnet-5-5', thinking: { type: 'between_tools' } })
  assert.equal(off.usage.output_tokens_details, null)
  assert.equal(between.usage.output_tokens_details, null)
})

test('a cut connection reaches the client as a failure, not as an answer', async (t) => {
  const { claude, ask } = await setup(t)
  claude.script(replies.cut(20))
  assert.ok((await thrown(ask())) instanceof Error)
  assert.equal(claude.calls.length, 1)
})

test('silence reaches the client as a time-out', async (t) => {
  const { claude, ask } = await setup(t)
  claude.script(replies.silent())
  assert.ok((await thrown(ask({}, { timeout: 100 }))) instanceof Anthropic.APIConnectionTimeoutError)
})

const failing: Readonly<Record<string, number | 'no answer'>> = {
  '429-retry-after': 429,
  '429-retry-after-date': 429,
  '400-spend': 400,
  '402': 402,
  '500': 500,
  'html-502': 502,
  'cut-after-headers': 'no answer',
  redirect: 'no answer',
}
for (const given of claudeCases)
  test(`case ${given.id} is answered as the fixture says`, async (t) => {
    const { claude, ask } = await setup(t)
    claude.script(replyFromCase(given))
    const expected = failing[given.id]
    if (expected === undefined) {
      const message = await ask()
      assert.equal(message.stop_reason, given.stop_reason ?? 'end_turn')
      assert.doesNotMatch(textOf(message), /"decision"/)
    } else {
      const error = await thrown(ask())
      if (expected !== 'no answer') assert.equal((error as { status?: number }).status, expected)
    }
    assert.deepEqual(claude.refused, [])
    assert.equal(claude.calls.length, 1)
  })

test('the cases are put in the shape of our answers', async (t) => {
  const { claude, ask } = await setup(t)
  const given = claudeCases.find(({ id }) => id === 'json-duplicate-key')
  assert.ok(given)
  claude.script(replyFromCase(given, { parameters: { body: 'a' }, priority: 'high', risk: 'low' }))
  assert.equal(
    textOf(await ask()),
    '{"reason":"x","choice":"skip","choice":"run","parameters":{"body":"a"},"priority":"high","risk":"low"}',
  )
})
