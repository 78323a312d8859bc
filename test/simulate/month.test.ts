// A short simulated time in bad weather; `npm run simulate` goes on for months.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './month.ts'
import { startClaude } from '../fakes/claude/stub.ts'
import { freshDatabase } from '../store/bring.ts'

test('for two days of bad weather and deaths every slot fires once, every run ends, and nothing happens twice', async (t) => {
  const store = await freshDatabase('pglite', t)
  const claude = await startClaude(t)
  const report = await simulate({ days: 2, flows: 20, seed: 5, faults: 'all', store, claude })
  t.diagnostic(JSON.stringify(report))
  assert.deepEqual(report.faults, [])
  assert.ok(report.runs > 500 && report.deaths > 0, 'there were runs, and lives that ended')
})
