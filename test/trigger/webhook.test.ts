// Webhooks over real HTTP: who may start what, once per event, and what is told to whom.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { Stop } from '../../runner/model/error.ts'
import { createHookServer } from '../../runner/trigger/webhook.ts'
import { replayMsMax } from '../../runner/trigger/webhook-proof.ts'
import { silentLog } from '../../runner/world/log.ts'
import { systemRandom } from '../../runner/world/random.ts'
import { hookKey, hooks, signature, startMs } from './hooks.ts'

test('a delivery with the hook key starts a run and names it', async (t) => {
  const it = await hooks(t)
  const sent = await it.bear('open/hook', '{"n": 1}', { 'x-shop-event': 'order' })
  assert.deepEqual([sent.status, sent.body], [202, { run: 'run-1' }])
  const [firing] = it.arrived.firings
  const webhook = firing?.event['webhook'] as { body: unknown; headers: Record<string, string>; id: string }
  assert.deepEqual(
    [firing?.flow, firing?.trigger, firing?.kind, firing?.startedBy, firing?.overlap],
    ['open', 'hook', 'webhook', 'trigger:hook', 'allow'],
  )
  assert.deepEqual([firing?.event.scheduled_at, webhook.body], ['2026-11-22T09:00:00.000Z', { n: 1 }])
  assert.equal(webhook.headers['x-shop-event'], 'order')
  assert.equal(webhook.headers['authorization'], undefined)
  assert.equal(firing?.slot, `webhook:open:hook:${webhook.id}`)
})

test('a signed delivery starts a run, and the same one again is the same run', async (t) => {
  const it = await hooks(t)
  const first = await it.sign('signed/hook', '{"n": 1}')
  const again = await it.sign('signed/hook', '{"n": 1}')
  const other = await it.sign('signed/hook', '{"n": 2}')
  const later = await it.sign('signed/hook', '{"n": 1}', startMs + 1_000)
  assert.deepEqual([first.status, first.body], [202, { run: 'run-1' }])
  assert.deepEqual([again.status, again.body], [202, { run: 'run-1', duplicate: true }])
  assert.deepEqual([other.body, later.body], [{ run: 'run-2' }, { run: 'run-3' }])
})

test('with a bearer token every delivery is another, unless it says its own key', async (t) => {
  const it = await hooks(t)
  await it.bear('open/hook', '{}')
  await it.bear('open/hook', '{}')
  await it.bear('open/hook', '{}', { 'idempotency-key': 'k1' })
  const again = await it.bear('open/hook', '{}', { 'idempotency-key': 'k1' })
  assert.deepEqual(again.body, { run: 'run-3', duplicate: true })
  assert.equal(it.arrived.firings.length, 3)
})

test('the `id` of the flow names the event, whatever else differs', async (t) => {
  const it = await hooks(t)
  await it.bear('shaped/hook', '{"order": {"id": "A-7", "count": 1}}')
  const again = await it.bear('shaped/hook', '{"order": {"id": "A-7", "count": 2}}')
  assert.deepEqual(again.body, { run: 'run-1', duplicate: true })
  assert.deepEqual(it.arrived.slots(), ['webhook:shaped:hook:A-7'])
})

test('an `id` as long as a letter is kept as its hash', async (t) => {
  const it = await hooks(t)
  await it.bear('shaped/hook', JSON.stringify({ order: { id: 'x'.repeat(500) } }))
  assert.match(it.arrived.slots()[0] ?? '', /^webhook:shaped:hook:[0-9a-f]{64}$/)
})

test('an `id` that is empty is refused', async (t) => {
  const it = await hooks(t)
  assert.equal((await it.bear('shaped/hook', '{"order": {"id": ""}}')).status, 422)
})

test('a trigger with a secret of its own takes that and not the hook key', async (t) => {
  const it = await hooks(t)
  assert.equal((await it.bear('secret/hook', '{}')).status, 401)
  const own = await it.bear('secret/hook', '{}', { authorization: 'Bearer the-secret-of-the-shop' })
  assert.equal(own.status, 202)
})

const wrong: Readonly<Record<string, readonly [path: string, headers: Readonly<Record<string, string>>]>> = {
  'an unknown flow': ['nobody/hook', { authorization: `Bearer ${hookKey}` }],
  'an unknown trigger': ['open/nobody', { authorization: `Bearer ${hookKey}` }],
  'a trigger of another kind': ['timed/hook', { authorization: `Bearer ${hookKey}` }],
  'a flow named like a property of objects': [
    '__proto__/constructor',
    { authorization: `Bearer ${hookKey}` },
  ],
  'no credentials': ['open/hook', {}],
  'a wrong token': ['open/hook', { authorization: 'Bearer wrong' }],
  'a token that begins right': ['open/hook', { authorization: `Bearer ${hookKey.slice(0, -1)}` }],
  'an empty token': ['open/hook', { authorization: 'Bearer ' }],
  'another scheme': ['open/hook', { authorization: `Basic ${hookKey}` }],
  'a token where a signature is wanted': ['signed/hook', { authorization: `Bearer ${hookKey}` }],
  'a signature where a token is wanted': [
    'open/hook',
    { 'x-watchbill-signature': signature('{}', startMs, hookKey) },
  ],
  'a signature by another key': [
    'signed/hook',
    { 'x-watchbill-signature': signature('{}', startMs, 'other') },
  ],
  'a signature of another body': [
    'signed/hook',
    { 'x-watchbill-signature': signature('{ }', startMs, hookKey) },
  ],
  'a signature without a time': [
    'signed/hook',
    { 'x-watchbill-signature': signature('{}', startMs, hookKey).replace(/^t=\d+,/, '') },
  ],
  'a signature of nonsense': ['signed/hook', { 'x-watchbill-signature': 't=1,v1=zz,,,=,v1' }],
  'a secret that is empty': ['empty/hook', {}],
  'a secret that is not set': ['unset/hook', { authorization: 'Bearer ' }],
  'a secret that is not set, by its name': ['unset/hook', { authorization: 'Bearer null' }],
}

