// Webhooks for steps that wait, over real HTTP into a real store: who may tell a run something, once per event.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { hookKey, hooks, startMs } from './hooks.ts'
import { waitFor, webhookAt } from '../run/an-event.ts'
import { aRunner } from '../run/a-runner.ts'
import { expression, flowOf, step } from '../run/flow-of.ts'
import type { Flow, WebhookTrigger } from '../../runner/model/flow.ts'
import { flowName, stepPath } from '../../runner/model/id.ts'
import type { Json } from '../../runner/model/json.ts'
import { createHear } from '../../runner/trigger/hear.ts'
import type { HookParts } from '../../runner/trigger/webhook.ts'
import { bodyBytesMax } from '../../runner/trigger/webhook-body.ts'
import { systemClock } from '../../runner/world/clock.ts'

const body = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } as const

/** `paid` wherever the test wants it, and `shop.signed` inside a group. */
function waitingFlow(trigger: Partial<WebhookTrigger> = {}): Flow {
  const signed = step(
    'signed',
    waitFor('shop.signed', { event: webhookAt('shop.signed', { auth: 'hmac' }) }),
    {
      path: stepPath('shop.signed'),
    },
  )
  const output = expression((scope) => (scope.steps['paid'] as { output: Json }).output)
  return flowOf(
    [
      step('paid', waitFor('paid', { event: webhookAt('paid', trigger) })),
      step('shop', { is: 'group', steps: [signed] }, { when: expression(() => false) }),
      step('nap', { is: 'wait', wait: { forMs: 1 } }, { when: expression(() => false) }),
    ],
    { outputs: { event: { is: 'expression', expression: output } } },
  )
}

async function setup(
  t: TestContext,
  { trigger = {}, ...more }: Partial<HookParts> & { readonly trigger?: Partial<WebhookTrigger> } = {},
) {
  const flow = waitingFlow(trigger)
  const it = await hooks(t, { clock: systemClock, ...more })
  it.now.head = { ...it.now.head, flows: new Map([[flow.name, flow]]) }
  return { ...it, flow, heard: () => it.arrived.heard.map(({ step: at, slot }) => [at, slot]) }
}

test('a delivery to the path of a waiting step ends its wait with the whole event', async (t) => {
  const runner = await aRunner(t, { flows: [waitingFlow()], actions: [] })
  const it = await setup(t, { hear: createHear(runner.engine) })
  const run = await runner.start(it.flow)
  await runner.until(run, 'parked')
  const sent = await it.bear('test-flow/paid', '{"ok": true}', { 'idempotency-key': 'k1' })
  assert.deepEqual([sent.status, sent.body], [202, { step: 'paid' }])
  const { outputs } = await runner.until(run, 'succeeded')
  const event = outputs?.['event'] as { kind: string; webhook: { id: string; body: Json } }
  assert.deepEqual([event.kind, event.webhook.id, event.webhook.body], ['webhook', 'k1', { ok: true }])
  assert.deepEqual(it.arrived.firings, [])
})

test('a delivery that nobody waits for yet is kept, once', async (t) => {
  const it = await setup(t)
  const first = await it.bear('test-flow/paid', '{}', { 'idempotency-key': 'k1' })
  const again = await it.bear('test-flow/paid', '{}', { 'idempotency-key': 'k1' })
  assert.deepEqual([first.status, first.body], [202, { step: 'paid' }])
  assert.deepEqual([again.status, again.body], [202, { step: 'paid', duplicate: true }])
  assert.deepEqual(it.heard(), [['paid', 'webhook:test-flow:paid:k1']])
})

test('a step inside a group is reached by its path, and a signed delivery twice is one event', async (t) => {
  const it = await setup(t)
  const atMs = systemClock.now()
  const first = await it.sign('test-flow/shop.signed', '{}', atMs)
  const again = await it.sign('test-flow/shop.signed', '{}', atMs)
  assert.deepEqual(
    [first.body, again.body],
    [{ step: 'shop.signed' }, { step: 'shop.signed', duplicate: true }],
  )
  assert.equal(it.heard().length, 1)
})

const wrong: Readonly<Record<string, readonly [path: string, headers: Readonly<Record<string, string>>]>> = {
  'a step that the flow has not': ['test-flow/gate', { authorization: `Bearer ${hookKey}` }],
  'a step that waits for a time': ['test-flow/nap', { authorization: `Bearer ${hookKey}` }],
  'a group': ['test-flow/shop', { authorization: `Bearer ${hookKey}` }],
  'a bearer token where a signature is asked for': [
    'test-flow/shop.signed',
    { authorization: `Bearer ${hookKey}` },
  ],
  'no credentials': ['test-flow/paid', {}],
  'the wrong credentials': ['test-flow/paid', { authorization: 'Bearer guess' }],
}

for (const [what, [path, headers]] of Object.entries(wrong))
  test(`${what} is answered like every other wrong one, and nothing is kept`, async (t) => {
    const it = await setup(t)
    const sent = await it.send(path, '{}', headers)
    assert.deepEqual([sent.status, sent.body], [401, { error: 'unknown hook or wrong credentials' }])
    assert.deepEqual(it.heard(), [])
  })

test('a signature older than five minutes is no proof', async (t) => {
  const it = await setup(t)
  assert.equal((await it.sign('test-flow/shop.signed', '{}', startMs)).status, 401)
})

test('a body that does not fit the schema of the wait, or is too large, is not kept', async (t) => {
  const it = await setup(t, { trigger: { body } })
  assert.equal((await it.bear('test-flow/paid', '{"ok": 1}')).status, 422)
  assert.equal((await it.bear('test-flow/paid', '{"ok": ')).status, 400)
  assert.equal((await it.bear('test-flow/paid', `"${'x'.repeat(bodyBytesMax)}"`)).status, 413)
  assert.deepEqual(it.heard(), [])
})

test('the `id` of the wait names the event, whatever else differs', async (t) => {
  const slot = expression((scope) => (scope.event['webhook'] as { body: { n: number } }).body.n)
  const it = await setup(t, { trigger: { slot } })
  await it.bear('test-flow/paid', '{"n": 7}')
  await it.bear('test-flow/paid', '{"n": 7, "again": true}')
  assert.deepEqual(it.heard(), [['paid', 'webhook:test-flow:paid:7']])
})

test('while nothing may start, what waiting runs are told is kept all the same', async (t) => {
  const it = await setup(t, { stopped: () => true })
  assert.equal((await it.bear('test-flow/paid', '{}')).status, 202)
  assert.equal(it.heard().length, 1)
})

test('what could not be recorded is said to be lost, so that it is sent again', async (t) => {
  const it = await setup(t, { hear: () => Promise.reject(new Error('the store is away')) })
  const sent = await it.bear('test-flow/paid', '{}')
  assert.equal(sent.status, 503)
  assert.equal(sent.headers.get('retry-after'), '10')
})

test('a trigger with the name of a step is the one that a delivery is for', async (t) => {
  const it = await setup(t)
  const flow = { ...it.flow, triggers: [webhookAt('paid')] }
  it.now.head = { ...it.now.head, flows: new Map([[flowName('test-flow'), flow]]) }
  assert.deepEqual((await it.bear('test-flow/paid', '{}')).body, { run: 'run-1' })
  assert.deepEqual(it.heard(), [])
})
