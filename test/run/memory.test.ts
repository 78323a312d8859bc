// The memory of a flow in its runs: every run adds its part once, whichever runner it has and whatever is taken over.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actions } from '../../actions/index.ts'
import { aRunner } from './a-runner.ts'
import { expression, flowOf, inOrder, literal, step, uses } from './flow-of.ts'
import { freshDatabase, kinds } from '../store/bring.ts'
import type { Action } from '../../runner/model/action.ts'
import { takeOver } from '../../runner/store/runs.ts'

const mine = { is: 'expression', expression: expression((scope) => scope.inputs['n'] ?? null) } as const
const appending = flowOf([step('a', uses('state.append', { name: literal('seen'), value: mine }))])

async function seen(database: Awaited<ReturnType<typeof freshDatabase>>): Promise<number[]> {
  const [row] = await database.query<{ value: number[] }>('select value from flow_state')
  return row?.value ?? []
}

for (const kind of kinds)
  test(`${kind}: two runners whose runs append at the same time lose nothing and double nothing`, async (t) => {
    const database = await freshDatabase(kind, t)
    const given = { flows: [appending], actions, database }
    const one = await aRunner(t, { ...given, owner: 'w1' })
    const two = await aRunner(t, { ...given, owner: 'w2' })
    const items = Array.from({ length: 20 }, (_, n) => n)
    const runs = await Promise.all(
      items.map(
        async (n) =>
          [n % 2 === 0 ? one : two, await (n % 2 === 0 ? one : two).start(appending, { n })] as const,
      ),
    )
    for (const [runner, run] of runs) await runner.until(run, 'succeeded')
    assert.deepEqual(
      (await seen(database)).toSorted((a, b) => a - b),
      items,
    )
  })

test('a change whose runner was lost before it could say so is not made again', async (t) => {
  const database = await freshDatabase('postgres', t)
  const append = actions.find(({ name }) => name === 'state.append') as Action
  let release = (): void => {}
  let done = (): void => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  const changed = new Promise<void>((resolve) => (done = resolve))
  const slow: Action = {
    ...append,
    run: async (input, context) => {
      const output = await append.run(input, context)
      done()
      await gate
      return output
    },
  }
  const old = await aRunner(t, { flows: [appending], actions: [slow], database, owner: 'old' })
  const run = await old.start(appending, { n: 7 })
  await changed
  const heir = await aRunner(t, { flows: [appending], actions: [append], database, owner: 'heir' })
  await heir.database.transaction(async (tx) => {
    await heir.engine.queue.send(tx, await takeOver(tx, ['old']))
  })
  heir.worker.hint()
  await heir.until(run, 'succeeded')
  release()
  assert.deepEqual(await seen(database), [7])
  assert.deepEqual(await database.query("select output->>'length' as n from state_change"), [{ n: '1' }])
})

test('what one run wrote the next run reads, and expressions see value and version', async (t) => {
  const read = step('before', uses('state.read', { name: literal('count'), default: literal(0) }))
  const before = (scope: Parameters<Parameters<typeof expression>[0]>[0]) =>
    (scope.steps['before'] as { output: { value: number; version: number } }).output
  const write = step(
    'after',
    uses('state.write', {
      name: literal('count'),
      value: { is: 'expression', expression: expression((scope) => before(scope).value + 1) },
      expect: { is: 'expression', expression: expression((scope) => before(scope).version) },
    }),
  )
  const flow = flowOf(inOrder([read, write]), {
    outputs: { was: { is: 'expression', expression: expression((scope) => before(scope).value) } },
  })
  const runner = await aRunner(t, { flows: [flow], actions })
  const outputs = []
  for (let n = 0; n < 3; n++)
    outputs.push((await runner.until(await runner.start(flow), 'succeeded', 'failed')).outputs)
  assert.deepEqual(outputs, [{ was: 0 }, { was: 1 }, { was: 2 }])
})
