// Two versions of the program on one store: what only the newer one can read is left to it, everything else goes on.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aRunner, type RunnerUnderTest } from './a-runner.ts'
import { spyAction } from './actions.ts'
import { flowOf, inOrder, step, uses } from './flow-of.ts'
import { freshDatabase } from '../store/bring.ts'
import type { Database } from '../../runner/store/database.ts'
import { register } from '../../runner/store/runners.ts'

const newer = { id: 'newer', lockKey: 2n, host: 'h', pid: 1, version: '9.10.0', startedMs: 0, slots: 1 }

interface Setup {
  readonly runner: RunnerUnderTest
  readonly database: Database
  readonly run: string
  start(): Promise<string>
}

/** A run that stopped in the middle, whose journal then got a fact that this program does not know. */
async function withFact(t: TestContext, fact: object): Promise<Setup> {
  const database = await freshDatabase('postgres', t)
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const first = spyAction('first', { run: async () => (await gate, null) })
  const flow = flowOf(inOrder([step('a', uses('first')), step('b', uses('second'))]))
  const given = { flows: [flow], actions: [first, spyAction('second')], database }
  const old = await aRunner(t, { ...given, owner: 'gone' })
  const run = await old.start(flow)
  await database.query('insert into journal (run, seq, epoch, at_ms, fact) values ($1, 1, 1, 0, $2::jsonb)', [
    run,
    JSON.stringify(fact),
  ])
  await database.query(`delete from runner`)
  await database.query(
    `update run set status = 'ready', owner = null, epoch = 2, created_ms = 0 where id = $1`,
    [run],
  )
  open()
  const runner = await aRunner(t, { ...given, owner: 'here' })
  return { runner, database, run, start: () => runner.start(flow) }
}

const unknown = { v: 2, is: 'waited', at: { step: 'a', element: null } }

for (const fact of [unknown, { v: 1, is: 'pondered', at: { step: 'a', element: null } }]) {
  test(`a fact {v: ${fact.v}, is: ${fact.is}} fails the run, typed, when no newer runner lives`, async (t) => {
    const { runner, run } = await withFact(t, fact)
    await runner.sweep.once()
    const { error } = await runner.until(run, 'failed')
    assert.equal(error?.kind, 'invalid')
    assert.match(error?.message ?? '', /entry 1 of the journal/)
  })
}

test('an unknown fact leaves the run to a newer runner that lives, and only that run', async (t) => {
  const { runner, database, run, start } = await withFact(t, unknown)
  // Who has its lock is alive.
  await database.holdLock(newer.lockKey)
  await register(database, newer, Number.MAX_SAFE_INTEGER)
  runner.worker.hint()
  await runner.sweep.once()
  const neighbour = await start()
  await runner.until(neighbour, 'succeeded')
  const [row] = await database.query<{ status: string; error: unknown }>(
    'select status, error from run where id = $1',
    [run],
  )
  assert.ok(row?.status === 'ready' || row?.status === 'running', row?.status)
  assert.equal(row.error, null)
})
