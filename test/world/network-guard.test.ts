// Nothing inside is reached that the operator did not list: by address, by name, by redirect, by changing its mind.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { test } from 'node:test'
import { urlCharactersMax } from '../../runner/world/network-target.ts'
import { outside, serve } from './serve.ts'

const cases = JSON.parse(readFileSync(new URL('../fixtures/ssrf/urls.json', import.meta.url), 'utf8')) as {
  own: string[]
}

/** The names of the list as they resolve in the world. */
const names = {
  '127.0.0.1.nip.io': ['127.0.0.1'],
  'localtest.me': ['::1', '127.0.0.1'],
  localhost: ['127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
}

for (const url of cases.own) {
  test(`refused directly: ${url}`, async () => {
    await assert.rejects(outside({}, names).request({ url }), { kind: 'refused', effect: 'none' })
  })

  test(`refused after a redirect: ${url}`, async (t) => {
    const { url: start, port } = await serve(t, (_request, response) =>
      response.writeHead(302, { location: Buffer.from(url).toString('latin1') }).end(),
    )
    const { request } = outside({ privateHosts: [`127.0.0.1:${port}`] }, names)
    await assert.rejects(request({ url: start }), { kind: 'refused' })
  })
}

const addresses = cases.own.map((url) => URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '')
for (const address of new Set(addresses.filter((host) => isIP(host) !== 0)))
  test(`refused after a lookup that gives ${address}`, async () => {
    const { request } = outside({}, { 'evil.test': [address] })
    await assert.rejects(request({ url: 'http://evil.test/' }), { kind: 'refused', effect: 'none' })
  })

test('an address line beyond the limit is refused', async () => {
  const url = `https://a.test/${'x'.repeat(urlCharactersMax)}`
  await assert.rejects(outside({}).request({ url }), { kind: 'refused', effect: 'none' })
})

test('one private address among public ones refuses the host', async () => {
  const { request } = outside({}, { 'mixed.test': ['93.184.216.34', '10.0.0.1'] })
  await assert.rejects(request({ url: 'http://mixed.test/' }), { kind: 'refused' })
})

test('a listed private host is reached by the name it was listed with', async (t) => {
  const { port } = await serve(t, (_request, response) => response.end('here'))
  const { request } = outside({ privateHosts: [`intern.test:${port}`] }, { 'intern.test': ['127.0.0.1'] })
  assert.equal((await request({ url: `http://intern.test:${port}/` })).body, 'here')
})

test('a host listed with a port is not reached on another port', async (t) => {
  const { url, port } = await serve(t, (_request, response) => response.end('here'))
  await assert.rejects(outside({ privateHosts: [`127.0.0.1:${port - 1}`] }).request({ url }), {
    kind: 'refused',
  })
})

test('a listed name that leads to the metadata address is refused all the same', async () => {
  const { request } = outside({ privateHosts: ['intern.test'] }, { 'intern.test': ['169.254.169.254'] })
  await assert.rejects(request({ url: 'http://intern.test/latest/' }), { kind: 'refused' })
})

test('the connection goes to the address that was judged, whatever the machine itself makes of the name', async (t) => {
  const { port, requests } = await serve(t, (_request, response) => response.end('inside'))
  const { request, looked } = outside({ privateHosts: ['localhost'] }, { localhost: ['127.0.0.2'] })
  await assert.rejects(request({ url: `http://localhost:${port}/` }), { kind: 'unavailable' })
  assert.deepEqual(looked, ['localhost'])
  assert.equal(requests.length, 0)
})

test('the name is sent as Host although the connection goes to an address', async (t) => {
  const { port, requests } = await serve(t, (_request, response) => response.end())
  await outside({ privateHosts: ['intern.test'] }, { 'intern.test': ['127.0.0.1'] }).request({
    url: `http://intern.test.:${port}/`,
  })
  assert.equal(requests[0]?.headers.host, `intern.test:${port}`)
})

test('a host outside the egress list is refused before it is looked up', async () => {
  const { request, looked } = outside(
    { egressHosts: ['api.example.com'] },
    { 'evil.test': ['93.184.216.34'] },
  )
  await assert.rejects(request({ url: 'https://evil.test/' }), { kind: 'refused', effect: 'none' })
  assert.deepEqual(looked, [])
})

test('a redirect leaves the egress list no more than a request does', async (t) => {
  const { url, port } = await serve(t, (_request, response) =>
    response.writeHead(302, { location: 'http://evil.test/' }).end(),
  )
  const { request, looked } = outside({ egressHosts: ['127.0.0.1'], privateHosts: [`127.0.0.1:${port}`] })
  await assert.rejects(request({ url }), { kind: 'refused' })
  assert.deepEqual(looked, [])
})

test('rules are read for each redirect, so that a changed policy holds at once', async (t) => {
  let port = 0
  const allowed: string[] = []
  const served = await serve(t, (request, response) => {
    if (request.url !== '/') return response.end('reached')
    allowed.length = 0
    return response.writeHead(302, { location: `http://127.0.0.1:${port}/next` }).end()
  })
  port = served.port
  allowed.push('127.0.0.1')
  await assert.rejects(outside({ privateHosts: allowed }).request({ url: served.url }), { kind: 'refused' })
})

test('a host that nobody knows is unavailable, and nothing was sent', async () => {
  await assert.rejects(outside({}).request({ url: 'https://nowhere.test/' }), {
    kind: 'unavailable',
    effect: 'none',
  })
})

test('a lookup that never ends is ended by the time limit', async () => {
  const resolve = (_host: string, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error)),
    )
  const { request } = outside({}, {}, { resolve })
  await assert.rejects(request({ url: 'https://slow.test/', timeoutMs: 50 }), {
    kind: 'timeout',
    effect: 'none',
  })
})
