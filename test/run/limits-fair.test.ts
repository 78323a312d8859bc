// A backlog is its own problem: others start within the first window, other keys are let in, the urgent go first.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aRunner } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { expression, flowOf, inOrder, step, uses } from './flow-of.ts'
import { kinds } from '../store/bring.ts'
import { manyRuns } from '../store/many-runs.ts'
import type { Decided, Question } from '../../runner/model/decision.ts'
import type { DecideWork } from '../../runner/model/flow.ts'
import { flowName } from '../../runner/model/id.ts'
import { letIn } from '../../runner/run/let-in.ts'

const backlog = 20_000
const window = 64

for (const kind of kinds) {
  test(`${kind}: behind ${backlog} ready runs of one flow, a run of another starts within the first window`, async (t) => {
    const other = flowOf([step('a', uses('mark'))], { name: flowName('other'), version: 'v2' })
    const flow = flowOf([step('a', uses('spy'))], { name: flowName('many') })
    const mark = spyAction('mark')
    const spy = spyAction('spy')
    const runner = await aRunner(t, { flows: [flow, other], actions: [spy, mark], kind })
    await manyRuns(runner.database, { flow: 'many', runs: backlog, status: 'ready' })
    await runner.worker.look()
    while (spy.calls.length === 0) await runner.engine.clock.sleep(1)
    const before = spy.calls.length
    const run = await runner.start(other)
    await runner.until(run, 'succeeded')
    const between = spy.calls.length - before
    t.diagnostic(`${between} runs of the backlog started in between`)
    // Two windows: the one that stood when it was born, and what was claimed of the next while it ended.
    assert.ok(between <= 2 * window, `${between} runs came before it`)
    runner.stop(true)
  })

  test(`${kind}: letting in stays quick behind ${backlog} of one key, and other keys do not wait for it`, async (t) => {
    const flow = flowOf([step('a', uses('spy'))], { name: flowName('many') })
    const runner = await aRunner(t, { flows: [flow], actions: [spyAction('spy')], kind })
    const { database } = runner
    await manyRuns(database, { flow: 'many', runs: backlog, status: 'queued', key: 'full' })
    await manyRuns(database, { flow: 'many', name: 'holder', runs: 1, status: 'parked' })
    const holding = `insert into run_limit (key, run, max, holds) values ('full', 'holder-00000', 1, true)`
    await database.query(holding, [])
    await manyRuns(database, { flow: 'many', name: 'other', runs: 1, status: 'queued', key: 'open' })
    const startMs = performance.now()
    await runner.worker.letIn()
    const sweptMs = performance.now() - startMs
    await runner.until('other-00000', 'ready', 'running', 'succeeded')
    runner.stop(true)
    await database.query(`delete from run_limit where run = 'holder-00000'`, [])
    const passMs = performance.now()
    await letIn(runner.engine, ['full'])
    const passedMs = performance.now() - passMs
    t.diagnostic(
      `sweep over all keys ${sweptMs.toFixed(1)} ms, one place passed on ${passedMs.toFixed(1)} ms`,
    )
    const [row] = await database.query<{ queued: number }>(
      `select count(*) as queued from run where status = 'queued'`,
      [],
    )
    assert.equal(row?.queued, backlog - 1)
    assert.ok(sweptMs < 1_000 && passedMs < 1_000)
  })
}

test('a run that a decision made less urgent gives its place to who is more urgent, and goes on afterwards', async (t) => {
  const order: unknown[] = []
  const spy = spyAction('spy', {
    run: async (input) => {
      order.push(input['text'])
      return {}
    },
  })
  const text = { is: 'expression', expression: expression((scope) => scope.inputs['who'] ?? null) } as const
  const flow = flowOf(inOrder([step('a', decideAnything), step('b', uses('spy', { text }))]), {
    inputs: { who: {} },
  })
  const runner = await aRunner(t, { flows: [flow], actions: [spy], concurrency: 1 })
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const decide = async (question: Question): Promise<Decided> => {
    const first = question.run === runs[0]
    if (first) await gate
    const answer = { choice: 'go', parameters: {}, reason: '', risk: 'low', provenance: {} } as const
    const priority = first ? 'low' : 'normal'
    return {
      is: 'answered',
      decision: question.run,
      route: 'small',
      answer: { ...answer, priority },
      costPicoUsd: 0n,
    }
  }
  const runs: string[] = []
  Object.assign(runner.engine, { decider: { ...runner.engine.decider, decide } })
  runs.push(await runner.start(flow, { who: 'first' }))
  await runner.until(runs[0]!, 'running')
  runs.push(await runner.start(flow, { who: 'second' }))
  await runner.until(runs[1]!, 'ready')
  open()
  for (const run of runs) await runner.until(run, 'succeeded')
  assert.deepEqual(order, ['second', 'first'])
})

const decideAnything: DecideWork = {
  is: 'decide',
  prompt: { path: 'p.md', text: 'p' },
  given: {},
  choices: [{ name: 'go', means: 'go', uses: null, with: {}, ask: {} }],
  ask: {},
  rules: [],
  risk: [],
  onOutage: [],
}
