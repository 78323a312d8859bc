// Actions that misbehave: the run fails, typed; the runner and a neighbour notice nothing.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aRunner, type RunnerUnderTest } from './a-runner.ts'
import { type Spy, spyAction } from './actions.ts'
import { expression, flowOf, literal, step, uses } from './flow-of.ts'
import type { Step } from '../../runner/model/flow.ts'
import { flowName } from '../../runner/model/id.ts'
import type { Json } from '../../runner/model/json.ts'
import { type Clock, systemClock } from '../../runner/world/clock.ts'

interface Bad {
  readonly spy: Spy
  readonly step?: Partial<Step>
  readonly outputs?: Parameters<typeof flowOf>[1]
  readonly clock?: Clock
}

interface Ended {
  readonly runner: RunnerUnderTest
  readonly run: string
  readonly kind: string | undefined
  readonly message: string
}

/** Runs it beside a neighbour, which has to end well. */
async function beside(t: TestContext, bad: Bad): Promise<Ended> {
  const flow = flowOf([step('a', uses('bad'), bad.step ?? {})], bad.outputs ?? {})
  const other = flowOf([step('a', uses('good'))], { name: flowName('other'), version: 'v2' })
  const actions = [spyAction('bad', bad.spy), spyAction('good')]
  const clock = bad.clock ?? systemClock
  const runner = await aRunner(t, { flows: [flow, other], actions, clock })
  const [run, neighbour] = await Promise.all([runner.start(flow), runner.start(other)])
  const { error } = await runner.until(run, 'failed')
  await runner.until(neighbour, 'succeeded')
  await runner.until(await runner.start(other), 'succeeded')
  return { runner, run, kind: error?.kind, message: error?.message ?? '' }
}

const nul = '\0'
const half = '\ud83d'
const liar = {
  get message(): string {
    throw new Error('no')
  },
  toString: () => {
    throw new Error('no')
  },
}
class Treacherous extends Error {
  override get message(): string {
    throw new Error('no')
  }
}

const thrown: Readonly<Record<string, { readonly value: unknown; readonly message: RegExp }>> = {
  'a text': { value: 'oops', message: /^threw string$/ },
  undefined: { value: undefined, message: /^threw undefined$/ },
  null: { value: null, message: /^threw object$/ },
  'an object whose getters throw': { value: liar, message: /^threw object$/ },
  'an error whose message throws': { value: new Treacherous(), message: /cannot be looked at/ },
  'an error whose message is no text': {
    value: Object.assign(new Error('x'), { message: 7 }),
    message: /^threw object$/,
  },
  'an error with NUL and half a pair': { value: new Error(`a${nul}b${half}`), message: /^a\u2400b\ufffd$/ },
  'an error that is cut in the middle of a pair': {
    value: new Error(`${'x'.repeat(1_999)}😀`),
    message: /x\ufffd$/,
  },
}

for (const [name, { value, message }] of Object.entries(thrown)) {
  test(`an action that throws ${name} fails its run alone`, async (t) => {
    const ended = await beside(t, { spy: { run: () => Promise.reject(value) } })
    assert.equal(ended.kind, 'invalid')
    assert.match(ended.message, message)
  })
}

test('an action that throws before it gives a promise fails its run alone', async (t) => {
  const run = (): never => {
    throw new Error('at once')
  }
  assert.equal((await beside(t, { spy: { run } })).message, 'at once')
})

const outputs: Readonly<Record<string, { readonly value: unknown; readonly why: RegExp }>> = {
  'of 100 MB': { value: 'x'.repeat(100_000_000), why: /100000002 bytes, the limit is 1048576/ },
  'with NUL': { value: { text: nul }, why: /NUL/ },
  'with half a pair': { value: { [half]: 1 }, why: /half of a surrogate pair/ },
  'that is a function': { value: () => 1, why: /not JSON/ },
}

for (const [name, { value, why }] of Object.entries(outputs)) {
  test(`an output ${name} fails its run alone`, async (t) => {
    const ended = await beside(t, { spy: { run: async () => value as Json } })
    assert.equal(ended.kind, 'invalid')
    assert.match(ended.message, why)
  })
}

for (const [name, text] of Object.entries({ NUL: nul, 'half a pair': half })) {
  test(`an input that is rendered with ${name} fails its run alone, and nothing leaves`, async (t) => {
    const work = uses('bad', { text: { is: 'expression', expression: expression(() => text) } })
    const calls: unknown[] = []
    const run = async (): Promise<null> => (calls.push(1), null)
    const ended = await beside(t, { spy: { repetition: 'once', run }, step: { work } })
    assert.equal(ended.kind, 'invalid')
    assert.deepEqual(calls, [])
  })

  test(`an output of the run that is rendered with ${name} fails it alone`, async (t) => {
    const given = { outputs: { text: literal(text) } }
    assert.equal((await beside(t, { spy: {}, outputs: given })).kind, 'invalid')
  })

  test(`a list of elements with ${name} fails its run alone`, async (t) => {
    const each = { list: expression(() => [text, text]), as: 'item', maxParallel: 2 }
    assert.equal((await beside(t, { spy: {}, step: { each } })).kind, 'invalid')
  })
}

test('an action that never returns is ended by the time limit of its step', async (t) => {
  const run = (_: unknown, { signal }: { readonly signal: AbortSignal }): Promise<never> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  const ended = await beside(t, { spy: { run }, step: { timeoutMs: 50 } })
  assert.equal(ended.kind, 'timeout')
})

test('an action that does not hear that it shall stop is left behind, and its late result reaches nobody', async (t) => {
  const late = Promise.withResolvers<null>()
  const hasty = { ...systemClock, after: (ms: number, call: () => void) => systemClock.after(ms / 100, call) }
  const ended = await beside(t, {
    spy: { run: () => late.promise },
    step: { timeoutMs: 5_000 },
    clock: hasty,
  })
  assert.equal(ended.kind, 'timeout')
  late.resolve(null)
  await systemClock.sleep(20)
  const facts = 'select fact from journal where run = $1 and fact @> \'{"is": "succeeded"}\''
  assert.deepEqual(await ended.runner.database.query(facts, [ended.run]), [])
})

test('a rejection that an action leaves behind reaches nobody else', async (t) => {
  const heard = Promise.withResolvers<unknown>()
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.once('unhandledRejection', heard.resolve)
  t.after(() => listeners.forEach((one) => process.on('unhandledRejection', one)))
  const run = async (): Promise<never> => {
    setImmediate(() => void Promise.reject(new Error('left behind')))
    throw new Error('first')
  }
  assert.equal((await beside(t, { spy: { run } })).message, 'first')
  assert.match(String(await heard.promise), /left behind/)
})
