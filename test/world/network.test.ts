// A request does what it says: body, redirects, limits, and an honest word when it did not work.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { gzipSync, brotliCompressSync } from 'node:zlib'
import { networkLimits } from '../../runner/world/network-rules.ts'
import { outside, serve } from './serve.ts'

async function setup(t: TestContext, answer: Parameters<typeof serve>[1]) {
  const served = await serve(t, answer)
  return { ...served, ...outside({ privateHosts: [`127.0.0.1:${served.port}`] }) }
}

test('method, path, headers and body arrive as they were given', async (t) => {
  const { url, request, requests } = await setup(t, (_request, response) => response.end())
  await request({ method: 'POST', url: `${url}/a%20b?c=d#e`, headers: { 'X-One': '1' }, body: 'grüße' })
  const [arrived] = requests
  assert.deepEqual([arrived?.method, arrived?.path, arrived?.body], ['POST', '/a%20b?c=d', 'grüße'])
  assert.equal(arrived?.headers['x-one'], '1')
})

test('the answer has status, headers, body and where it ended', async (t) => {
  const { url, request } = await setup(t, (_request, response) =>
    response.writeHead(404, { 'X-Kind': 'missing', 'Set-Cookie': 'session=1' }).end('no such thing'),
  )
  const { status, headers, body, truncated, url: ended } = await request({ url: `${url}/x` })
  assert.deepEqual(
    { status, body, truncated, ended },
    { status: 404, body: 'no such thing', truncated: false, ended: `${url}/x` },
  )
  assert.equal(headers['x-kind'], 'missing')
  assert.equal(headers['set-cookie'], undefined)
})

test('an answer beyond the limit is cut and says so', async (t) => {
  const { url, request } = await setup(t, (_request, response) => response.end('x'.repeat(1_000)))
  const answer = await request({ url, responseBytesMax: 10 })
  assert.deepEqual([answer.body, answer.truncated], ['xxxxxxxxxx', true])
})

test('an answer of exactly the limit is whole', async (t) => {
  const { url, request } = await setup(t, (_request, response) => response.end('x'.repeat(10)))
  assert.equal((await request({ url, responseBytesMax: 10 })).truncated, false)
})

test('an answer that never ends is cut at the limit', async (t) => {
  const { url, request } = await setup(t, (_request, response) => {
    const more = (): void =>
      void (response.write('x'.repeat(65_536)) ? setImmediate(more) : response.once('drain', more))
    more()
  })
  assert.equal((await request({ url, responseBytesMax: 100_000 })).body.length, 100_000)
})

test('a small answer that unpacks to a huge one is cut at the limit', async (t) => {
  const packed = gzipSync(Buffer.alloc(200 * 1024 * 1024))
  const { url, request } = await setup(t, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
  )
  const answer = await request({ url, responseBytesMax: 1_000 })
  assert.deepEqual([answer.body.length, answer.truncated], [1_000, true])
})

test('a packed answer is unpacked', async (t) => {
  const { url, request } = await setup(t, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync('hello')),
  )
  assert.equal((await request({ url })).body, 'hello')
})

test('a packed answer that is broken leaves open whether the request took effect', async (t) => {
  const { url, request } = await setup(t, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
  )
  await assert.rejects(request({ url, method: 'POST' }), { kind: 'unavailable', effect: undefined })
})

test('a body in another encoding is read in it, and what no store takes is replaced', async (t) => {
  const { url, request } = await setup(t, (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'text/plain; charset=iso-8859-1' })
      .end(Buffer.from([0xe4, 0x00, 0x1b, 0x0a])),
  )
  assert.equal((await request({ url })).body, 'ä\uFFFD\uFFFD\n')
})

for (const [status, method, then, body] of [
  [301, 'POST', 'GET', ''],
  [302, 'POST', 'GET', ''],
  [303, 'PUT', 'GET', ''],
  [302, 'PUT', 'PUT', 'text'],
  [307, 'POST', 'POST', 'text'],
  [308, 'POST', 'POST', 'text'],
  [303, 'HEAD', 'HEAD', ''],
] as const)
  test(`after ${status} a ${method} goes on as ${then}`, async (t) => {
    const { url, request, requests } = await setup(t, (incoming, response) =>
      incoming.url === '/next' ? response.end() : response.writeHead(status, { location: '/next' }).end(),
    )
    await request({
      url,
      method,
      headers: { 'content-type': 'text/plain' },
      body: method === 'HEAD' ? null : 'text',
    })
    const [, arrived] = requests
    assert.deepEqual([arrived?.method, arrived?.body], [then, body])
    assert.equal(arrived?.headers['content-type'], method === then ? 'text/plain' : undefined)
  })