for (const [what, [path, headers]] of Object.entries(wrong))
  test(`${what} is answered like every other wrong one, and nothing starts`, async (t) => {
    const it = await hooks(t)
    const sent = await it.send(path, '{}', headers)
    assert.deepEqual([sent.status, sent.body], [401, { error: 'unknown hook or wrong credentials' }])
    assert.equal(it.arrived.firings.length, 0)
  })

test('a signed time is taken up to five minutes away, either way, and not a second more', async (t) => {
  const it = await hooks(t)
  for (const away of [replayMsMax, -replayMsMax])
    assert.equal((await it.sign('signed/hook', '{}', startMs + away)).status, 202)
  for (const away of [replayMsMax + 1_000, -replayMsMax - 1_000])
    assert.equal((await it.sign('signed/hook', '{}', startMs + away)).status, 401)
})

test('of two signatures one has to be right, so that a secret can change', async (t) => {
  const it = await hooks(t)
  const both = `${signature('{}', startMs, 'old')},${signature('{}', startMs, hookKey).split(',')[1]}`
  assert.equal((await it.send('signed/hook', '{}', { 'x-watchbill-signature': both })).status, 202)
})

test('while nothing may start, whoever proved itself is told when to come back, and others nothing', async (t) => {
  let stopped = false
  const it = await hooks(t, { stopped: () => stopped })
  const paused = await it.bear('paused/hook', '{}')
  assert.deepEqual([paused.status, paused.headers.get('retry-after')], [503, '60'])
  stopped = true
  assert.equal((await it.bear('open/hook', '{}')).status, 503)
  assert.equal((await it.send('open/hook', '{}', {})).status, 401)
  stopped = false
  it.now.head = { ...it.now.head, policy: { ...it.now.head.policy, suspended: true } }
  assert.equal((await it.bear('open/hook', '{}')).status, 503)
  assert.equal(it.arrived.firings.length, 0)
})

test('what could not be recorded is said to be lost, so that it is sent again', async (t) => {
  const it = await hooks(t)
  it.arrived.answers = ['throw']
  const sent = await it.bear('open/hook', '{}')
  assert.deepEqual([sent.status, sent.headers.get('retry-after')], [503, '10'])
  assert.doesNotMatch(JSON.stringify(sent.body), /store/)
})

test('a firing that a limit drops is refused with the reason', async (t) => {
  const it = await hooks(t)
  it.arrived.answers = [{ refused: 'flow:open: already has 1 of 1 runs' }]
  assert.equal((await it.bear('open/hook', '{}')).status, 409)
})

test('an address that is refused too often is asked to wait, and after a minute it may go on', async (t) => {
  const it = await hooks(t, { refusedPerMinuteMax: 3 })
  const statuses = []
  for (let i = 0; i < 5; i++) statuses.push((await it.bear('nowhere/hook', '{}')).status)
  assert.deepEqual(statuses, [401, 401, 401, 429, 429])
  assert.equal((await it.bear('open/hook', '{}')).headers.get('retry-after'), '60')
  await it.clock.advance(60_000)
  assert.equal((await it.bear('open/hook', '{}')).status, 202)
})

test('an address whose requests are taken is never asked to wait', async (t) => {
  const it = await hooks(t, { refusedPerMinuteMax: 3 })
  const statuses = []
  for (let i = 0; i < 5; i++) statuses.push((await it.bear('open/hook', '{}')).status)
  assert.deepEqual(statuses, [202, 202, 202, 202, 202])
})

for (const [method, path] of [
  ['GET', '/hooks/open/hook'],
  ['GET', '/'],
  ['POST', '/hooks/open'],
  ['PUT', '/hooks/open/hook'],
] as const)
  test(`${method} ${path} is not there`, async (t) => {
    const it = await hooks(t)
    assert.equal((await fetch(it.url + path, { method })).status, 404)
  })

test('a port that is taken stops the start with the variable to change', async (t) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  t.after(() => taken.close())
  const { port } = taken.address() as { readonly port: number }
  const it = await hooks(t)
  const server = createHookServer({
    host: '127.0.0.1',
    port,
    clock: it.clock,
    random: systemRandom,
    log: silentLog,
    head: () => it.now.head,
    hookKey: () => hookKey,
    secret: () => null,
    admit: it.arrived.admit,
    hear: it.arrived.hear,
  })
  await assert.rejects(server.listen(), (thrown) => thrown instanceof Stop && thrown.exitCode === 3)
})
