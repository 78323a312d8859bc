import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aCheckout, type Checkout } from './a-checkout.ts'
import { environmentOf, eventually, type RunnerProcess, startProcess } from './a-process.ts'
import { onCommit, policy } from './texts.ts'
import { freshLocation } from '../store/bring.ts'

interface Item {
  readonly name: string
  readonly state: string
  readonly problems: readonly { readonly code: string; readonly place: { readonly line: number } }[]
}

async function setup(t: TestContext): Promise<{ checkout: Checkout; runner: RunnerProcess }> {
  const checkout = aCheckout(t, { 'flows/policy.yaml': policy, 'flows/on-commit.yaml': onCommit })
  const environment = environmentOf(await freshLocation('pglite', t))
  const runner = await startProcess(t, environment, checkout.folder)
  await eventually(
    async () => ((await runner.get<{ items: Item[] }>('/api/v1/flows')).items.length === 1 ? true : null),
    runner.output,
  )
  return { checkout, runner }
}

test('a commit becomes a run whose result can be read', async (t) => {
  const { checkout, runner } = await setup(t)
  const commit = checkout.commit({ 'notes.md': 'hello' }, 'a note')
  const run = await eventually(async () => {
    const { items } = await runner.get<{ items: { id: string; status: string }[] }>('/api/v1/runs')
    return items.find((one) => one.status === 'succeeded') ?? null
  }, runner.output)
  const shown = await runner.get<{ run?: { outputs: unknown }; outputs?: unknown }>(`/api/v1/runs/${run.id}`)
  assert.deepEqual(shown.outputs ?? shown.run?.outputs, { commit })
})

test('a bad commit keeps the last good version in force and shows the place', async (t) => {
  const { checkout, runner } = await setup(t)
  const bad = onCommit.replace('steps:', 'stepps:')
  checkout.commit({ 'flows/on-commit.yaml': bad }, 'break it')
  const broken = await eventually(async () => {
    const { items } = await runner.get<{ items: Item[] }>('/api/v1/flows')
    return items.find((one) => one.state === 'broken') ?? null
  }, runner.output)
  const unknown = broken.problems.find((problem) => problem.code === 'unknown-key')
  assert.equal(unknown?.place.line, 8)
  const runs = await eventually(async () => {
    const { items } = await runner.get<{ items: { status: string }[] }>('/api/v1/runs')
    return items.length > 0 && items.every((one) => one.status === 'succeeded') ? items : null
  }, runner.output)
  assert.ok(runs.length > 0, 'the last good version still runs on commits')
})

test('a commit that breaks the policy leaves the valid one in force', async (t) => {
  const { checkout, runner } = await setup(t)
  checkout.commit(
    { 'flows/policy.yaml': 'apiVersion: watchbill/v1\nkind: Policy\nname: policy\nbudgett: {}\n' },
    'break the policy',
  )
  const status = await eventually(async () => {
    const view = await runner.get<{ runner: { head: { policyOrigin: string } } }>('/api/v1/status')
    return view.runner.head.policyOrigin === 'kept' ? view.runner : null
  }, runner.output)
  assert.equal(status.head.policyOrigin, 'kept')
})
