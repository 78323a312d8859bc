import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import Fastify from 'fastify'
import { freshDatabase, type Kind, kinds } from '../store/bring.ts'
import { seedScene } from './scene.ts'
import { runnerView, serve } from './view.ts'
import { openapi } from '../../runner/status/openapi.ts'
import { apiRoutes } from '../../runner/status/routes-api.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'
import { createMetrics } from '../../runner/world/metrics.ts'

const nowMs = Date.UTC(2026, 10, 22, 14, 3)

async function setup(kind: Kind, t: TestContext) {
  const database = await freshDatabase(kind, t)
  const scene = await seedScene(database, nowMs)
  const { url } = await serve(t, { database, nowMs, compiled: scene.compiled })
  const get = async <Body>(path: string): Promise<Body> => {
    const response = await fetch(url + path)
    assert.equal(response.status, 200, path)
    return (await response.json()) as Body
  }
  return { database, scene, url, get }
}

interface Listing {
  readonly items: readonly { readonly id: string }[]
  readonly next: string | null
}

function validatorOf(path: string) {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  const paths = openapi['paths'] as Record<
    string,
    { get: { responses: { '200': { content: { 'application/json': { schema: object } } } } } }
  >
  const schema = paths[path]?.get.responses['200'].content['application/json'].schema
  return ajv.compile({ ...schema, components: openapi['components'] })
}

for (const kind of kinds) {
  test(`${kind}: every answer is as the description says`, async (t) => {
    const { scene, get } = await setup(kind, t)
    const addresses: Readonly<Record<string, readonly string[]>> = {
      '/api/v1/status': ['/api/v1/status'],
      '/api/v1/flows': ['/api/v1/flows'],
      '/api/v1/flows/{name}': ['data-pipeline', 'price-watch'].map((name) => `/api/v1/flows/${name}`),
      '/api/v1/runs': ['/api/v1/runs?limit=200'],
      '/api/v1/runs/{id}': Object.values(scene.runs).map((id) => `/api/v1/runs/${id}`),
      '/api/v1/approvals': ['/api/v1/approvals', '/api/v1/approvals?state=closed'],
      '/api/v1/commits': ['/api/v1/commits'],
      '/api/v1/decisions': ['/api/v1/decisions'],
    }
    for (const [path, list] of Object.entries(addresses)) {
      const valid = validatorOf(path)
      for (const address of list)
        assert.ok(valid(await get(address)), `${address}: ${JSON.stringify(valid.errors?.slice(0, 3))}`)
    }
  })

  test(`${kind}: listings go on by their cursor until the end`, async (t) => {
    const { get } = await setup(kind, t)
    for (const path of [
      '/api/v1/runs?limit=90',
      '/api/v1/flows?limit=4',
      '/api/v1/approvals?limit=3',
      '/api/v1/commits?limit=3',
    ]) {
      const first = await get<Listing>(path)
      assert.ok(first.next !== null, path)
      const second = await get<Listing>(`${path}&cursor=${first.next}`)
      const seen = new Set(first.items.map((item) => JSON.stringify(item)))
      assert.ok(
        second.items.length > 0 && second.items.every((item) => !seen.has(JSON.stringify(item))),
        path,
      )
    }
  })
}

test('the description names exactly the routes there are', async () => {
  const found: string[] = []
  const app = Fastify()
  app.addHook(
    'onRoute',
    ({ url, method }) => void (method === 'GET' && found.push(url.replaceAll(/:(\w+)/g, '{$1}'))),
  )
  const clock = { ...systemClock, now: () => nowMs }
  const flows = { compiled: async () => null, nextTimes: () => [] }
  const options = { host: '127.0.0.1', port: 0, token: null, publicUrl: null }
  apiRoutes(app, {
    database: null as never,
    clock,
    log: silentLog,
    metrics: createMetrics(),
    runner: () => runnerView(nowMs),
    flows,
    options,
  })
  await app.ready()
  assert.deepEqual(found.sort(), Object.keys(openapi['paths'] as object).sort())
})

test('the description is served', async (t) => {
  const { get } = await setup('postgres', t)
  assert.equal((await get<{ openapi: string }>('/api/v1/openapi.json')).openapi, '3.1.0')
})

test('what does not exist is a 404 in JSON', async (t) => {
  const { url } = await setup('postgres', t)
  for (const path of ['/api/v1/runs/none', '/api/v1/flows/none', '/api/v1/none']) {
    const response = await fetch(url + path)
    assert.equal(response.status, 404)
    assert.equal(((await response.json()) as { error: { code: string } }).error.code, 'not_found')
  }
})
