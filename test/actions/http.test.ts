// http.request against a real server: what it sends, what it gives, and what a failure means.

import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import type { HttpConnection } from '../../runner/model/action.ts'
import type { JsonObject } from '../../runner/model/json.ts'
import { serve } from '../world/serve.ts'
import { actionNamed, surroundings } from './surroundings.ts'

const http = actionNamed('http.request')

async function setup(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const served = await serve(t, answer)
  const api: HttpConnection = { base: `${served.url}/v1`, bearer: 'SHOP_TOKEN' }
  const { run, context } = surroundings(t, { connections: { api, plain: { ...api, bearer: null } } })
  return { ...served, context, run: (input: JsonObject) => run('http.request', input) as Promise<JsonObject> }
}

const json = { 'content-type': 'application/problem+json; charset=utf-8' }

test('an answer in JSON is given as text and as value', async (t) => {
  const { run, url } = await setup(t, (_request, response) =>
    response.writeHead(200, json).end('{"n":[1,"\\u0000a"]}'),
  )
  const output = await run({ url })
  assert.deepEqual(
    [output['status'], output['body'], output['json']],
    [200, '{"n":[1,"\\u0000a"]}', { n: [1, '\uFFFDa'] }],
  )
})

for (const [what, type, body] of [
  ['says nothing of JSON', 'text/plain', '{}'],
  ['says JSON but is none', 'application/json', '{'],
  ['nests too deep', 'application/json', '['.repeat(10_000) + ']'.repeat(10_000)],
  ['holds a number beyond all bounds', 'application/json', '[1e999]'],
] as const)
  test(`an answer that ${what} is text only`, async (t) => {
    const { run, url } = await setup(t, (_request, response) =>
      response.writeHead(200, { 'content-type': type }).end(body),
    )
    const output = await run({ url })
    assert.deepEqual([output['body'], output['json']], [body, null])
  })

test('an answer that was cut is text only', async (t) => {
  const { run, url } = await setup(t, (_request, response) => response.writeHead(200, json).end('11'))
  const output = await run({ url, response_bytes_max: 1 })
  assert.deepEqual([output['body'], output['json'], output['truncated']], ['1', null, true])
})

test('a body that is no text goes out as JSON, a text as it stands', async (t) => {
  const { run, url, requests } = await setup(t, (_request, response) => response.end())
  await run({ method: 'PUT', url, body: { a: ['ü'] } })
  await run({ method: 'PUT', url, body: 'a=b', headers: { 'Content-Type': 'text/x' } })
  assert.deepEqual(
    requests.map(({ body, headers }) => [body, headers['content-type']]),
    [
      ['{"a":["ü"]}', 'application/json'],
      ['a=b', 'text/x'],
    ],
  )
})

test('the key of the effect goes along where a second one would matter', async (t) => {
  const { run, url, requests, context } = await setup(t, (_request, response) => response.end())
  await run({ method: 'POST', url })
  await run({ method: 'POST', url, repetition: 'keyed' })
  await run({ method: 'POST', url, repetition: 'idempotent' })
  await run({ method: 'DELETE', url })
  await run({ url })
  await run({ method: 'POST', url, headers: { 'idempotency-key': 'mine' } })
  assert.deepEqual(
    requests.map(({ headers }) => headers['idempotency-key']),
    [context.key, context.key, undefined, undefined, undefined, 'mine'],
  )
})

for (const [method, repetition, means, floor] of [
  ['GET', undefined, 'read', 'low'],
  ['HEAD', undefined, 'read', 'low'],
  ['OPTIONS', undefined, 'read', 'low'],
  ['GET', 'once', 'read', 'low'],
  ['PUT', undefined, 'idempotent', 'high'],
  ['DELETE', undefined, 'idempotent', 'high'],
  ['PUT', 'once', 'once', 'high'],
  ['POST', undefined, 'once', 'high'],
  ['PATCH', undefined, 'once', 'high'],
  ['POST', 'keyed', 'keyed', 'high'],
] as const)
  test(`${method}${repetition === undefined ? '' : ` called ${repetition}`} is ${means} and ${floor}`, () => {
    const input = { url: 'https://a.test/', method, ...(repetition === undefined ? {} : { repetition }) }
    assert.deepEqual([http.repetition(input), http.floor(input)], [means, floor])
  })

