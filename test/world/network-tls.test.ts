// Encrypted: the name is proven although the connection goes to an address.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { outside } from './serve.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const certificate = fixture('certificate.pem')

async function setup(t: TestContext) {
  const asked: string[] = []
  const SNICallback = (name: string, done: (error: Error | null) => void): void => {
    asked.push(name)
    done(null)
  }
  const server = createServer(
    { key: fixture('key.pem'), cert: certificate, SNICallback },
    (request, response) =>
      request.url === '/down'
        ? response.writeHead(302, { location: 'http://named.test/' }).end()
        : response.end('safe'),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const names = { 'named.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] }
  const rules = { privateHosts: ['named.test', 'other.test'] }
  return {
    asked,
    port,
    ...outside(rules, names, { certificates: [certificate] }),
    distrusting: outside(rules, names),
  }
}

test('the name goes to the server and its certificate is held against it', async (t) => {
  const { asked, port, request } = await setup(t)
  assert.equal((await request({ url: `https://named.test:${port}/` })).body, 'safe')
  assert.deepEqual(asked, ['named.test'])
})

test('a certificate of another name is refused, and nothing was sent', async (t) => {
  const { port, request } = await setup(t)
  await assert.rejects(request({ url: `https://other.test:${port}/` }), { kind: 'refused', effect: 'none' })
})

test('a certificate that nobody trusts is refused', async (t) => {
  const { port, distrusting } = await setup(t)
  await assert.rejects(distrusting.request({ url: `https://named.test:${port}/` }), {
    kind: 'refused',
    effect: 'none',
  })
})

test('a redirect does not lead out of encryption', async (t) => {
  const { port, request } = await setup(t)
  await assert.rejects(request({ url: `https://named.test:${port}/down` }), { kind: 'refused' })
})
