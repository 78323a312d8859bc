import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { freshDatabase, kinds } from '../store/bring.ts'
import { seedScene } from './scene.ts'
import { runnerView, serve } from './view.ts'
import type { HeadView, RunnerView } from '../../runner/model/runner-view.ts'
import { createMetrics, labelValuesMax } from '../../runner/world/metrics.ts'

const nowMs = Date.UTC(2026, 10, 22, 14, 3)

async function readyWith(t: TestContext, view: Partial<RunnerView>) {
  const { url } = await serve(t, { database: await freshDatabase('postgres', t), nowMs, view })
  const response = await fetch(`${url}/readyz`)
  const body = (await response.json()) as { ready: boolean; reasons: { code: string }[] }
  return { status: response.status, codes: body.reasons.map((reason) => reason.code) }
}

const checked = (agoMs: number | null): { head: HeadView } => ({
  head: { ...runnerView(nowMs).head, checkedMs: agoMs === null ? null : nowMs - agoMs, pollMs: 30_000 },
})

test('ready while the branch was read within three polls', async (t) => {
  assert.deepEqual(await readyWith(t, checked(89_000)), { status: 200, codes: [] })
})

test('not ready after three polls without a look at the branch', async (t) => {
  assert.deepEqual(await readyWith(t, checked(90_000)), { status: 503, codes: ['reconcile'] })
})

test('not ready before the first look at the branch', async (t) => {
  assert.deepEqual(await readyWith(t, checked(null)), { status: 503, codes: ['reconcile'] })
})

test('not ready while the schema is behind', async (t) => {
  assert.deepEqual(await readyWith(t, { migrations: 'behind' }), { status: 503, codes: ['migrations'] })
})

test('not ready without the store, but alive', async (t) => {
  const database = await freshDatabase('postgres', t)
  const { url } = await serve(t, { database, nowMs })
  await database.close()
  const ready = await fetch(`${url}/readyz`)
  assert.equal(ready.status, 503)
  assert.equal(((await ready.json()) as { reasons: { code: string }[] }).reasons[0]?.code, 'database')
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
})

for (const kind of kinds) {
  test(`${kind}: metrics tell the moment from the store and the runner`, async (t) => {
    const database = await freshDatabase(kind, t)
    await seedScene(database, nowMs)
    const { url } = await serve(t, { database, nowMs })
    const body = await (await fetch(`${url}/metrics`)).text()
    for (const line of [
      'watchbill_runs{status="running"} 3',
      'watchbill_runs{status="parked"} 6',
      'watchbill_approvals_open 4',
      'watchbill_flows{state="broken"} 1',
      'watchbill_month_spend_usd{state="settled"} 8.1',
      'watchbill_month_limit_usd 30',
      'watchbill_build_info{version="0.1.0"} 1',
    ])
      assert.ok(body.includes(`${line}\n`), line)
  })
}

test('every metric has the prefix, a help text, and counters end in total', async () => {
  const metrics = createMetrics()
  metrics.runEnded({ flow: 'a', status: 'failed', workingMs: 3 })
  const { body } = await metrics.expose(gauges())
  const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  assert.ok(types.length > 20)
  for (const [, name = '', type] of types) {
    assert.match(name, /^watchbill_[a-z_]+$/)
    assert.equal(name.endsWith('_total'), type === 'counter', name)
    assert.match(body, new RegExp(`^# HELP ${name} .{10,}\\.$`, 'm'))
  }
})

test('no data can grow the number of series without end', async () => {
  const metrics = createMetrics()
  for (let n = 0; n < labelValuesMax + 50; n++)
    metrics.runEnded({ flow: `f${n}`, status: 'succeeded', workingMs: 1 })
  const { body } = await metrics.expose(gauges())
  assert.match(body, /watchbill_runs_ended_total\{flow="other",status="succeeded"\} 50\n/)
})

test('a limit that is not set is left out', async () => {
  const { body } = await createMetrics().expose({ ...gauges(), monthLimit: null, headCheckedMs: null })
  assert.doesNotMatch(body, /^watchbill_(month_limit|head_checked)/m)
})

function gauges() {
  return {
    version: '1',
    startedMs: 0,
    rssBytes: 1,
    runs: { queued: 0, ready: 0, running: 0, parked: 0 },
    ticketsOpen: 0,
    queueDepth: 0,
    slots: { used: 0, total: 1 },
    flows: { active: 0, broken: 0 },
    month: { settled: 0n, held: 0n, presumed: 0n },
    monthLimit: 1n,
    headCheckedMs: 1,
    scheduleOverdueMs: 0,
    claudeAvailable: true,
    stopped: false,
  }
}
