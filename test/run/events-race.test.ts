// An event that is half written while its run wakes: whoever comes second sees the other.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from './an-event.ts'
import { aRunner } from './a-runner.ts'
import { expression, flowOf, step } from './flow-of.ts'
import type { Json } from '../../runner/model/json.ts'
import { insertHeard, listeners } from '../../runner/store/heard.ts'

test('an event that is committed after its run was claimed is heard, although nobody was there to be woken', async (t) => {
  const output = expression((scope) => (scope.steps['gate'] as { output?: Json }).output ?? 'none')
  const flow = flowOf([step('gate', waitFor('gate'))], {
    outputs: { heard: { is: 'expression', expression: output } },
  })
  const runner = await aRunner(t, { flows: [flow], actions: [], kind: 'postgres' })
  const { database, engine } = runner
  const run = await runner.start(flow)
  await runner.until(run, 'parked')
  await database.query(`update run set status = 'ready' where id = $1`, [run])
  const heard = { flow: 'test-flow', step: 'gate', slot: 's', atMs: engine.clock.now(), event: { n: 1 } }
  const waitsOrParked = async (): Promise<boolean> => {
    const [row] = await database.query<{ waits: boolean; parked: boolean }>(
      `select exists (select 1 from pg_locks where locktype = 'advisory' and not granted) as waits,
              exists (select 1 from run where status = 'parked') as parked`,
    )
    return row?.waits === true || row?.parked === true
  }
  const hold = Promise.withResolvers<void>()
  const inserted = Promise.withResolvers<void>()
  const sending = database.transaction(async (tx) => {
    await insertHeard(tx, heard)
    assert.deepEqual(await listeners(tx, heard), [])
    inserted.resolve()
    await hold.promise
  })
  await inserted.promise
  await database.transaction((tx) => engine.queue.send(tx, [{ run, priority: 0 }]))
  while (!(await waitsOrParked())) await engine.clock.sleep(5)
  hold.resolve()
  await sending
  assert.deepEqual((await runner.until(run, 'succeeded')).outputs, { heard: { n: 1 } })
})
