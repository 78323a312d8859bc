// Retention at work: small batches, by the policy's ages, whatever one part of it runs into.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aPolicy } from './a-policy.ts'
import { deliver } from './an-event.ts'
import { aRunner } from './a-runner.ts'
import { flowOf } from './flow-of.ts'
import { createForget, heardMs, slotMs } from '../../runner/run/forget.ts'
import { fakeClock } from '../fakes/clock.ts'

const dayMs = 86_400_000
const runsMs = 90 * dayMs

async function setup(t: TestContext) {
  const flow = flowOf([])
  const runner = await aRunner(t, { flows: [flow], actions: [] })
  const clock = fakeClock(runner.engine.clock.now())
  runner.setPolicy({ ...aPolicy(), retention: { runsMs, decisionsMs: 400 * dayMs, payloadsMs: runsMs } })
  const forget = createForget({ ...runner.engine, clock })
  const count = async (table: 'run' | 'slot' | 'heard'): Promise<number> =>
    (await runner.database.query(`select 1 from ${table}`)).length
  /** So many ended runs, each with its slot. */
  const ended = (runs: number): Promise<unknown> =>
    runner.database.query(
      `with born as (
         insert into run (id, flow, version, commit, policy, trigger, started_by, slot, event, inputs, status,
                          scheduled_ms, created_ms, ended_ms)
         select 'r' || n, 'test-flow', 'v1', '', '', 'manual', '', 's' || n, '{}', '{}', 'succeeded', $2::bigint, $2, $2
         from generate_series(1, $1::int) n returning slot, id)
       insert into slot select slot, id, $2 from born`,
      [runs, clock.now()],
    )
  /** A whole pass. */
  const pass = async (): Promise<void> => {
    await clock.advance(600_000)
    for (let turn = 0; turn < 20; turn++) await forget.once()
  }
  return { runner, clock, forget, count, ended, pass }
}

test('runs of the age that the policy says are deleted, as many at a turn as there is time for', async (t) => {
  const { runner, clock, count, ended } = await setup(t)
  let ms = 0
  // Each look at the clock is half of a turn later.
  const forget = createForget({ ...runner.engine, clock: { ...clock, monotonic: () => (ms += 50) } })
  await ended(200)
  await clock.advance(runsMs + 1_000)
  await forget.once()
  assert.equal(await count('run'), 200 - 2 * 64)
  await forget.once()
  assert.deepEqual([await count('run'), await count('slot')], [0, 200])
})

test('what is younger stays, and between two passes nothing is looked at', async (t) => {
  const { clock, count, ended, pass } = await setup(t)
  await ended(3)
  await clock.advance(runsMs - 700_000)
  await pass()
  assert.equal(await count('run'), 3)
  await pass()
  assert.equal(await count('run'), 0)
})

test('slots are known much longer than their runs, and then forgotten', async (t) => {
  const { clock, count, ended, pass } = await setup(t)
  await ended(3)
  await clock.advance(slotMs - dayMs)
  await pass()
  assert.deepEqual([await count('run'), await count('slot')], [0, 3])
  await clock.advance(dayMs)
  await pass()
  assert.equal(await count('slot'), 0)
})

test('events for steps that wait are kept for eight days', async (t) => {
  const { runner, clock, count, pass } = await setup(t)
  await deliver(runner, 'gate', { atMs: clock.now() })
  await clock.advance(heardMs - dayMs)
  await pass()
  assert.equal(await count('heard'), 1)
  await clock.advance(dayMs)
  await pass()
  assert.equal(await count('heard'), 0)
})

test('versions stay while the last change of the branch may not have been noticed everywhere', async (t) => {
  const { runner, clock, pass } = await setup(t)
  const { database } = runner
  await database.query(`insert into flow_version values ('old', 'f', 'f.yaml', '{}', 0)`)
  await clock.advance(dayMs)
  await database.query(
    `insert into revision (commit, message, author, seen_ms, state, problems, changed)
     values ('c', '', '', $1, 'applied', '[]', '[]')`,
    [clock.now()],
  )
  const versions = () => database.query<{ hash: string }>('select hash from flow_version')
  await pass()
  assert.equal((await versions()).length, 2)
  await clock.advance(3_600_000)
  await pass()
  // Nothing runs and no file stands for either of them.
  assert.deepEqual(await versions(), [])
})

test('a part that fails keeps no other from its turn', async (t) => {
  const { runner, clock, count } = await setup(t)
  await deliver(runner, 'gate', { atMs: clock.now() })
  const broken = { ...runner.engine.database, transaction: () => Promise.reject(new Error('broken')) }
  const forget = createForget({ ...runner.engine, clock, database: broken })
  await clock.advance(heardMs + dayMs)
  const turns = await Promise.allSettled(Array.from({ length: 8 }, async () => forget.once()))
  assert.ok(turns.some(({ status }) => status === 'rejected'))
  assert.equal(await count('heard'), 0)
})
