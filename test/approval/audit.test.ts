// The book of approvals: nothing in it can be changed or taken out without being noticed.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { digestOf } from '../../runner/model/digest.ts'
import { appendAudit, auditBegin, type AuditRow, verifyAudit } from '../../runner/store/audit.ts'
import type { Database } from '../../runner/store/database.ts'
import { lockTickets } from '../../runner/store/tickets.ts'
import { freshDatabase, type Kind, kinds } from '../store/bring.ts'

async function add(database: Database, atMs: number): Promise<void> {
  await database.transaction(async (tx) => {
    await lockTickets(tx)
    const body = { n: atMs, deep: { z: [1, 'é'], a: null } }
    await appendAudit(tx, { atMs, ticket: 't1', kind: 'test', body })
  })
}

async function book(kind: Kind, t: TestContext, rows = 4): Promise<Database> {
  const database = await freshDatabase(kind, t)
  for (let atMs = 1; atMs <= rows; atMs++) await add(database, atMs)
  return database
}

for (const kind of kinds) {
  test(`${kind}: an untouched book is whole, and an empty one too`, async (t) => {
    const empty = await verifyAudit(await book(kind, t, 0))
    assert.deepEqual(empty, { rows: 0, head: auditBegin, broken: null })
    const { rows, head, broken } = await verifyAudit(await book(kind, t))
    assert.deepEqual([rows, broken], [4, null])
    assert.match(head, /^[0-9a-f]{64}$/)
  })

  test(`${kind}: rows that are added at once form one chain`, async (t) => {
    const database = await book(kind, t, 0)
    await Promise.all(Array.from({ length: 12 }, (_, index) => add(database, index)))
    assert.deepEqual((await verifyAudit(database)).rows, 12)
  })
}

test('every change of a row is found, where it was made', async (t) => {
  const changes = [
    'update audit set at_ms = 99 where seq = 2',
    `update audit set ticket = 't2' where seq = 2`,
    'update audit set ticket = null where seq = 2',
    `update audit set kind = 'approved' where seq = 2`,
    `update audit set body = '{"n": 3}' where seq = 2`,
    `update audit set previous = repeat('0', 64) where seq = 2`,
    `update audit set hash = repeat('a', 64) where seq = 2`,
    'update audit a set body = b.body, at_ms = b.at_ms, hash = b.hash from audit b where a.seq = 2 and b.seq = 3',
  ]
  const database = await book('pglite', t)
  const kept = await database.query('select * from audit where seq = 2')
  for (const change of changes) {
    await database.query(change)
    assert.equal((await verifyAudit(database)).broken?.seq, 2, change)
    await database.query('delete from audit where seq = 2')
    const [row] = kept as [Record<string, unknown>]
    const values = [
      2,
      row['at_ms'],
      row['ticket'],
      row['kind'],
      JSON.stringify(row['body']),
      row['previous'],
      row['hash'],
    ]
    await database.query('insert into audit values ($1, $2, $3, $4, $5::jsonb, $6, $7)', values)
  }
  assert.equal((await verifyAudit(database)).broken, null)
})

test('a row that was taken out, or a chain begun anew, is found', async (t) => {
  const [gap, begun] = [await book('pglite', t), await book('pglite', t)]
  await gap.query('delete from audit where seq = 2')
  assert.equal((await verifyAudit(gap)).broken?.seq, 3)
  await begun.query('delete from audit where seq = 1')
  await begun.query('update audit set seq = seq - 1')
  assert.equal((await verifyAudit(begun)).broken?.seq, 1)
})

test('a tail that was cut off shows in the head', async (t) => {
  const database = await book('pglite', t)
  const { head } = await verifyAudit(database)
  await database.query('delete from audit where seq = 4')
  assert.notEqual((await verifyAudit(database)).head, head)
})

/** Hashes rows anew from `seq` on, as somebody would who has the store and knows how it is done. */
async function forge(database: Database, seq: number, previous: string): Promise<void> {
  const rows = await database.query<AuditRow>(
    `select seq, at_ms, ticket, kind, body from audit where seq >= $1 order by seq`,
    [seq],
  )
  let last = previous
  for (const row of rows) {
    const hash = digestOf({ ...row, previous: last })
    await database.query('update audit set previous = $2, hash = $3 where seq = $1', [row.seq, last, hash])
    last = hash
  }
}

test('a row that was changed with a hash of its own breaks the link after it', async (t) => {
  const database = await book('pglite', t)
  const [first] = await database.query<{ hash: string }>('select hash from audit where seq = 1')
  const [third] = await database.query<{ hash: string; previous: string }>(
    'select * from audit where seq = 3',
  )
  await database.query(`update audit set body = '{}' where seq = 2`)
  await forge(database, 2, first?.hash ?? '')
  const kept = [third?.previous, third?.hash]
  await database.query('update audit set previous = $1, hash = $2 where seq = 3', kept)
  assert.equal((await verifyAudit(database)).broken?.seq, 3)
})

test('a row that was taken out of a chain hashed anew leaves a gap in the numbers', async (t) => {
  const database = await book('pglite', t)
  const [first] = await database.query<{ hash: string }>('select hash from audit where seq = 1')
  await database.query('delete from audit where seq = 2')
  await forge(database, 3, first?.hash ?? '')
  assert.equal((await verifyAudit(database)).broken?.seq, 3)
})
