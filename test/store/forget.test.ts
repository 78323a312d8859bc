// Retention: the old goes with all that belongs to it, what is still needed stays, and the audit always.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aBirth, aVersion } from './a-run.ts'
import { freshDatabase, type Kind, kinds } from './bring.ts'
import { insertRuns } from '../../runner/store/admission.ts'
import type { Database } from '../../runner/store/database.ts'
import { forgetDecisions, forgetReservations, forgetSlots } from '../../runner/store/forget-records.ts'
import { forgetRuns } from '../../runner/store/forget-runs.ts'
import {
  forgetPolicies,
  forgetRevisions,
  forgetVersions,
  revisionsKept,
} from '../../runner/store/forget-versions.ts'

async function setup(t: TestContext, kind: Kind = 'pglite') {
  const database = await freshDatabase(kind, t)
  await aVersion(database)
  const ended = async (id: string, endedMs: number | null, parent: string | null = null): Promise<void> => {
    await insertRuns(database, [aBirth(id, { parent })])
    if (endedMs !== null)
      await database.query(`update run set status = 'succeeded', ended_ms = $2 where id = $1`, [id, endedMs])
  }
  const forget = (beforeMs: number, max = 100): Promise<number> =>
    database.transaction((tx) => forgetRuns(tx, beforeMs, max))
  return { database, ended, forget }
}

async function idsOf(
  database: Database,
  table: 'run' | 'decision' | 'slot' | 'reservation',
): Promise<string[]> {
  const key = table === 'slot' ? 'key' : 'id'
  return (await database.query<{ id: string }>(`select ${key} as id from ${table} order by 1`)).map(
    ({ id }) => id,
  )
}

const tables = [
  'journal',
  'run_log',
  'effect',
  'state_change',
  'run_limit',
  'ticket',
  'vote',
  'outbox',
  'ledger_window',
]

/** A row in every table that speaks of a run. */
async function belongings(database: Database, run: string): Promise<void> {
  const sql = [
    `insert into journal values ($1, 1, 1, 5, '{"v":1}')`,
    `insert into run_log (run, at_ms, step, line) values ($1, 1, 's', 'l')`,
    `insert into effect values ('e' || $1, $1, 's', 'u', 'h', null, 1)`,
    `insert into state_change values ('k' || $1, $1, '{}')`,
    `insert into run_limit (key, run, max) values ('k', $1, 1)`,
    `insert into ledger_window (name) values ('usd:run:' || $1)`,
    `insert into ticket (id, run, flow, step, kind, state, nonce, action_digest, ticket_digest, code, binding, shown,
       need, expires_ms, transport, created_ms, changed_ms)
     values ('t' || $1, $1, 'f', 's', 'action', 'claimed', 'n', 'a', 'd', 'c' || $1, 'b', '{}', 1, 1, 'local', 1, 1)`,
    `insert into vote (ticket, revision, actor, actor_name, verdict, counted, why, at_ms)
     values ('t' || $1, 1, 'a', 'a', 'yes', true, '', 1)`,
    `insert into outbox (id, ticket, kind, body, state, next_ms) values ('o' || $1, 't' || $1, 'k', '{}', 'sent', 1)`,
    `insert into audit values (length($1), 1, 't' || $1, 'k', '{}', 'p', 'h')`,
  ]
  for (const one of sql) await database.query(one, [run])
}

async function rowsOf(database: Database): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const table of tables) counts[table] = (await database.query(`select 1 from ${table}`)).length
  return counts
}

