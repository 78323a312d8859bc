// Flows as people write them, on a real engine: what the checker promises of a result is what expressions find.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { spyAction } from './actions.ts'
import { aFiring } from './a-firing.ts'
import { finish, runnerOf } from './words-of.ts'
import { loadRevision } from '../../runner/flow/load.ts'
import { compileVersion } from '../../runner/flow/version.ts'
import type { Action } from '../../runner/model/action.ts'
import { Failure } from '../../runner/model/error.ts'
import { commit } from '../../runner/model/id.ts'

const spy: Action = {
  ...spyAction('test.spy', {
    run: async ({ n, text }) => {
      if (n === 2) throw new Failure('refused', 'not the second')
      return { text: text ?? '', n: n ?? 0 }
    },
  }),
  output: {
    type: 'object',
    properties: { text: { type: 'string' }, n: { type: 'integer' } },
    required: ['text', 'n'],
  },
  sinks: { n: 'quantity', text: 'recipient' },
}

const headOf = (name: string): string => `apiVersion: watchbill/v1\nkind: Flow\nname: ${name}\n`

/** A runner that takes its flows from texts and compiles its runs from what was stored, as the real one does. */
async function running(t: TestContext, texts: readonly string[]) {
  const encoder = new TextEncoder()
  const files = new Map(texts.map((text, index) => [`f${index}.yaml`, encoder.encode(text)]))
  const actions = [spy]
  const revision = loadRevision({ commit: commit('a'.repeat(40)), files }, actions)
  assert.deepEqual(revision.problems, [])
  const versions = new Map(revision.flows.map((version) => [version.flow.version, version]))
  const runner = await runnerOf(t, { flows: revision.flows.map(({ flow }) => flow), actions })
  runner.engine.flowVersion = async (hash, untrusted) => {
    const { flow, closure } = versions.get(hash) ?? assert.fail(`no version ${hash}`)
    return compileVersion({ file: flow.file, closure }, actions, untrusted)
  }
  const start = async (name: string, more: Parameters<typeof aFiring>[1] = {}): Promise<string> => {
    const admitted = await runner.admit(aFiring(name, more))
    return 'refused' in admitted ? assert.fail(admitted.refused) : admitted.run
  }
  return { runner, start, end: async (name: string) => finish(runner, await start(name)) }
}

test('a group in a list: its elements, their steps and their counts', async (t) => {
  const { end } = await running(t, [
    `${headOf('list')}steps:
  - id: g
    each: [1, 2, 3]
    as: one
    on_error: continue
    steps:
      - id: a
        uses: test.spy
        with: { n: "\${ one }" }
      - id: b
        uses: test.spy
        with: { n: "\${ steps.a.output.n + 10 }" }
outputs:
  counts: \${ [steps.g.count, steps.g.succeeded, steps.g.failed, steps.g.denied + steps.g.skipped + steps.g.timed_out] }
  seen: "\${ steps.g.items.map(i, has(i.steps.b) && has(i.steps.b.output) ? i.steps.b.output.n : i.item) }"
  first: \${ steps.g.items[0].status }
`,
  ])
  const { status, outputs } = await end('list')
  assert.deepEqual(
    [status, outputs],
    ['succeeded', { counts: [3, 2, 1, 0], seen: [11, 2, 13], first: 'succeeded' }],
  )
})

test('a group that may fail: what stands behind its status', async (t) => {
  const group = (name: string, n: number): string => `${headOf(name)}steps:
  - id: g
    on_error: continue
    steps:
      - { id: a, uses: test.spy, with: { n: 1 } }
      - { id: h, steps: [{ id: b, uses: test.spy, with: { n: ${n} } }] }
outputs:
  n: "\${ steps.g.status == 'succeeded' ? steps.g.steps.h.steps.b.output.n : -1 }"
  a: "\${ has(steps.g.steps.a) ? steps.g.steps.a.status : 'none' }"
  why: "\${ steps.g.status == 'failed' ? steps.g.error.kind : 'none' }"
`
  const { end } = await running(t, [group('good', 5), group('bad', 2)])
  assert.deepEqual((await end('good')).outputs, { n: 5, a: 'succeeded', why: 'none' })
  assert.deepEqual((await end('bad')).outputs, { n: -1, a: 'succeeded', why: 'refused' })
})

