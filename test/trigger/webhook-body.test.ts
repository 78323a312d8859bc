// What a webhook may carry: the limit before anything, then JSON that nobody stumbles over, then the shape.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { createRateLimit } from '../../runner/trigger/rate.ts'
import { bodyBytesMax, bodyDepthMax } from '../../runner/trigger/webhook-body.ts'
import { hookKey, hooks } from './hooks.ts'

const text = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2))

test('a body of exactly the limit is taken, one byte more is not, with or without credentials', async (t) => {
  const it = await hooks(t)
  assert.equal((await it.bear('open/hook', text(bodyBytesMax))).status, 202)
  assert.equal((await it.bear('open/hook', text(bodyBytesMax + 1))).status, 413)
  assert.equal((await it.send('open/hook', text(bodyBytesMax + 1), {})).status, 413)
})

test('a body that never ends is cut off at the limit', async (t) => {
  const it = await hooks(t)
  const head = `POST /hooks/open/hook HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${hookKey}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`
  const socket = connect(it.port, '127.0.0.1')
  socket.on('error', () => {})
  const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
  socket.write(head)
  const chunk = `${(65_536).toString(16)}\r\n${'1'.repeat(65_536)}\r\n`
  for (let i = 0; i < 8; i++) socket.write(chunk)
  assert.match(await answer, /^HTTP\/1\.1 413 /)
  socket.destroy()
})

for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', ''])
  test(`content type ${type || 'none'} is not taken`, async (t) => {
    const it = await hooks(t)
    const sent = await it.bear('open/hook', new TextEncoder().encode('{}'), { 'content-type': type })
    assert.equal(sent.status, 415)
  })

test('a charset beside the content type is fine', async (t) => {
  const it = await hooks(t)
  assert.equal(
    (await it.bear('open/hook', '{}', { 'content-type': 'application/json; charset=utf-8' })).status,
    202,
  )
})

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

const bad: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
  nothing: '',
  'what is not JSON': '{n: 1}',
  'two values': '{}{}',
  'bytes that are no text': Uint8Array.from([0x22, 0xff, 0xfe, 0x22]),
  'a NUL': '{"a": "x\\u0000y"}',
  'a NUL in a key': '{"a\\u0000": 1}',
  'half of a surrogate pair': '["\\ud800"]',
  'half of a surrogate pair in a key': '{"\\udc00": 1}',
  'too deep a nesting': nested(bodyDepthMax + 1),
  'a nesting as long as the body': '['.repeat(bodyBytesMax / 2) + ']'.repeat(bodyBytesMax / 2),
  'a key __proto__': '{"a": {"__proto__": {"admin": true}}}',
  'constructor.prototype': '{"constructor": {"prototype": {"admin": true}}}',
  'a number beyond all': '{"n": 1e999}',
}

for (const [what, body] of Object.entries(bad))
  test(`${what} is refused before anything reads it`, async (t) => {
    const it = await hooks(t)
    const sent = await it.bear('open/hook', body)
    assert.equal(sent.status, 400)
    assert.equal(it.arrived.firings.length, 0)
  })

for (const [what, body] of [
  ['a nesting of exactly the limit', nested(bodyDepthMax)],
  ['a constructor that is only a word', '{"constructor": "Ferrari"}'],
  ['a whole surrogate pair', '["\\ud83d\\ude00", "😀"]'],
  ['a value that is no object', 'null'],
] as const)
  test(`${what} is taken as it is`, async (t) => {
    const it = await hooks(t)
    assert.equal((await it.bear('open/hook', body)).status, 202)
    const webhook = it.arrived.firings[0]?.event['webhook'] as { readonly body: unknown }
    assert.deepEqual(webhook.body, JSON.parse(body))
  })

test('a body that does not fit the shape is told where, and not what it held', async (t) => {
  const it = await hooks(t)
  const sent = await it.bear('shaped/hook', '{"order": {"id": 7, "count": "s3cret"}}')
  assert.equal(sent.status, 422)
  const { places } = sent.body as { readonly places: readonly { readonly at: string }[] }
  assert.deepEqual(places.map(({ at }) => at).toSorted(), ['/order/count', '/order/id'])
  assert.doesNotMatch(JSON.stringify(sent.body), /s3cret/)
})

test('signs of the sender in the body are no reason to trust it', async (t) => {
  const it = await hooks(t)
  assert.equal(
    (await it.send('open/hook', JSON.stringify({ authorization: `Bearer ${hookKey}` }), {})).status,
    401,
  )
})

test('addresses are counted apart, and those of one IPv6 network together', () => {
  const limit = createRateLimit(1)
  limit.refused('192.0.2.1', 0)
  assert.equal(limit.waitMs('192.0.2.2', 0), 0)
  assert.equal(limit.waitMs('::ffff:192.0.2.1', 10_000), 50_000)
  limit.refused('2001:db8::1', 0)
  assert.equal(limit.waitMs('2001:db8:0:0:9::2', 0), 60_000)
  assert.equal(limit.waitMs('2001:db8:1::1', 0), 0)
  assert.equal(limit.waitMs('192.0.2.1', 60_000), 0)
})

test('addresses beyond what memory holds are not refused for it', () => {
  const limit = createRateLimit(1)
  for (let i = 0; i < 30_000; i++) {
    const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
    assert.equal(limit.waitMs(address, 0), 0)
    limit.refused(address, 0)
  }
})