for (const kind of kinds) {
  test(`${kind}: a run goes with everything that is its own, other runs and the audit stay`, async (t) => {
    const { database, ended, forget } = await setup(t, kind)
    await ended('r1', 10)
    await ended('r22', 99)
    for (const run of ['r1', 'r22']) await belongings(database, run)
    assert.equal(await forget(50), 1)
    assert.deepEqual(await idsOf(database, 'run'), ['r22'])
    assert.deepEqual(await rowsOf(database), Object.fromEntries(tables.map((table) => [table, 1])))
    assert.equal((await database.query('select 1 from audit')).length, 2)
    assert.deepEqual(await idsOf(database, 'slot'), ['manual:r1', 'manual:r22'])
  })

  test(`${kind}: the oldest go first, so many at a time`, async (t) => {
    const { database, ended, forget } = await setup(t, kind)
    for (const [n, id] of ['a', 'b', 'c'].entries()) await ended(id, 10 + n)
    await ended('live', null)
    assert.equal(await forget(50, 2), 2)
    assert.deepEqual(await idsOf(database, 'run'), ['c', 'live'])
    assert.equal(await forget(50, 2), 1)
    assert.equal(await forget(50, 2), 0)
  })

  test(`${kind}: versions and their files go when no run and no file stands for them`, async (t) => {
    const { database, ended } = await setup(t, kind)
    for (const [hash, blob] of [
      ['used', 'x'],
      ['head', 'y'],
      ['gone', 'z'],
      ['new', 'z2'],
    ] as const) {
      const createdMs = hash === 'new' ? 100 : 1
      await database.query(`insert into blob values ($1, '')`, [blob])
      await database.query(
        `insert into flow_version values ($1, 'f', 'f.yaml', jsonb_build_object('f.yaml', $2::text, 'shared', 'x'), $3)`,
        [hash, blob, createdMs],
      )
    }
    await database.query(
      `insert into flow_head values ('f.yaml', 'f', 'head', 'c', 'active', false, '[]', '', 1)`,
    )
    await insertRuns(database, [aBirth('r', { version: 'used' })])
    await ended('r', 10)
    assert.equal(await database.transaction((tx) => forgetVersions(tx, 50)), 2)
    const versions = await database.query('select hash from flow_version order by hash')
    assert.deepEqual(versions, [{ hash: 'head' }, { hash: 'new' }, { hash: 'used' }])
    const blobs = await database.query('select hash from blob order by hash')
    assert.deepEqual(blobs, [{ hash: 'x' }, { hash: 'y' }, { hash: 'z2' }])
  })

  test(`${kind}: policies that no run began under go, but never the latest`, async (t) => {
    const { database } = await setup(t, kind)
    for (const [n, hash] of ['used', 'gone', 'latest'].entries())
      await database.query(
        `insert into policy_version (hash, file, body, commit, applied_ms) values ($1, 'p', '', 'c', $2)`,
        [hash, n],
      )
    await insertRuns(database, [aBirth('r', { policy: 'used' })])
    assert.equal(await database.transaction((tx) => forgetPolicies(tx, 50)), 1)
    const left = await database.query('select hash from policy_version order by hash')
    assert.deepEqual(left, [{ hash: 'latest' }, { hash: 'used' }])
  })
}

test('a called run stays while its caller has not ended', async (t) => {
  const { database, ended, forget } = await setup(t)
  await ended('parent', null)
  await ended('child', 10, 'parent')
  assert.equal(await forget(50), 0)
  await database.query(`update run set ended_ms = 90 where id = 'parent'`)
  assert.equal(await forget(50), 1)
  assert.deepEqual(await idsOf(database, 'run'), ['parent'])
})

test('a run with a long journal is deleted in a batch of its own', async (t) => {
  const { database, ended, forget } = await setup(t)
  for (const [n, id] of ['long', 'short'].entries()) await ended(id, 10 + n)
  await database.query(`insert into journal select 'long', n, 1, 1, '{}' from generate_series(1, 20001) n`)
  await database.query(`insert into journal values ('short', 1, 1, 1, '{}')`)
  assert.equal(await forget(50), 1)
  assert.deepEqual(await idsOf(database, 'run'), ['short'])
})

test('decisions, settled money and slots go by their age, the oldest first', async (t) => {
  const { database } = await setup(t)
  for (const n of [1, 2, 3]) {
    await database.query(
      `insert into decision (id, run, flow, step, round, version, at_ms, route, cost_pico, record)
       values ('d' || $1::text, 'r', 'f', 's', 0, 'v', $1::int, 'rule', 0, '{}')`,
      [n],
    )
    await database.query(
      `insert into decision_event (decision, at_ms, kind, body) values ('d' || $1::text, 1, 'k', '{}')`,
      [n],
    )
    await database.query(
      `insert into reservation values ('m' || $1::text, 'd', 'r', 'f', 's', 'm', 'g', 'o', '{}', $2, 0, null, null, $1::int, 1)`,
      [n, n === 1 ? 'held' : 'settled'],
    )
    await database.query(`insert into slot values ('s' || $1::text, 'r', $1::int)`, [n])
  }
  for (const forget of [forgetDecisions, forgetReservations, forgetSlots])
    assert.equal(await forget(database, 3, 10), forget === forgetReservations ? 1 : 2)
  assert.deepEqual(await idsOf(database, 'decision'), ['d3'])
  assert.equal((await database.query('select 1 from decision_event')).length, 1)
  assert.deepEqual(await idsOf(database, 'reservation'), ['m1', 'm3'])
  assert.deepEqual(await idsOf(database, 'slot'), ['s3'])
  assert.equal(await forgetSlots(database, 99, 1), 1)
})

test('old commits go beyond a bound, what is in force and what waits for people never', async (t) => {
  const { database } = await setup(t)
  await database.query(
    `insert into revision (commit, message, author, seen_ms, state, problems, changed)
     select 'c' || n, '', '', n, case n when 1 then 'applied' when 2 then 'held' else 'refused' end, '[]', '[]'
     from generate_series(1, $1::int + 5) n order by n`,
    [revisionsKept],
  )
  assert.equal(await database.transaction((tx) => forgetRevisions(tx, 100)), 3)
  const first = await database.query('select commit from revision order by seq limit 3')
  assert.deepEqual(first, [{ commit: 'c1' }, { commit: 'c2' }, { commit: 'c6' }])
})
