import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aBirth, anEntry, anOutcome, aVersion, statusOf } from './a-run.ts'
import { freshDatabase, kinds } from './bring.ts'
import { journalOf } from './journal-of.ts'
import { insertRuns, runOfSlot } from '../../runner/store/admission.ts'
import type { Database } from '../../runner/store/database.ts'
import { writeOutcomes } from '../../runner/store/journal.ts'
import { register } from '../../runner/store/runners.ts'
import { claimRuns, dueRuns, handBack, requestCancel, takeOver } from '../../runner/store/runs.ts'
import { forgetRuns } from '../../runner/store/forget-runs.ts'

for (const kind of kinds) {
  async function setup(t: TestContext): Promise<Database> {
    const database = await freshDatabase(kind, t)
    await aVersion(database)
    return database
  }

  const running = (id: string): ReturnType<typeof aBirth> => aBirth(id, { status: 'running', owner: 'w1' })

  test(`${kind}: a slot bears one run, however often it fires`, async (t) => {
    const db = await setup(t)
    assert.deepEqual(await insertRuns(db, [aBirth('r1', { slot: 's' })]), [true])
    assert.deepEqual(await insertRuns(db, [aBirth('r2', { slot: 's' }), aBirth('r3')]), [false, true])
    assert.equal(await runOfSlot(db, 's'), 'r1')
    assert.equal(await statusOf(db, 'r2'), undefined)
  })

  test(`${kind}: the same slot twice in one statement bears one run`, async (t) => {
    const db = await setup(t)
    const born = await insertRuns(db, [aBirth('r1', { slot: 's' }), aBirth('r2', { slot: 's' })])
    assert.equal(born.filter(Boolean).length, 1)
  })

  test(`${kind}: a ready run is claimed by one runner, with a new epoch`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [aBirth('r1')])
    const claim = { runs: ['r1'], nowMs: 7 }
    const claims = await Promise.all([
      claimRuns(db, { ...claim, owner: 'w1' }),
      claimRuns(db, { ...claim, owner: 'w2' }),
    ])
    assert.equal(claims.flat().length, 1)
    assert.equal(claims.flat()[0]?.epoch, 1)
    assert.equal(claims.flat()[0]?.startedMs, 7)
  })

  test(`${kind}: outcomes of an old epoch write nothing and are told so`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [running('r1'), running('r2')])
    await db.transaction(async (tx) => void (await takeOver(tx, ['w1'])))
    await claimRuns(db, { runs: ['r1'], owner: 'w2', nowMs: 2 })
    const entries = [anEntry(1)]
    const stale = anOutcome('r1', { epoch: 1, entries })
    const fresh = anOutcome('r1', { epoch: 3, entries })
    assert.deepEqual(await writeOutcomes(db, [stale, fresh]), ['lost', 'written'])
    assert.equal((await journalOf(db, 'r1')).length, 1)
  })

  test(`${kind}: a repeated batch changes nothing`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [running('r1')])
    const outcome = anOutcome('r1', { entries: [anEntry(1), anEntry(2)] })
    await writeOutcomes(db, [outcome])
    assert.deepEqual(await writeOutcomes(db, [outcome]), ['written'])
    const seqs = (await journalOf(db, 'r1')).map((entry) => entry.seq)
    assert.deepEqual(seqs, [1, 2])
  })

  test(`${kind}: a run parks only when nothing arrived since it was read`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [running('r1')])
    await db.query('update run set wake_seq = 1')
    const park = (wakeSeq: number) =>
      anOutcome('r1', { fate: { is: 'park', wakeSeq, wakeMs: 50, waiting: [] } })
    assert.deepEqual(await writeOutcomes(db, [park(0)]), ['news'])
    assert.equal(await statusOf(db, 'r1'), 'running')
    assert.deepEqual(await writeOutcomes(db, [park(1)]), ['written'])
    assert.equal(await statusOf(db, 'r1'), 'parked')
    assert.deepEqual(await db.transaction((tx) => dueRuns(tx, 49, 10)), [])
    assert.deepEqual(await db.transaction((tx) => dueRuns(tx, 50, 10)), ['r1'])
  })

  test(`${kind}: an end keeps error, outputs and cost, and nothing follows it`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [running('r1')])
    const error = { kind: 'timeout', message: 'slow' } as const
    const fate = { is: 'end', status: 'failed', error, outputs: { n: 1 } } as const
    assert.deepEqual(await writeOutcomes(db, [anOutcome('r1', { fate })]), ['written'])
    const [row] = await db.query<{ status: string; error: unknown; ended_ms: number }>(
      'select status, error, ended_ms from run',
    )
    assert.deepEqual(row, { status: 'failed', error, ended_ms: 9 })
    assert.deepEqual(await writeOutcomes(db, [anOutcome('r1', { entries: [anEntry(1)] })]), ['lost'])
  })

  test(`${kind}: an intent leaves an effect row, and one ticket allows one effect`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [running('r1'), running('r2')])
    const intent = (run: string, key: string) => {
      const action = { uses: 'shell.run', version: 1, input: {}, sources: {} }
      const at = { step: 'a', element: null }
      const rest = { attempt: 1, requestHash: 'h', risk: 'high', ticket: 't1' } as const
      return anOutcome(run, {
        entries: [{ seq: 1, epoch: 1, atMs: 4, fact: { v: 1, is: 'intended', at, key, action, ...rest } }],
      })
    }
    await writeOutcomes(db, [intent('r1', 'k1')])
    await assert.rejects(writeOutcomes(db, [intent('r2', 'k2')]), { name: 'DatabaseError', kind: 'unique' })
    assert.equal((await db.query('select key from effect')).length, 1)
  })

  test(`${kind}: runs of dead owners are freed, those of the living are not`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [running('r1'), aBirth('r2', { status: 'running', owner: 'w2' })])
    const living = { id: 'w2', lockKey: 1n, host: 'h', pid: 1, version: '0', startedMs: 0, slots: 1 }
    await register(db, living, 1)
    const freed = await db.transaction((tx) => takeOver(tx, ['w1']))
    assert.deepEqual(
      freed.map((run) => run.run),
      ['r1'],
    )
    assert.equal(await statusOf(db, 'r2'), 'running')
  })

  test(`${kind}: a run is handed back only by who holds it`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [running('r1')])
    assert.deepEqual(await db.transaction((tx) => handBack(tx, [{ id: 'r1', epoch: 0 }])), [])
    assert.equal((await db.transaction((tx) => handBack(tx, [{ id: 'r1', epoch: 1 }]))).length, 1)
    assert.equal(await statusOf(db, 'r1'), 'ready')
  })

  test(`${kind}: an ended run cannot be cancelled, a live one can`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [running('r1')])
    assert.equal(await db.transaction((tx) => requestCancel(tx, 'r1', 'ana')), true)
    await writeOutcomes(db, [
      anOutcome('r1', { fate: { is: 'end', status: 'cancelled', error: null, outputs: {} } }),
    ])
    assert.equal(await db.transaction((tx) => requestCancel(tx, 'r1', 'ana')), false)
  })

  test(`${kind}: retention deletes old runs with their journal and keeps their slots`, async (t) => {
    const db = await setup(t)
    await insertRuns(db, [running('r1'), running('r2')])
    const fate = { is: 'end', status: 'succeeded', error: null, outputs: {} } as const
    await writeOutcomes(db, [
      anOutcome('r1', { fate, entries: [anEntry(1)], atMs: 10 }),
      anOutcome('r2', { fate, atMs: 99 }),
    ])
    assert.equal(await db.transaction((tx) => forgetRuns(tx, 50, 100)), 1)
    assert.equal((await db.query('select 1 from journal')).length, 0)
    assert.deepEqual(await insertRuns(db, [aBirth('r9', { slot: 'manual:r1' })]), [false])
  })
}