test('an end leaves out what stands behind it, and outputs can ask', async (t) => {
  const { end } = await running(t, [
    `${headOf('early')}steps:
  - { id: a, uses: test.spy, with: { n: 1 } }
  - { id: e, when: steps.a.output.n == 1, end: succeeded, reason: "n is \${ steps.a.output.n }" }
  - { id: b, uses: test.spy, with: { n: 3 } }
outputs:
  a: \${ steps.a.output.n }
  b: "\${ has(steps.b) ? 'ran' : 'left out' }"
`,
  ])
  const { status, outputs } = await end('early')
  assert.deepEqual([status, outputs], ['succeeded', { a: 1, b: 'left out' }])
})

test('a wait that hears nothing has no output', async (t) => {
  const { end } = await running(t, [
    `${headOf('wait')}steps:
  - { id: w, wait: { event: { git: {} }, for: 1s } }
outputs:
  status: \${ steps.w.status }
  commit: "\${ steps.w.status == 'succeeded' ? steps.w.output.git.commit : 'none' }"
`,
  ])
  assert.deepEqual((await end('wait')).outputs, { status: 'timed_out', commit: 'none' })
})

test('repeat looks at each result until it is what is wanted', async (t) => {
  const { end } = await running(t, [
    `${headOf('rounds')}steps:
  - id: a
    uses: test.spy
    with: { n: 5 }
    repeat: { until: steps.a.output.n == 5 && steps.a.status == "succeeded", every: 1s, within: 2s }
  - id: g
    each: [4]
    repeat: { until: steps.g.steps.b.output.n == item, every: 1s, within: 2s }
    steps: [{ id: b, uses: test.spy, with: { n: "\${ item }" } }]
outputs: { n: "\${ [steps.a.output.n, steps.g.items[0].steps.b.output.n] }" }
`,
  ])
  assert.deepEqual((await end('rounds')).outputs, { n: [5, 4] })
})

const called = `${headOf('called')}inputs: { text: { type: string } }
steps: [{ id: a, uses: test.spy, with: { text: "\${ inputs.text }" } }]
outputs: { said: "\${ steps.a.output.text }" }
`
const calls = (value: string): string => `${headOf('caller')}on: { g: { git: {} } }
steps: [{ id: c, call: called, with: { text: "\${ ${value} }" } }]
outputs: { said: "\${ steps.c.output.said }" }
`
const git = { commit: 'c', previous: 'b', branch: 'main', message: 'm', author: 'mallory', files: [] }
const event = {
  kind: 'git',
  scheduled_at: '2026-01-01T00:00:00.000Z',
  fired_at: '2026-01-01T00:00:00.000Z',
  git,
} as const

test('what a caller hands over untrusted asks people in the called flow, where it decides where an action goes', async (t) => {
  const { runner, start } = await running(t, [called, calls('event.git.author')])
  const run = await start('caller', { event, kind: 'git' })
  await runner.until(run, 'parked')
  for (;;) {
    const [child] = await runner.database.query<{ readonly status: string; readonly waiting: unknown }>(
      'select status, waiting from run where parent = $1',
      [run],
    )
    if (child?.status === 'parked') return assert.match(JSON.stringify(child.waiting), /people/)
    assert.notEqual(child?.status, 'succeeded')
    await runner.engine.clock.sleep(5)
  }
})

test('what it hands over as its own does not', async (t) => {
  const { runner, start } = await running(t, [called, calls('event.git.commit')])
  const row = await finish(runner, await start('caller', { event, kind: 'git' }))
  assert.deepEqual([row.status, row.outputs], ['succeeded', { said: 'c' }])
})
