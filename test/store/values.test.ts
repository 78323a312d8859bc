// What goes into a database and what comes out, the same on both.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freshDatabase, kinds } from './bring.ts'
import { type Database, DatabaseError, type DatabaseErrorKind, json } from '../../runner/store/database.ts'

const naughty = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/blns.json'), 'utf8'),
) as string[]

const read: readonly [what: string, sql: string, value: unknown][] = [
  ['int8 as a number', 'select 1795356800000::int8 as v', 1_795_356_800_000],
  ['int4 as a number', 'select 5::int as v', 5],
  ['a count as a number', 'select count(*) as v from run', 0],
  ['numeric as a bigint', 'select 12345678901234567890123::numeric as v', 12_345_678_901_234_567_890_123n],
  ['a negative numeric as a bigint', 'select (-7)::numeric as v', -7n],
  ['a sum of int8 as a bigint', 'select sum(v) as v from (values (1::int8), (2)) as x(v)', 3n],
  ['jsonb as its value', `select '{"a": [1, null, "x"], "b": {}}'::jsonb as v`, { a: [1, null, 'x'], b: {} }],
  ['jsonb null as null', `select 'null'::jsonb as v`, null],
  ['json as its value', `select '[1]'::json as v`, [1]],
  ['nothing as null', 'select null::int8 as v', null],
  ['bool as a boolean', 'select true as v', true],
  ['text[] as an array', `select array['a', null, 'b,"c'] as v`, ['a', null, 'b,"c']],
  ['int8[] as numbers', 'select array[1, null, 3]::int8[] as v', [1, null, 3]],
  ['an empty int8[] as an empty array', `select '{}'::int8[] as v`, []],
  ['float8 as a number', 'select 0.5::float8 as v', 0.5],
]

const refusedValues = ['a\0b', 'a\ud800b', '\udc00']

const errors: readonly [kind: DatabaseErrorKind, code: string, sql: string][] = [
  ['unique', '23505', `insert into meta values ('a', '1'), ('a', '2')`],
  ['serialization', '40001', `do $$ begin raise exception using errcode = '40001'; end $$`],
  ['serialization', '40P01', `do $$ begin raise exception using errcode = '40P01'; end $$`],
  ['data', '22P02', `select 'x'::int`],
  ['data', '22003', 'select 3000000000::int'],
  ['data', '22012', 'select 1 / 0'],
  ['data', '23502', `insert into meta values ('a', null)`],
  ['data', '23503', `insert into decision_event (decision, at_ms, kind, body) values ('none', 0, 'k', '1')`],
  ['data', '23514', `insert into ledger_window (name, settled) values ('w', -1)`],
  ['connection', '57P01', `do $$ begin raise exception using errcode = '57P01'; end $$`],
  ['schema', '42601', 'selec 1'],
  ['schema', '42P01', 'select * from nothing_here'],
  ['resource', '53100', `do $$ begin raise exception using errcode = '53100'; end $$`],
  ['other', 'P0001', `do $$ begin raise exception 'no'; end $$`],
]

for (const kind of kinds) {
  test(`${kind}: values are read in our types`, async (t) => {
    const database = await freshDatabase(kind, t)
    for (const [what, sql, value] of read) {
      assert.deepEqual(await database.query(sql, []), [{ v: value }], what)
    }
  })

  test(`${kind}: an int8 beyond what a number holds is an error, not a wrong number`, async (t) => {
    const database = await freshDatabase(kind, t)
    await assert.rejects(database.query('select 9007199254740993::int8 as v', []), /does not fit/)
    assert.deepEqual(await database.query('select 1 as one', []), [{ one: 1 }])
  })

  test(`${kind}: a numeric with a fraction is an error, not a rounded amount`, async (t) => {
    const database = await freshDatabase(kind, t)
    await assert.rejects(database.query('select 1.5::numeric as v', []), /is not whole/)
  })

  test(`${kind}: parameters arrive as they were given`, async (t) => {
    const database = await freshDatabase(kind, t)
    const sql = `select $1::int8 as ms, $2::numeric as pico, $3::text as text, $4::jsonb as body, $5::text[] as names,
                 $6::bool as yes, $7::text as none, $8::int8[] as numbers`
    const given = [
      1_795_356_800_000,
      10n ** 25n,
      'x',
      json({ a: 'é' }),
      ['a', 'b"c', '{}', ''],
      false,
      null,
      [1, 2],
    ]
    const [row] = await database.query<object>(sql, given)
    assert.deepEqual(row, {
      ms: 1_795_356_800_000,
      pico: 10n ** 25n,
      text: 'x',
      body: { a: 'é' },
      names: ['a', 'b"c', '{}', ''],
      yes: false,
      none: null,
      numbers: [1, 2],
    })
  })

  test(`${kind}: naughty strings come back equal from text, jsonb and text[]`, async (t) => {
    const database = await freshDatabase(kind, t)
    assert.ok(naughty.length > 400)
    const sql = 'select $1::text as text, $2::jsonb as body, $3::text[] as list'
    for (const one of naughty) {
      const rows = await database.query(sql, [one, json({ [one]: one }), [one, one]])
      assert.deepEqual(rows, [{ text: one, body: { [one]: one }, list: [one, one] }])
    }
  })

  test(`${kind}: NUL and half surrogate pairs are refused in text, text[] and jsonb, never changed silently`, async (t) => {
    const database = await freshDatabase(kind, t)
    for (const value of refusedValues) {
      await refused(database, 'select $1::text as v', value)
      await refused(database, 'select $1::text[] as v', ['fine', value])
      await refused(database, 'select $1::jsonb as v', json(value))
      await refused(database, 'select $1::jsonb as v', json({ [value]: 1 }))
    }
    assert.deepEqual(await database.query('select 1 as one', []), [{ one: 1 }])
  })

  test(`${kind}: errors have their kind and code, and the database stays usable after each`, async (t) => {
    const database = await freshDatabase(kind, t)
    for (const [errorKind, code, sql] of errors) {
      const error = await database.query(sql, []).catch((thrown: unknown) => thrown)
      assert.ok(error instanceof DatabaseError)
      assert.deepEqual([error.kind, error.code], [errorKind, code])
    }
  })

  test(`${kind}: writing in a read-only transaction is an error of kind read_only`, async (t) => {
    const database = await freshDatabase(kind, t)
    const rejected = database.transaction(async (tx) => {
      await tx.query('set transaction read only', [])
      await tx.query(`insert into meta values ('a', '1')`, [])
    })
    await assert.rejects(rejected, (error) => error instanceof DatabaseError && error.kind === 'read_only')
  })
}

async function refused(database: Database, sql: string, value: unknown): Promise<void> {
  await assert.rejects(database.query(sql, [value]), (error) => {
    return error instanceof DatabaseError && error.kind === 'data'
  })
}