test('to another host a redirect takes no keys along', async (t) => {
  const other = await serve(t, (_request, response) => response.end())
  const first = await serve(t, (_request, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${other.port}/` }).end(),
  )
  const { request } = outside({ privateHosts: ['127.0.0.1'] })
  await request({
    url: first.url,
    headers: { Authorization: 'Basic x', 'X-Api-Key': 'y', Accept: 'text/plain' },
  })
  const headers = other.requests[0]?.headers ?? {}
  assert.deepEqual(
    [headers.authorization, headers['x-api-key'], headers.accept],
    [undefined, undefined, 'text/plain'],
  )
})

test('a request that changes something is not sent on to another host', async (t) => {
  const other = await serve(t, (_request, response) => response.end())
  const { url } = await serve(t, (_request, response) =>
    response.writeHead(307, { location: other.url }).end(),
  )
  const { request } = outside({ privateHosts: ['127.0.0.1'] })
  await assert.rejects(request({ url, method: 'POST', body: 'secret' }), { kind: 'refused' })
  assert.equal(other.requests.length, 0)
})

test('a circle of redirects ends at the limit', async (t) => {
  const { url, request, requests } = await setup(t, (_request, response) =>
    response.writeHead(302, { location: '/' }).end(),
  )
  await assert.rejects(request({ url, redirectsMax: 3 }), { kind: 'refused' })
  assert.equal(requests.length, 4)
})

test('without redirects allowed the redirect itself is the answer', async (t) => {
  const { url, request } = await setup(t, (_request, response) =>
    response.writeHead(302, { location: '/' }).end(),
  )
  assert.equal((await request({ url, redirectsMax: 0 })).status, 302)
})

test('no answer within the time is a time-out that leaves the effect open', async (t) => {
  const { url, request } = await setup(t, () => {})
  await assert.rejects(request({ url, method: 'POST', timeoutMs: 100 }), {
    kind: 'timeout',
    effect: undefined,
  })
})

test('a body that drips is ended by the same time limit', async (t) => {
  const { url, request } = await setup(t, (_request, response) => {
    const drip = setInterval(() => response.write('.'), 10)
    response.once('close', () => clearInterval(drip))
  })
  await assert.rejects(request({ url, timeoutMs: 150 }), { kind: 'timeout' })
})

test('a cancelled request ends at once', async (t) => {
  const stop = new AbortController()
  const { url, request } = await setup(t, () => stop.abort())
  await assert.rejects(request({ url }, stop.signal), { kind: 'cancelled' })
})

test('a request that was cancelled before it began is not sent', async (t) => {
  const { url, request, requests } = await setup(t, (_request, response) => response.end())
  await assert.rejects(request({ url }, AbortSignal.abort()), { kind: 'cancelled', effect: 'none' })
  assert.equal(requests.length, 0)
})

test('a connection that is refused is unavailable, and nothing was sent', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const { request } = outside({ privateHosts: ['127.0.0.1'] })
  await assert.rejects(request({ url: `http://127.0.0.1:${port}/` }), { kind: 'unavailable', effect: 'none' })
})

test('a connection that is cut in the middle leaves the effect open', async (t) => {
  const { url, request } = await setup(t, (incoming) => incoming.socket.destroy())
  await assert.rejects(request({ url, method: 'POST' }), { kind: 'unavailable', effect: undefined })
})

test('an answer that is no HTTP is unavailable', async (t) => {
  const server = createServer((socket) => socket.on('error', () => {}).end('220 mail.test ESMTP\r\n')).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const { request } = outside({ privateHosts: ['127.0.0.1'] })
  await assert.rejects(request({ url: `http://127.0.0.1:${port}/` }), { kind: 'unavailable' })
})

test('headers beyond the limit of an answer are refused', async (t) => {
  const { url, request } = await setup(t, (_request, response) =>
    response.writeHead(200, { 'x-long': 'x'.repeat(networkLimits.responseHeaderBytesMax) }).end(),
  )
  await assert.rejects(request({ url }), { kind: 'unavailable' })
})

for (const [what, wrong] of Object.entries({
  'time limit': { timeoutMs: networkLimits.timeoutMsMax + 1 },
  'time limit that is no number': { timeoutMs: Number.NaN },
  'answer limit': { responseBytesMax: networkLimits.responseBytesMax + 1 },
  'redirect limit': { redirectsMax: networkLimits.redirectsMax + 1 },
  'body limit': { method: 'POST', body: 'x'.repeat(networkLimits.requestBytesMax + 1) },
  method: { method: 'GET / HTTP/1.1\r\nX: y' },
  'method CONNECT': { method: 'CONNECT' },
}))
  test(`a request beyond its ${what} is invalid and not sent`, async (t) => {
    const { url, request, requests } = await setup(t, (_request, response) => response.end())
    await assert.rejects(request({ url, ...wrong }), { kind: 'invalid', effect: 'none' })
    assert.equal(requests.length, 0)
  })
