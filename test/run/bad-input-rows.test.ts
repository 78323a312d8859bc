// Rows that are not what they should be: the run fails, typed; the runner and a neighbour notice nothing.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aRunner, type RunnerUnderTest } from './a-runner.ts'
import { aFiring } from './a-firing.ts'
import { spyAction } from './actions.ts'
import { flowOf, inOrder, step, uses } from './flow-of.ts'
import { aVersion } from '../store/a-run.ts'
import type { Database } from '../../runner/store/database.ts'

interface Setup {
  readonly runner: RunnerUnderTest
  readonly database: Database
  /** A run that a holder has left in the middle. */
  readonly run: string
  /** Makes room, and starts a good one. */
  neighbour(): Promise<string>
}

async function setup(t: TestContext): Promise<Setup> {
  const flow = flowOf(inOrder([step('a', uses('spy')), step('b', uses('spy'))]))
  const spy = spyAction('spy')
  const runner = await aRunner(t, { flows: [flow], actions: [spy] })
  // Without room it is not born held.
  while (runner.worker.reserve());
  const admitted = await runner.admit(aFiring(flow.name))
  assert.ok('run' in admitted)
  const { database } = runner
  await database.query('update run set epoch = 2, created_ms = 0 where id = $1', [admitted.run])
  const neighbour = (): Promise<string> => {
    for (let used = runner.worker.used; used > 0; used--) runner.worker.release()
    return runner.start(flow)
  }
  return { runner, database, run: admitted.run, neighbour }
}

/** The run with the bad row fails for this reason, the neighbour that is started with it ends well. */
async function failsAlone({ runner, run, neighbour }: Setup, why: RegExp): Promise<void> {
  const other = await neighbour()
  await runner.sweep.once()
  const { error } = await runner.until(run, 'failed')
  assert.equal(error?.kind, 'invalid')
  assert.match(error?.message ?? '', why)
  await runner.until(other, 'succeeded')
}

const at = { step: 'a', element: null }

const facts: Readonly<Record<string, { readonly fact: unknown; readonly why: RegExp }>> = {
  'that is a text': { fact: 'waited', why: /entry 1 .*it is no object/ },
  'that is a list': { fact: [1], why: /entry 1 .*it is no object/ },
  'that does not say what it is': { fact: { at }, why: /does not say what it is/ },
  'of an unknown version': { fact: { v: 7, is: 'waited', at }, why: /version 7, this program knows 1/ },
  'of an unknown kind': { fact: { v: 1, is: 'toString', at }, why: /knows no “toString”/ },
  'without its step': { fact: { v: 1, is: 'waited' }, why: /its at is not/ },
  'of a negative element': {
    fact: { v: 1, is: 'waited', at: { step: 'a', element: -1 } },
    why: /its at is not/,
  },
  'whose error is a text': {
    fact: { v: 1, is: 'failed', at, attempt: 1, error: 'bad', uses: null, tookMs: 1, retryAtMs: null },
    why: /its error is not/,
  },
  'whose list is none': { fact: { v: 1, is: 'listed', at, items: { length: 3 } }, why: /its items is not/ },
}

for (const [name, { fact, why }] of Object.entries(facts)) {
  test(`a fact ${name} fails its run alone`, async (t) => {
    const given = await setup(t)
    const row = [given.run, 1, JSON.stringify(fact)]
    await given.database.query(
      'insert into journal (run, seq, epoch, at_ms, fact) values ($1, $2, 1, 0, $3::jsonb)',
      row,
    )
    await failsAlone(given, why)
  })
}

test('an entry with a negative number fails its run alone', async (t) => {
  const given = await setup(t)
  const row = [given.run, -3, JSON.stringify({ v: 1, is: 'waited', at })]
  await given.database.query(
    'insert into journal (run, seq, epoch, at_ms, fact) values ($1, $2, 1, 0, $3::jsonb)',
    row,
  )
  await failsAlone(given, /entry -3 .*below one/)
})

for (const column of ['event', 'inputs'] as const)
  for (const value of ['[]', '"text"', 'null', '7'])
    test(`a run whose ${column} is ${value} fails alone`, async (t) => {
      const given = await setup(t)
      await given.database.query(`update run set ${column} = $2::jsonb where id = $1`, [given.run, value])
      await failsAlone(given, new RegExp(`the ${column} of the run in the store is not an object`))
    })

test('a run whose flow version is gone fails alone', async (t) => {
  const given = await setup(t)
  await aVersion(given.database, 'gone')
  await given.database.query(`update run set version = 'gone' where id = $1`, [given.run])
  await failsAlone(given, /no version gone/)
})
