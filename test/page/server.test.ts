import assert from 'node:assert/strict'
import { request } from 'node:http'
import { type TestContext, test } from 'node:test'
import { freshDatabase, type Kind, kinds } from '../store/bring.ts'
import { type Scene, seedScene } from './scene.ts'
import { serve, type Serving } from './view.ts'

const nowMs = Date.UTC(2026, 10, 22, 14, 3)
const pageBytesMax = 60_000

async function setup(kind: Kind, t: TestContext, over: Partial<Serving> = {}) {
  const database = await freshDatabase(kind, t)
  const scene = await seedScene(database, nowMs)
  const { url, server } = await serve(t, { database, nowMs, compiled: scene.compiled, ...over })
  return { database, scene, url, server }
}

function pagesOf(scene: Scene): string[] {
  const runs = Object.values(scene.runs).map((id) => `/runs/${id}`)
  const tickets = Object.values(scene.tickets).map((id) => `/approvals/${id}`)
  const flows = ['support-mail', 'data-pipeline', 'code-delivery', 'price-watch', 'nightly-backup'].map(
    (name) => `/flows/${name}`,
  )
  return [
    '/',
    '/flows',
    '/runs',
    '/runs?flow=disk-watch&status=succeeded&since=24h',
    '/approvals',
    '/commits',
    '/spend',
    ...flows,
    ...runs,
    ...tickets,
  ]
}

/** Unlike fetch, sends the Host header it is told to. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', reject).end()
  })
}

for (const kind of kinds) {
  test(`${kind}: every page is there, in both languages, and small`, async (t) => {
    const { scene, url } = await setup(kind, t)
    for (const page of pagesOf(scene)) {
      for (const lang of ['en', 'ko']) {
        const response = await fetch(`${url}${page}${page.includes('?') ? '&' : '?'}lang=${lang}`)
        const body = await response.text()
        assert.equal(response.status, 200, page)
        assert.ok(Buffer.byteLength(body) < pageBytesMax, `${page} has ${Buffer.byteLength(body)} bytes`)
        assert.match(body, new RegExp(`<html lang="${lang}">`))
        assert.doesNotMatch(body, /undefined|\[object|NaN/, page)
      }
    }
  })

  test(`${kind}: an empty store has every page too`, async (t) => {
    const { url } = await serve(t, { database: await freshDatabase(kind, t), nowMs })
    for (const page of ['/', '/flows', '/runs', '/approvals', '/commits', '/spend'])
      assert.equal((await fetch(url + page)).status, 200)
  })

  test(`${kind}: a store that is away is told as such, with a way on`, async (t) => {
    const { database, url } = await setup(kind, t)
    await database.close()
    const page = await fetch(`${url}/`)
    assert.equal(page.status, 503)
    assert.match(await page.text(), /watchbill doctor/)
    assert.equal((await fetch(`${url}/api/v1/runs`)).status, 503)
  })
}

test('the chosen language stays in every link', async (t) => {
  const { url } = await setup('postgres', t)
  const body = await (await fetch(`${url}/?lang=ko`)).text()
  const links = [...body.matchAll(/href="(\/[^"]*)"/g)].map((match) => match[1] ?? '')
  const inner = links.filter((link) => !link.startsWith('/assets/') && !link.startsWith('/api/'))
  assert.ok(inner.length > 15)
  assert.deepEqual(
    inner.filter((link) => !/[?&;]lang=(ko|en)/.test(link)),
    [],
  )
})

test('every internal link of every page leads somewhere', async (t) => {
  const { scene, url } = await setup('postgres', t)
  const links = new Set<string>()
  for (const page of pagesOf(scene)) {
    const body = await (await fetch(url + page)).text()
    for (const [, link] of body.matchAll(/(?:href|src)="(\/[^"#]*)/g))
      links.add((link ?? '').replaceAll('&amp;', '&'))
  }
  assert.ok(links.size > 60)
  for (const link of links) assert.equal((await fetch(url + link)).status, 200, link)
})

test('an unknown address is a page with a way back', async (t) => {
  const { url } = await setup('postgres', t)
  for (const path of [
    '/nothing',
    '/runs/none',
    '/flows/none',
    '/approvals/none',
    '/runs/%00',
    '/find?q=nothing-like-it',
  ]) {
    const response = await fetch(url + path)
    assert.equal(response.status, 404, path)
    assert.match(await response.text(), /<a href="\/">/)
  }
})

test('an address too long for anything of ours is refused as such', async (t) => {
  const { url } = await setup('postgres', t)
  assert.equal((await fetch(`${url}/flows/${'x'.repeat(300)}`)).status, 414)
})

test('a wrong value in the address is named, not guessed at', async (t) => {
  const { url } = await setup('postgres', t)
  for (const path of [
    '/runs?status=gone',
    '/runs?since=yesterday',
    "/runs?cursor='--",
    '/flows?cursor=A',
    '/commits?cursor=x',
    '/approvals?queue=-1',
    '/runs?flow=%00',
  ]) {
    const response = await fetch(url + path)
    assert.equal(response.status, 400, path)
  }
  const api = await fetch(`${url}/api/v1/runs?limit=1000`)
  assert.equal(((await api.json()) as { error: { code: string } }).error.code, 'bad_query')
})

test('nothing but looking is answered', async (t) => {
  const { url } = await setup('postgres', t)
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const response = await fetch(`${url}/runs`, { method })
    assert.equal(response.status, 405, method)
    assert.equal(response.headers.get('allow'), 'GET, HEAD')
  }
  const head = await fetch(`${url}/runs`, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(await head.text(), '')
})

test('browsers are told to run only our files and to frame nothing', async (t) => {
  const { url } = await setup('postgres', t)
  for (const path of ['/', '/nothing', '/api/v1/runs', '/healthz']) {
    const { headers } = await fetch(url + path)
    const policy = headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /unsafe|\*/)
    assert.equal(headers.get('x-frame-options'), 'DENY')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.equal(headers.get('cache-control'), 'no-store')
  }
})