for (const [status, kind, effect] of [
  [400, 'refused', undefined],
  [404, 'refused', undefined],
  [408, 'timeout', 'none'],
  [429, 'rate_limited', 'none'],
  [500, 'unavailable', undefined],
  [502, 'unavailable', undefined],
  [503, 'unavailable', 'none'],
  [504, 'timeout', undefined],
  [304, 'refused', undefined],
] as const)
  test(`${status} is ${kind}, and ${effect === 'none' ? 'surely had no effect' : 'leaves the effect to its kind'}`, async (t) => {
    const { run, url } = await setup(t, (_request, response) => response.writeHead(status).end())
    await assert.rejects(run({ method: 'POST', url }), { kind, effect })
  })

test('a status that is expected is no failure, and another one then is', async (t) => {
  const { run, url } = await setup(t, (request, response) =>
    response.writeHead(request.url === '/none' ? 404 : 200).end(),
  )
  assert.equal((await run({ url: `${url}/none`, expect: [404] }))['status'], 404)
  await assert.rejects(run({ url, expect: [404] }), { kind: 'refused' })
})

for (const [what, headers, retryAfterMs] of [
  ['seconds', { 'retry-after': '7' }, 7_000],
  [
    'a date',
    { 'retry-after': 'Sun, 22 Nov 2026 10:01:00 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' },
    60_000,
  ],
  [
    'a date that has passed',
    { 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' },
    0,
  ],
  ['an age', { 'retry-after': '999999999' }, 86_400_000],
  ['nonsense', { 'retry-after': 'soon' }, undefined],
] as const)
  test(`what the other side asks for in ${what} is passed on`, async (t) => {
    const { run, url } = await setup(t, (_request, response) => {
      response.sendDate = false
      response.writeHead(429, headers).end()
    })
    await assert.rejects(run({ url }), { kind: 'rate_limited', retryAfterMs })
  })

test('a failure shows what was said, and not the query of the address', async (t) => {
  const { run, url } = await setup(t, (_request, response) => response.writeHead(422).end('name\nmissing'))
  await assert.rejects(run({ url: `${url}/x?token=hidden` }), (failure: Error) => {
    assert.match(failure.message, /422.*name\\nmissing/)
    assert.doesNotMatch(failure.message, /hidden/)
    return true
  })
})

test('through a connection the path stands below its base, with its secret', async (t) => {
  const { run, requests } = await setup(t, (_request, response) => response.end())
  for (const url of ['/orders?n=1', 'orders']) await run({ connection: 'api', url })
  assert.deepEqual(
    requests.map(({ path }) => path),
    ['/v1/orders?n=1', '/v1/orders'],
  )
  assert.equal(requests[0]?.headers.authorization, 'Bearer shop-value')
})

for (const url of ['../secret', '/../secret', '/%2e%2e/secret', '/..\\secret', 'a/../../secret', '/./../x'])
  test(`${url} does not leave the base of a connection`, async (t) => {
    const { run, requests } = await setup(t, (_request, response) => response.end())
    await assert.rejects(run({ connection: 'api', url }), { kind: 'refused' })
    assert.equal(requests.length, 0)
  })

for (const url of ['//evil.test/', 'http://evil.test/', '@evil.test/', ':80/', '.evil.test/'])
  test(`${url} is a path below the base of a connection and no other host`, async (t) => {
    const { run, requests } = await setup(t, (_request, response) => response.end())
    await run({ connection: 'api', url })
    assert.ok(requests[0]?.path.startsWith('/v1/'))
  })

for (const [what, input] of Object.entries({
  'names a connection that is not there': { connection: 'constructor', url: '/' },
  'gives a connection a second secret': { connection: 'api', bearer: 'SHOP_TOKEN', url: '/' },
  'sends a body with GET': { url: 'http://127.0.0.1:1/', body: 'x' },
}))
  test(`a request that ${what} is invalid`, async (t) => {
    const { run } = await setup(t, (_request, response) => response.end())
    await assert.rejects(run(input), { kind: 'invalid', effect: 'none' })
  })

test('a secret by name is sent and never shown', async (t) => {
  const { run, url, requests } = await setup(t, (_request, response) => response.end())
  const output = await run({ url, bearer: 'SHOP_TOKEN' })
  assert.equal(requests[0]?.headers.authorization, 'Bearer shop-value')
  assert.doesNotMatch(JSON.stringify(output), /shop-value/)
})

test('connections and secrets that it uses are told by name', () => {
  assert.deepEqual(http.uses?.({ url: '/', connection: 'api', bearer: 'SHOP_TOKEN' }), {
    connections: ['api'],
    secrets: ['SHOP_TOKEN'],
  })
})
