import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aRunner } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { flowOf, step, uses } from './flow-of.ts'
import { Failure } from '../../runner/model/error.ts'

test('who says again is asked anew when it is unknown again: one answer is one more try', async (t) => {
  const action = spyAction('spy', {
    repetition: 'once',
    run: () => Promise.reject(new Failure('timeout', 'no answer came')),
  })
  const flow = flowOf([step('a', uses('spy'))])
  const runner = await aRunner(t, { flows: [flow], actions: [action] })
  const run = await runner.start(flow)
  await runner.until(run, 'parked')
  const [first] = await runner.engine.tickets.list({ run })
  await runner.engine.tickets.answerLocal({
    verb: 'choose',
    choice: 'again',
    code: first?.code ?? '',
    by: 'local:ana',
  })
  while (action.calls.length < 2) await runner.engine.clock.sleep(5)
  await runner.until(run, 'parked')
  const tickets = await runner.engine.tickets.list({ run })
  assert.equal(action.calls.length, 2)
  assert.deepEqual(tickets.map((one) => one.state).toSorted(), ['claimed', 'pending'])
})
