import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aBirth, anOutcome, aVersion } from './a-run.ts'
import { freshDatabase, kinds } from './bring.ts'
import { insertRuns } from '../../runner/store/admission.ts'
import type { Entry } from '../../runner/model/journal.ts'
import { type Fate, writeOutcomes } from '../../runner/store/journal.ts'

function decided(seq: number, costPicoUsd: string): Entry {
  const at = { step: 'a', element: null }
  const answer = {
    choice: 'x',
    parameters: {},
    provenance: {},
    reason: '',
    priority: 'normal',
    risk: 'low',
  } as const
  return {
    seq,
    epoch: 1,
    atMs: 4,
    fact: { v: 1, is: 'decided', at, decision: `d${seq}`, route: 'small', ...answer, costPicoUsd },
  }
}

const fates: Readonly<Record<string, Fate>> = {
  go: { is: 'go' },
  park: { is: 'park', wakeSeq: 0, wakeMs: null, waiting: [] },
  end: { is: 'end', status: 'succeeded', error: null, outputs: {} },
}

for (const kind of kinds)
  for (const [name, fate] of Object.entries(fates))
    test(`${kind}: what was decided is on the bill of the run, with ${name}`, async (t) => {
      const db = await freshDatabase(kind, t)
      await aVersion(db)
      await insertRuns(db, [aBirth('r1', { status: 'running', owner: 'w1' })])
      const entries = [decided(1, '70'), decided(2, '30')]
      assert.deepEqual(await writeOutcomes(db, [anOutcome('r1', { entries, fate })]), ['written'])
      assert.deepEqual(await db.query('select cost_pico from run'), [{ cost_pico: 100n }])
    })

for (const kind of kinds)
  test(`${kind}: a batch whose answer was lost and that is written again costs nothing twice`, async (t) => {
    const db = await freshDatabase(kind, t)
    await aVersion(db)
    await insertRuns(db, [aBirth('r1', { status: 'running', owner: 'w1' })])
    const batch = [anOutcome('r1', { entries: [decided(1, '70')] })]
    await writeOutcomes(db, batch)
    await writeOutcomes(db, batch)
    assert.deepEqual(await db.query('select cost_pico from run'), [{ cost_pico: 70n }])
  })
