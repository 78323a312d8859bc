// The store fails in the very moment in which an outcome is to be recorded: that is not the step's failure.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { freshDatabase } from './bring.ts'
import { again } from './in-weather.ts'
import { aRunner, type RunnerUnderTest } from '../run/a-runner.ts'
import { type SpyAction, spyAction } from '../run/actions.ts'
import { flowOf, step, uses } from '../run/flow-of.ts'
import type { Repetition } from '../../runner/model/action.ts'
import { type Database, DatabaseError } from '../../runner/store/database.ts'

/** As often as the lane tries one outcome. */
const attempts = { connection: 4, read_only: 4, data: 1 } as const

interface Setup {
  readonly runner: RunnerUnderTest
  readonly spy: SpyAction
  readonly run: string
}

/** The action works; then the store refuses until the first attempt to record anything has been given up. */
async function refusedOnce(
  t: TestContext,
  { repetition, kind }: { readonly repetition: Repetition; readonly kind: keyof typeof attempts },
): Promise<Setup> {
  const real = await freshDatabase('pglite', t)
  let left = 0
  const database: Database = {
    ...real,
    writer: {
      query: async (sql, parameters) => {
        if (left-- > 0) throw new DatabaseError({ kind, code: '' }, new Error('the store is ill'))
        return real.writer.query(sql, parameters)
      },
    },
  }
  const spy = spyAction('spy', {
    repetition,
    run: async (_, __, calls) => {
      if (calls.length === 1) left = attempts[kind]
      return { n: calls.length }
    },
  })
  const retry = { times: 3, fromMs: 1, toMs: 1, on: ['invalid'] } as const
  const flow = flowOf([step('a', uses('spy'), { retry })])
  const runner = await aRunner(t, { flows: [flow], actions: [spy], database })
  const run = await runner.start(flow)
  await again(async () => {
    await runner.sweep.once()
    const [row] = await real.query<{ status: string }>('select status from run where id = $1', [run])
    assert.notEqual(row?.status, 'running')
    assert.notEqual(row?.status, 'ready')
  })
  return { runner, spy, run }
}

test('a `once` effect that could not be recorded is not done again: people are asked', async (t) => {
  const { runner, spy, run } = await refusedOnce(t, { repetition: 'once', kind: 'connection' })
  await runner.until(run, 'parked')
  const [ticket] = await runner.engine.tickets.list({ run })
  assert.equal(ticket?.kind, 'unknown')
  assert.equal(spy.calls.length, 1)
})

test('a `keyed` effect that could not be recorded is repeated with its key, and the step has not failed', async (t) => {
  const { runner, spy, run } = await refusedOnce(t, { repetition: 'keyed', kind: 'read_only' })
  await runner.until(run, 'succeeded')
  const facts = await runner.database.query(
    `select 1 from journal where run = $1 and fact->>'is' = 'failed'`,
    [run],
  )
  assert.deepEqual(facts, [])
  assert.equal(new Set(spy.calls.map((call) => call.key)).size, 1)
})

test('what the store can never keep fails the step, and the effect is not done again', async (t) => {
  const { runner, spy, run } = await refusedOnce(t, { repetition: 'once', kind: 'data' })
  assert.equal((await runner.until(run, 'failed', 'parked')).status, 'failed')
  assert.equal(spy.calls.length, 1)
})

test('what can never be recorded fails the run, instead of being done again for ever', async (t) => {
  const real = await freshDatabase('pglite', t)
  const cursed: Database = {
    ...real,
    writer: {
      query: async (sql, parameters) => {
        if (String(parameters?.[0]).includes('"cursed"'))
          throw new DatabaseError({ kind: 'data', code: '22P05' }, new Error('no such character'))
        return real.writer.query(sql, parameters)
      },
    },
  }
  const spy = spyAction('spy')
  const flow = flowOf([step('cursed', uses('spy'))])
  const runner = await aRunner(t, { flows: [flow], actions: [spy], database: cursed })
  const run = await runner.start(flow)
  const { error } = await runner.until(run, 'failed')
  assert.deepEqual(error, { kind: 'invalid', message: 'no such character' })
  assert.equal(spy.calls.length, 1)
})
