// The Claude stub refuses what the API refuses, asked through the real SDK.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import Anthropic from '@anthropic-ai/sdk'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'

import { startClaude } from './claude/stub.ts'

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['reason', 'choice'],
  properties: { reason: { type: 'string' }, choice: { type: 'string', enum: ['skip', 'run'] } },
}

async function setup(t: TestContext) {
  const claude = await startClaude(t)
  const client = new Anthropic({ apiKey: 'key', baseURL: claude.url, maxRetries: 0 })
  const good: Anthropic.MessageCreateParamsNonStreaming = {
    model: 'claude-haiku-5-5',
    max_tokens: 200,
    thinking: { type: 'disabled' },
    messages: [{ role: 'user', content: 'What now?' }],
    output_config: { effort: 'low', format: { type: 'json_schema', schema } },
  }
  const asked = (change: object): Promise<Anthropic.Message> =>
    client.messages.create({ ...good, ...change }, { timeout: 5_000 })
  return { claude, client, good, asked }
}

const refusedWith = (status: number, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Anthropic.APIError)
  assert.equal(error.status, status)
  assert.match(error.apiMessage ?? '', text)
  return true
}

test('a good request is answered with what fits its schema, first choice first', async (t) => {
  const { claude, asked } = await setup(t)
  const [block] = (await asked({})).content
  assert.deepEqual(block?.type === 'text' && JSON.parse(block.text), { reason: 'text', choice: 'skip' })
  assert.deepEqual(claude.refused, [])
})

test('the call is kept with its headers, its raw body and the body parsed', async (t) => {
  const { claude, asked, good } = await setup(t)
  await asked({})
  const [call] = claude.calls
  assert.equal(call?.path, '/v1/messages')
  assert.equal(call?.headers['anthropic-version'], '2026-10-21')
  assert.equal(call?.raw, JSON.stringify(good))
  assert.deepEqual(call?.body, good)
})

const refusals: readonly (readonly [string, object, RegExp])[] = [
  ['temperature', { temperature: 0 }, /^temperature/],
  ['top_p', { top_p: 0.5 }, /^top_p/],
  ['top_k', { top_k: 5 }, /^top_k/],
  ['an unknown parameter', { seed: 7 }, /^seed/],
  ['a negative max_tokens', { max_tokens: -1 }, /^max_tokens/],
  ['max_tokens beyond the model', { max_tokens: 200_000 }, /^max_tokens/],
  ['no message', { messages: [] }, /^messages/],
  ['an empty message', { messages: [{ role: 'user', content: '' }] }, /^messages\.0\.content/],
  [
    'enabled thinking on a 5.5 model',
    { thinking: { type: 'enabled', budget_tokens: 2000 } },
    /thinking\.type/,
  ],
  ['disabled thinking on Sonnet', { model: 'claude-sonnet-5-5' }, /thinking\.type\.disabled/],
  ['between_tools on Opus', { model: 'claude-opus-5-5', thinking: { type: 'between_tools' } }, /thinking/],
  ['effort max without thinking', { output_config: { effort: 'max' } }, /effort/],
  ['effort on Haiku 4.5', { model: 'claude-haiku-4-5' }, /effort/],
  ['an unknown service tier', { service_tier: 'priority' }, /service_tier/],
  ['an unknown effort', { output_config: { effort: 'some' } }, /effort/],
  [
    'a fifth cache breakpoint',
    {
      system: Array.from({ length: 5 }, (_, index) => ({
        type: 'text',
        text: `part ${index}`,
        cache_control: { type: 'ephemeral' },
      })),
    },
    /cache_control/,
  ],
  [
    'a prefilled answer',
    {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: '{' },
      ],
    },
    /prefill/,
  ],
  [
    'forced tool use on Sonnet',
    { model: 'claude-sonnet-5-5', thinking: { type: 'between_tools' }, tool_choice: { type: 'any' } },
    /tool_choice/,
  ],
]
for (const [what, change, text] of refusals)
  test(`refused with 400: ${what}`, async (t) => {
    const { asked, claude } = await setup(t)
    await assert.rejects(asked(change), refusedWith(400, text))
    assert.equal(claude.refused.length, 1)
  })

