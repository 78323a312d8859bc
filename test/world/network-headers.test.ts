// Headers: nobody begins a second one, frames the request, or sends a secret where it does not belong.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { headerLimits } from '../../runner/world/network-headers.ts'
import { outside, serve } from './serve.ts'

const lines = readFileSync(new URL('../fixtures/injection/crlf.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)
const commands = readFileSync(
  new URL('../fixtures/injection/command-execution-unix.txt', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter(Boolean)

function decoded(line: string): string {
  try {
    return decodeURIComponent(line)
  } catch {
    return line
  }
}

const breaking = lines.map(decoded).filter((line) => /[\r\n]/.test(line))

test('every line of the list that breaks a line is refused in a header', async () => {
  assert.ok(breaking.length >= 5)
  for (const line of breaking)
    await assert.rejects(outside({}).request({ url: 'https://a.test/', headers: { 'x-a': line } }), {
      kind: 'invalid',
    })
})

test('every line of the list that breaks a line is refused in the name of a header', async () => {
  for (const line of breaking)
    await assert.rejects(outside({}).request({ url: 'https://a.test/', headers: { [`a${line}`]: 'b' } }), {
      kind: 'invalid',
    })
})

test('every line of the list that breaks a line is refused in the address', async () => {
  for (const line of breaking)
    await assert.rejects(outside({}).request({ url: `https://a.test${line}` }), { kind: 'refused' })
})

test('every line of the list arrives as the path that it is, and nothing else does', async (t) => {
  const { url, port, requests } = await serve(t, (_request, response) => response.end())
  const { request } = outside({ privateHosts: [`127.0.0.1:${port}`] })
  for (const line of lines) await request({ url: url + line })
  assert.equal(requests.length, lines.length)
  assert.ok(requests.every(({ headers }) => Object.keys(headers).every((name) => !name.includes('cookie'))))
})

test('a line that names a command arrives as the text of a header', async (t) => {
  const { url, port, requests } = await serve(t, (_request, response) => response.end())
  const { request } = outside({ privateHosts: [`127.0.0.1:${port}`] })
  for (const line of commands) await request({ url, headers: { 'x-a': line } })
  assert.deepEqual(
    requests.map(({ headers }) => headers['x-a']),
    commands.map((line) => line.trim()),
  )
})

for (const name of [
  'Host',
  'content-length',
  'Transfer-Encoding',
  'Connection',
  'Upgrade',
  'Proxy-Authorization',
  'TE',
  'Expect',
])
  test(`the header ${name} cannot be set`, async () => {
    const { request } = outside({})
    await assert.rejects(request({ url: 'https://a.test/', headers: { [name]: 'x' } }), { kind: 'refused' })
  })

test('the same header in two spellings is refused', async () => {
  const { request } = outside({})
  await assert.rejects(request({ url: 'https://a.test/', headers: { 'X-A': '1', 'x-a': '2' } }), {
    kind: 'invalid',
  })
})

test('more headers than the limit are refused', async () => {
  const many = Array.from({ length: headerLimits.countMax + 1 }, (_, i) => [`x-${i}`, ''])
  const { request } = outside({})
  await assert.rejects(
    request({ url: 'https://a.test/', headers: Object.fromEntries(many) as Record<string, string> }),
    { kind: 'invalid' },
  )
})

const secrets = {
  secretHosts: { SHOP_TOKEN: ['api.test'], LOCAL_TOKEN: ['127.0.0.1'], UNSET_TOKEN: ['api.test'] },
  secret: (name: string) => (name === 'UNSET_TOKEN' ? null : `${name}-value`),
}

test('a secret goes to a host that is listed for it', async (t) => {
  const { url, requests } = await serve(t, (_request, response) => response.end())
  await outside({ ...secrets, privateHosts: ['127.0.0.1'] }).request({ url, bearer: 'LOCAL_TOKEN' })
  assert.equal(requests[0]?.headers.authorization, 'Bearer LOCAL_TOKEN-value')
})

for (const [what, request] of Object.entries({
  'is not listed for its host': { url: 'https://evil.test/', bearer: 'SHOP_TOKEN' },
  'is not named at all': { url: 'https://api.test/', bearer: 'constructor' },
  'would go without encryption': { url: 'http://api.test/', bearer: 'SHOP_TOKEN' },
  'is not set': { url: 'https://api.test/', bearer: 'UNSET_TOKEN' },
  'stands beside a header Authorization': {
    url: 'https://api.test/',
    bearer: 'SHOP_TOKEN',
    headers: { authorization: 'x' },
  },
}))
  test(`a secret that ${what} is refused before anything is looked up`, async () => {
    const out = outside(secrets)
    await assert.rejects(out.request(request), { kind: 'refused', effect: 'none' })
    assert.deepEqual(out.looked, [])
  })

test('a redirect to another origin loses the secret, even where the secret may go', async (t) => {
  const other = await serve(t, (_request, response) => response.end())
  const first = await serve(t, (_request, response) => response.writeHead(302, { location: other.url }).end())
  await outside({ ...secrets, privateHosts: ['127.0.0.1'] }).request({
    url: first.url,
    bearer: 'LOCAL_TOKEN',
  })
  assert.equal(first.requests[0]?.headers.authorization, 'Bearer LOCAL_TOKEN-value')
  assert.equal(other.requests[0]?.headers.authorization, undefined)
})