test('the files of the page are kept for ever, by a name that changes with them', async (t) => {
  const { url } = await setup('postgres', t)
  const body = await (await fetch(url)).text()
  const assets = [...body.matchAll(/"(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
  assert.equal(assets.length, 3)
  for (const asset of assets) {
    const response = await fetch(url + asset)
    assert.match(response.headers.get('cache-control') ?? '', /max-age=31536000, immutable/)
  }
})

test('a name that was pointed at this machine is not answered', async (t) => {
  const { url } = await setup('postgres', t)
  assert.equal(await statusWithHost(url, 'evil.example'), 421)
  assert.equal(await statusWithHost(url, 'localhost:1'), 200)
})

test('with a token everything but health asks for it', async (t) => {
  const token = 'correct-horse-battery'
  const options = { token }
  const { url } = await setup('postgres', t, { options })
  for (const path of ['/', '/api/v1/runs', '/events', '/metrics', '/nothing'])
    assert.equal((await fetch(url + path)).status, 401, path)
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  const headers = { authorization: `Bearer ${token}` }
  assert.equal((await fetch(`${url}/metrics`, { headers })).status, 200)
  const welcome = await fetch(`${url}/runs?flow=x&token=${token}`, { redirect: 'manual' })
  assert.equal(welcome.status, 303)
  assert.equal(welcome.headers.get('location'), '/runs?flow=x')
  const cookie = welcome.headers.get('set-cookie')?.split(';')[0] ?? ''
  assert.equal((await fetch(`${url}/runs`, { headers: { cookie } })).status, 200)
})

test('who was not let in learns nothing of the runner', async (t) => {
  const { url } = await setup('postgres', t, { options: { token: 'correct-horse-battery' } })
  for (const path of ['/', '/nothing', '/%zz', `/flows/${'x'.repeat(300)}`]) {
    const response = await fetch(url + path)
    assert.ok(response.status >= 400, path)
    assert.doesNotMatch(await response.text(), /acme|3f2a91c|watch-1|0\.1\.0/)
  }
})

test('an address that cannot be read is a page with our headers too', async (t) => {
  const { url } = await setup('postgres', t)
  const response = await fetch(`${url}/runs/%zz`)
  assert.equal(response.status, 400)
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.match(await response.text(), /<h1>/)
})

test('the token cannot send the reader to another place', async (t) => {
  const token = 'correct-horse-battery'
  const { url } = await setup('postgres', t, { options: { token } })
  const away = await fetch(`${url}//evil.example/x?token=${token}`, { redirect: 'manual' })
  assert.equal(away.headers.get('location'), '/evil.example/x')
})