const object = (properties: object, more: object = {}) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
  ...more,
})
const many = (count: number, part: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, part]))
const schemas: readonly (readonly [string, object, RegExp])[] = [
  ['an open object', { type: 'object', properties: {}, required: [] }, /additionalProperties/],
  ['an open object inside', object({ a: { type: 'object', properties: {} } }), /properties\.a.*additional/],
  ['minLength', object({ a: { type: 'string', minLength: 1 } }), /minLength/],
  ['maximum', object({ a: { type: 'integer', maximum: 5 } }), /maximum/],
  ['maxItems', object({ a: { type: 'array', items: { type: 'null' }, maxItems: 2 } }), /maxItems/],
  ['minItems 2', object({ a: { type: 'array', items: { type: 'null' }, minItems: 2 } }), /minItems/],
  ['oneOf', object({ a: { oneOf: [{ type: 'string' }] } }), /oneOf/],
  ['an unknown format', object({ a: { type: 'string', format: 'iri' } }), /format/],
  ['a pattern with look-ahead', object({ a: { type: 'string', pattern: '^(?=a)' } }), /pattern/],
  ['a schema outside', object({ a: { $ref: 'https://example.com/a.json' } }), /\$ref/],
  [
    'recursion',
    object({ a: { $ref: '#/$defs/t' } }, { $defs: { t: object({ a: { $ref: '#/$defs/t' } }) } }),
    /recurs/,
  ],
  ['25 optional parameters', object(many(25, { type: 'string' }), { required: [] }), /25 optional/],
  ['17 unions', object(many(17, { type: ['string', 'null'] })), /17 union/],
]
for (const [what, schema, text] of schemas)
  test(`refused as a schema: ${what}`, async (t) => {
    const { asked } = await setup(t)
    await assert.rejects(
      asked({ output_config: { format: { type: 'json_schema', schema } } }),
      refusedWith(400, text),
    )
  })

test('24 optional parameters, 16 unions, references and every format are taken, and the answer fits', async (t) => {
  const { asked, claude } = await setup(t)
  const formats = [
    'date-time',
    'date',
    'time',
    'duration',
    'email',
    'hostname',
    'uri',
    'ipv4',
    'ipv6',
    'uuid',
  ]
  const schema = object(
    {
      ...many(16, { anyOf: [{ type: 'string' }, { type: 'null' }] }),
      ...Object.fromEntries(formats.map((format) => [format, { type: 'string', format }])),
      optional: object(many(24, { type: 'boolean' }), { required: [] }),
      list: { type: 'array', minItems: 1, items: { $ref: '#/$defs/word' } },
    },
    { $defs: { word: { type: 'string', pattern: '^[a-z]+$' } } },
  )
  const message = await asked({
    output_config: { format: { type: 'json_schema', schema } },
    max_tokens: 1_000,
  })
  const ajv = new Ajv2020({ strict: false, formats: fullFormats })
  const [block] = message.content
  assert.ok(ajv.validate(schema, JSON.parse(block?.type === 'text' ? block.text : '')), ajv.errorsText())
  assert.deepEqual(claude.refused, [])
})

test('an unknown model is 404', async (t) => {
  const { asked } = await setup(t)
  await assert.rejects(asked({ model: 'claude-3-haiku' }), refusedWith(404, /model/))
})

test('another API version is refused', async (t) => {
  const { client, good } = await setup(t)
  const old = client.messages.create(good, { headers: { 'anthropic-version': '2023-06-01' } })
  await assert.rejects(old, refusedWith(400, /anthropic-version/))
})

test('a key that is not let in is 401', async (t) => {
  const claude = await startClaude(t, { keys: ['right'] })
  const client = new Anthropic({ apiKey: 'wrong', baseURL: claude.url, maxRetries: 0 })
  await assert.rejects(client.models.list().asResponse(), refusedWith(401, /key/))
})

test('a body that is not JSON is 400', async (t) => {
  const { claude } = await setup(t)
  const headers = { authorization: 'Bearer key', 'anthropic-version': '2026-10-21' }
  const answer = await fetch(`${claude.url}/v1/messages`, { method: 'POST', headers, body: '{"model":' })
  assert.equal(answer.status, 400)
})

test('the models tell their life cycle, limits and thinking', async (t) => {
  const { client } = await setup(t)
  const haiku = await client.models.retrieve('claude-haiku-5-5')
  const ending = await client.models.retrieve('claude-sonnet-4-5')
  assert.equal(haiku.lifecycle, 'active')
  assert.equal(haiku.capabilities?.thinking.types.disabled.supported, true)
  assert.equal(ending.retires_at, '2026-11-30T00:00:00Z')
})

test('the list of models is paged', async (t) => {
  const { client } = await setup(t)
  const ids: string[] = []
  for await (const model of client.models.list({ limit: 2 })) ids.push(model.id)
  assert.deepEqual(ids.slice(0, 3), ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5'])
  assert.equal(new Set(ids).size, ids.length)
})

test('counting gives the input tokens that the same request then uses', async (t) => {
  const { client, good, asked } = await setup(t)
  const { max_tokens: _, ...countable } = good
  const counted = await client.messages.countTokens(countable)
  assert.equal(counted.input_tokens, (await asked({})).usage.input_tokens)
})
