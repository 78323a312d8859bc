// The one request: what ends it, what it may not do, and what is known afterwards.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'

import { connectClaude, responseBytesMax } from '../../runner/decision/claude.ts'
import type { Outcome } from '../../runner/decision/outcome.ts'
import { planRequest } from '../../runner/decision/request.ts'
import { answerSchema } from '../../runner/decision/schema.ts'
import { reply, silent } from '../fakes/claude/reply.ts'
import { startClaude } from '../fakes/claude/stub.ts'
import { question, says } from './ask.ts'
import { testClock } from './setup.ts'

const { request } = planRequest(question(), answerSchema(question()), {
  model: 'claude-haiku-5-5',
  room: 'tight',
})
const never = new AbortController().signal

function asker(baseUrl: string, patienceMs: number | null = null): () => Promise<Outcome> {
  const claude = connectClaude({ apiKey: 'the-key', baseUrl }, testClock(patienceMs))
  return () => claude.ask(request, 30_000, never)
}

async function serve(t: TestContext, listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a redirect is not followed and the key is not sent on', async (t) => {
  const seen: string[] = []
  const elsewhere = await serve(t, (incoming, response) => {
    seen.push(incoming.url ?? '')
    response.end('{}')
  })
  const claude = await startClaude(t)
  claude.script(reply({ status: 307, headers: { location: `${elsewhere}/v1/messages` }, body: {} }))
  const outcome = await asker(claude.url)()
  assert.ok(outcome.is === 'unbilled' && outcome.cause === 'redirected')
  assert.deepEqual(seen, [])
})

test('the answer is not waited for longer than its time, and nobody knows what it cost', async (t) => {
  const claude = await startClaude(t)
  claude.script(silent())
  const outcome = await asker(claude.url, 20)()
  assert.ok(outcome.is === 'unknown' && outcome.cause === 'timeout')
})

test('a body that never ends is not waited for either', async (t) => {
  const url = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"type":')
  })
  const outcome = await asker(url, 50)()
  assert.ok(outcome.is === 'unknown' && outcome.cause === 'timeout')
})

test('a body beyond the limit is not read to its end', async (t) => {
  const url = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ content: [], filler: 'x'.repeat(responseBytesMax) }))
  })
  const outcome = await asker(url)()
  assert.ok(outcome.is === 'unknown' && outcome.cause === 'unreadable')
})

test('an error body beyond the limit does not hide the status', async (t) => {
  const url = await serve(t, (_, response) => {
    response.writeHead(529, { 'content-type': 'application/json' })
    response.end('x'.repeat(responseBytesMax + 1))
  })
  const outcome = await asker(url)()
  assert.ok(outcome.is === 'unbilled' && outcome.cause === 'overloaded')
})

test('where nobody listens, nothing was billed', async () => {
  // Port 47 is reserved and unassigned, and `fetch` does not refuse it by itself.
  const outcome = await asker('http://127.0.0.1:47')()
  assert.ok(outcome.is === 'unbilled' && outcome.cause === 'unreachable')
})

test('a name that does not exist was not billed', async () => {
  const outcome = await asker('http://claude.invalid')()
  assert.ok(outcome.is === 'unbilled' && outcome.cause === 'unreachable')
})

test('a connection that is cut before any answer leaves the outcome unknown', async (t) => {
  const url = await serve(t, (incoming) => void incoming.socket.destroy())
  const outcome = await asker(url)()
  assert.ok(outcome.is === 'unknown' && outcome.cause === 'lost')
})

for (const [name, body] of Object.entries({
  'no JSON': '{"type":',
  'no object': '[]',
  'no message': '{"a":1}',
}))
  test(`HTTP 200 with ${name} leaves the outcome unknown`, async (t) => {
    const claude = await startClaude(t)
    claude.script(reply({ raw: body }))
    const outcome = await asker(claude.url)()
    assert.ok(outcome.is === 'unknown' && outcome.cause === 'unreadable')
  })

test('HTTP 200 that is a page leaves the outcome unknown', async (t) => {
  const claude = await startClaude(t)
  claude.script(reply({ raw: '<html>', headers: { 'content-type': 'text/html' } }))
  const outcome = await asker(claude.url)()
  assert.ok(outcome.is === 'unknown' && outcome.cause === 'unreadable')
})

test('a page in an error is not passed on', async (t) => {
  const claude = await startClaude(t)
  claude.script(reply({ status: 502, raw: `<html>${'x'.repeat(5_000)}</html>` }))
  const outcome = await asker(claude.url)()
  assert.ok(outcome.is === 'unknown')
  assert.equal(outcome.why, 'HTTP 502')
})

test('nothing is repeated by the SDK, even when the answer says that it should be', async (t) => {
  const claude = await startClaude(t)
  claude.answerWith(() => reply({ status: 500, headers: { 'x-should-retry': 'true' } }))
  await asker(claude.url)()
  assert.equal(claude.calls.length, 1)
})

test('thinking stands before the text and is no part of the answer', async (t) => {
  const claude = await startClaude(t)
  claude.script(reply({ answer: says('skip'), thinkingTokens: 20 }))
  const outcome = await asker(claude.url)()
  assert.ok(outcome.is === 'replied')
  assert.deepEqual(JSON.parse(outcome.text), says('skip'))
})

const waits = { '30': 30_000, '0': 0, '999999': 900_000, '-5': null, soon: null }
for (const [said, ms] of Object.entries(waits))
  test(`retry-after: ${said} is read as ${ms === null ? 'nothing' : `${ms} ms`}`, async (t) => {
    const claude = await startClaude(t)
    claude.script(reply({ status: 429, headers: { 'retry-after': said } }))
    const outcome = await asker(claude.url)()
    assert.ok(outcome.is === 'unbilled')
    assert.equal(outcome.retryAfterMs, ms)
  })
