// A run of ten thousand elements is taken over: its journal is folded page by page and never held.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { aRunner } from './a-runner.ts'
import { aFiring } from './a-firing.ts'
import { spyAction } from './actions.ts'
import { expression, flowOf, inOrder, step, uses } from './flow-of.ts'
import { freshDatabase } from '../store/bring.ts'
import type { Flow, Step } from '../../runner/model/flow.ts'
import type { Database } from '../../runner/store/database.ts'
import { loadState } from '../../runner/run/load-state.ts'
import { claimRuns, type HeldRun } from '../../runner/store/runs.ts'

const elements = 10_000
const done = 9_990
const outputBytes = 8_192

function longFlow(): Flow {
  const list = Array.from({ length: elements }, (_, n) => n)
  const each: Step['each'] = { list: expression(() => list), as: 'item', maxParallel: 4 }
  return flowOf(inOrder([step('all', uses('spy'), { each }), step('last', uses('spy'))]))
}

/** A run whose holder died in the middle: what it wrote, and the row made ready. */
async function interrupted(t: TestContext, flow: Flow): Promise<{ database: Database; run: string }> {
  const database = await freshDatabase('postgres', t)
  const action = spyAction('spy', { repetition: 'keyed' })
  const before = await aRunner(t, { flows: [flow], actions: [action], database, owner: 'before' })
  before.stop(false)
  while (before.worker.reserve());
  const admitted = await before.admit(aFiring(flow.name))
  assert.ok('run' in admitted)
  const { run } = admitted
  await database.query(
    `insert into journal (run, seq, epoch, at_ms, fact)
     select $1, 1, 1, 0, jsonb_build_object('v', 1, 'is', 'listed', 'at', jsonb_build_object('step', 'all', 'element', null),
                                            'items', (select jsonb_agg(n) from generate_series(0, $2::int - 1) n))
     union all
     select $1, 2 + 2 * n + k, 1, 0, jsonb_build_object('v', 1, 'at', jsonb_build_object('step', 'all', 'element', n), 'attempt', 1,
            'risk', 'low', 'uses', 'spy', 'tookMs', 1) || case k
       when 0 then jsonb_build_object('is', 'intended', 'key', 'k' || n, 'requestHash', 'h', 'ticket', null,
                                      'action', jsonb_build_object('uses', 'spy', 'version', 1, 'input', '{}'::jsonb, 'sources', '{}'::jsonb))
       else jsonb_build_object('is', 'succeeded', 'output', repeat('x', $4::int)) end
     from generate_series(0, $3::int - 1) n, generate_series(0, 1) k`,
    [run, elements, done, outputBytes],
  )
  await database.query(
    `update run set status = 'ready', owner = null, hinted = false, epoch = 2 where id = $1`,
    [run],
  )
  return { database, run }
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}

test('ten thousand elements of which most have ended leave a state of a few megabytes', async (t) => {
  const { database, run } = await interrupted(t, longFlow())
  const [row] = await claimRuns(database, { runs: [run], owner: 'heir', nowMs: 0 })
  const before = heapBytes()
  const state = await loadState(database, row as HeldRun)
  const grown = heapBytes() - before
  assert.equal(state.lists.get('all')?.open, elements - done)
  t.diagnostic(`journal ${(done * outputBytes) / 1e6} MB, state ${(grown / 1e6).toFixed(1)} MB`)
  assert.ok(grown < 12e6, `the state holds ${grown} bytes`)
})

test('a run of ten thousand elements goes on after a takeover where it stood', async (t) => {
  const flow = longFlow()
  const { database, run } = await interrupted(t, flow)
  const spy = spyAction('spy', { repetition: 'keyed' })
  const heir = await aRunner(t, { flows: [flow], actions: [spy], database, owner: 'heir' })
  await database.query(`update run set created_ms = 0 where id = $1`, [run])
  await heir.sweep.once()
  await heir.until(run, 'succeeded')
  assert.equal(spy.calls.length, elements - done + 1)
})
