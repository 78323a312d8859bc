import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { freshDatabase, type Kind, kinds } from '../store/bring.ts'
import { hashOf, makeRows } from './rows.ts'
import { seedScene } from './scene.ts'
import { find } from '../../runner/store/view-find.ts'
import { listFlows, readFlow, readFlowText } from '../../runner/store/view-flows.ts'
import { listJournal, readRun } from '../../runner/store/view-run.ts'
import { listRuns, type RunFilter } from '../../runner/store/view-runs.ts'
import { listUpcoming } from '../../runner/store/view-schedule.ts'
import { listSpend, readMonth } from '../../runner/store/view-spend.ts'
import { listClosedTickets, listOpenTickets, readTicketView } from '../../runner/store/view-tickets.ts'
import { countToday, listFailed, listRunning } from '../../runner/store/view-today.ts'

const nowMs = Date.UTC(2026, 10, 22, 14, 3)
const day = 86_400_000
const all: RunFilter = { flow: null, statuses: [], sinceMs: 0, cursor: null, limit: 50 }

async function setup(kind: Kind, t: TestContext) {
  const database = await freshDatabase(kind, t)
  return { database, scene: await seedScene(database, nowMs) }
}

for (const kind of kinds) {
  test(`${kind}: runs come newest first, page after page, each once`, async (t) => {
    const { database } = await setup(kind, t)
    const seen: string[] = []
    for (let cursor: string | null = null, pages = 0; pages < 20; pages++) {
      const page = await listRuns(database, { ...all, cursor })
      seen.push(...page.items.map((run) => run.id))
      cursor = page.next
      if (cursor === null) break
    }
    const [{ count } = { count: 0 }] = await database.query<{ count: number }>(
      'select count(*) as count from run',
      [],
    )
    assert.equal(seen.length, count)
    assert.deepEqual(seen, seen.toSorted().toReversed())
  })

  test(`${kind}: runs are filtered by flow, status and age together`, async (t) => {
    const { database } = await setup(kind, t)
    const filter: RunFilter = {
      ...all,
      flow: 'disk-watch',
      statuses: ['succeeded'],
      sinceMs: nowMs - day / 4,
      limit: 200,
    }
    const { items } = await listRuns(database, filter)
    assert.ok(items.length > 5)
    for (const run of items) {
      assert.equal(run.flow, 'disk-watch')
      assert.equal(run.status, 'succeeded')
      assert.ok(run.createdMs >= nowMs - day / 4)
    }
  })

  test(`${kind}: what a parked run waits for is what it shows`, async (t) => {
    const { database, scene } = await setup(kind, t)
    const shown = async (name: string) => (await readRun(database, scene.runs[name] ?? ''))?.shown
    assert.deepEqual(
      [await shown('refund'), await shown('timer'), await shown('unknown'), await shown('queued')],
      ['people', 'waiting', 'unknown', 'queued'],
    )
  })

  test(`${kind}: a queued run knows how many stand before it`, async (t) => {
    const { database, scene } = await setup(kind, t)
    const run = await readRun(database, scene.runs['queued'] ?? '')
    assert.deepEqual(run?.before, [{ key: 'flow:nightly-backup', max: 1, runs: 1 }])
  })

  test(`${kind}: the day is counted by status, failures by when they ended`, async (t) => {
    const { database } = await setup(kind, t)
    const today = await countToday(database, nowMs - day)
    assert.equal(today.failed, 1)
    assert.equal(today.live.running, 3)
    assert.equal(today.live.queued, 1)
    assert.ok(today.runs.succeeded >= 190)
    assert.equal(today.asked, 7)
  })

  test(`${kind}: what runs and what failed name their step and their tries`, async (t) => {
    const { database } = await setup(kind, t)
    const running = await listRunning(database, 8)
    assert.ok(running.some((run) => run.flow === 'ci-doctor' && run.step === 'rerun'))
    const [failed] = await listFailed(database, { sinceMs: nowMs - day, limit: 8 })
    assert.equal(failed?.attempts, 4)
    assert.equal(failed?.error?.kind, 'unavailable')
  })

  test(`${kind}: a ticket shows the bound values, whatever was handed over for showing`, async (t) => {
    const { database, scene } = await setup(kind, t)
    const id = scene.tickets['action'] ?? ''
    await database.query(
      `update ticket set shown = jsonb_set(shown, '{shown,0,value}', '"https://evil.example"') where id = $1`,
      [id],
    )
    const ticket = await readTicketView(database, id)
    const url = ticket?.parameters.find((one) => one.name === 'url')
    assert.deepEqual(url, {
      name: 'url',
      value: 'https://pay.example.com/refunds',
      trust: 'trusted',
      from: 'the flow',
    })
  })

  test(`${kind}: a bound value that nobody labelled is untrusted`, async (t) => {
    const { database, scene } = await setup(kind, t)
    const id = scene.tickets['action'] ?? ''
    await database.query(`update ticket set shown = shown - 'shown' where id = $1`, [id])
    const ticket = await readTicketView(database, id)
    assert.ok(ticket?.parameters.every((one) => one.trust === 'untrusted'))
  })

  test(`${kind}: open questions come by expiry, answered ones by age, each in pages`, async (t) => {
    const { database } = await setup(kind, t)
    const first = await listOpenTickets(database, { cursor: null, limit: 3 })
    const rest = await listOpenTickets(database, { cursor: first.next, limit: 3 })
    const open = [...first.items, ...rest.items]
    assert.equal(open.length, 4)
    assert.deepEqual(
      open.map((one) => one.expiresMs),
      open.map((one) => one.expiresMs).toSorted((a, b) => a - b),
    )
    const newest = await listClosedTickets(database, { cursor: null, limit: 2 })
    const older = await listClosedTickets(database, { cursor: newest.next, limit: 2 })
    assert.deepEqual(
      [...newest.items, ...older.items].map((one) => one.state),
      ['claimed', 'claimed', 'rejected', 'expired'],
    )
    assert.equal(newest.items[1]?.votes[0]?.actorName, 'ana')
  })

  test(`${kind}: flows come with their triggers and newest runs`, async (t) => {
    const { database } = await setup(kind, t)
    const { items } = await listFlows(database, { cursor: null, limit: 50, recent: 5 })
    const pipeline = items.find((flow) => flow.name === 'data-pipeline')
    assert.equal(pipeline?.recent.length, 5)
    assert.equal(pipeline?.recent[0]?.shown, 'failed')
    assert.equal(pipeline?.triggers[0]?.nextMs, nowMs + 12 * 60_000)
    assert.equal(items.find((flow) => flow.name === 'price-watch')?.state, 'broken')
  })

  test(`${kind}: the text of a flow is read with the files it can read`, async (t) => {
    const { database } = await setup(kind, t)
    const flow = await readFlow(database, { name: 'ci-doctor', recent: 1 })
    const text = await readFlowText(database, flow?.version ?? '')
    assert.match(text?.text ?? '', /^apiVersion: watchbill\/v1\n/)
    assert.deepEqual(text?.others, ['prompts/ask.md'])
  })

  test(`${kind}: a suspended flow is neither next nor missing`, async (t) => {
    const { database } = await setup(kind, t)
    await database.query(`update trigger_state set next_ms = $1 where flow = 'nightly-backup'`, [nowMs - day])
    const overdue = await listUpcoming(database, { fromMs: 0, untilMs: nowMs, limit: 9 })
    assert.deepEqual(overdue, [])
  })

  test(`${kind}: money is exact to the pico-dollar`, async (t) => {
    const { database, scene } = await setup(kind, t)
    const month = await readMonth(database, nowMs)
    assert.equal(month.settled, 8_100_000_000_000n)
    const base = {
      decision: 'd',
      run: 'r',
      flow: 'tiny',
      step: 's',
      model: 'm',
      rung: 'small',
      owner: 'o',
      windows: '[]',
      held_pico: 7n,
      changed_ms: nowMs,
      at_ms: nowMs,
    }
    await scene.rows.insert('reservation', { ...base, id: 'a', state: 'settled', settled_pico: 1n })
    await scene.rows.insert('reservation', { ...base, id: 'b', state: 'presumed' })
    await scene.rows.insert('reservation', { ...base, id: 'c', state: 'released', settled_pico: 0n })
    const tiny = (await listSpend(database, month)).filter((row) => row.flow === 'tiny')
    assert.deepEqual(
      tiny.map((row) => [row.spent, row.calls]),
      [[8n, 2]],
    )
  })

  test(`${kind}: an entry too large to show is told by its size`, async (t) => {
    const database = await freshDatabase(kind, t)
    const rows = makeRows(database)
    await rows.insert('flow_version', {
      hash: hashOf('v'),
      name: 'x',
      file: 'x.yaml',
      closure: '{}',
      created_ms: 1,
    })
    const run = await rows.run({
      flow: 'x',
      version: hashOf('v'),
      atMs: nowMs,
      status: 'running',
      outputs: null,
    })
    await rows.journal(run, [
      [
        nowMs,
        {
          is: 'succeeded',
          at: { step: 'a', element: null },
          attempt: 1,
          output: 'x'.repeat(9_000),
          uses: null,
          risk: 'low',
          tookMs: 1,
        },
      ],
    ])
    const { items } = await listJournal(database, { run, afterSeq: 0, limit: 5 })
    assert.equal(items[0]?.fact, null)
    assert.equal(items[0]?.is, 'succeeded')
    assert.ok((items[0]?.characters ?? 0) > 9_000)
    assert.equal((await readRun(database, run))?.outputs, null)
  })

  test(`${kind}: flows, runs, commits and open questions are found by what people type`, async (t) => {
    const { database, scene } = await setup(kind, t)
    const run = scene.runs['failed'] ?? ''
    const ticket = await readTicketView(database, scene.tickets['action'] ?? '')
    assert.deepEqual(await find(database, ' CI-doctor '), { is: 'flow', id: 'ci-doctor', seq: 0 })
    assert.equal((await find(database, run.slice(0, 20)))?.id, run)
    assert.equal((await find(database, '3f2a91c'))?.is, 'commit')
    assert.equal((await find(database, ticket?.code ?? ''))?.id, ticket?.id)
    for (const nothing of ['', '%', 'ab', "' or 1=1 --", 'zzzz'])
      assert.equal(await find(database, nothing), null)
  })
}
