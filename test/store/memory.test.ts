// What flows remember: changed once for the key of an effect, whoever asks how often, within limits.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aBirth, aVersion } from './a-run.ts'
import { freshDatabase, type Kind, kinds } from './bring.ts'
import type { FlowMemory } from '../../runner/model/action.ts'
import { insertRuns } from '../../runner/store/admission.ts'
import { type Database, DatabaseError } from '../../runner/store/database.ts'
import { createMemory, namesMax, valueBytesMax } from '../../runner/store/memory.ts'
import { fakeClock } from '../fakes/clock.ts'

async function setup(t: TestContext, kind: Kind = 'pglite') {
  const database = await freshDatabase(kind, t)
  await aVersion(database)
  await insertRuns(database, [aBirth('r')])
  const parts = { database, clock: fakeClock(1_000) }
  let keys = 0
  /** Another effect each time, unless its key is given. */
  const memory = (key = `k${++keys}`, flow = 'f'): FlowMemory => createMemory(parts, { flow, run: 'r', key })
  return { database, memory }
}

for (const kind of kinds) {
  test(`${kind}: what was written is read, replaced and taken once`, async (t) => {
    const { memory } = await setup(t, kind)
    assert.equal(await memory().read('n'), null)
    const first = await memory().write('n', { a: [1, null, 'é'] }, null)
    assert.deepEqual(await memory().read('n'), { value: { a: [1, null, 'é'] }, ...first })
    const second = await memory().write('n', null, null)
    assert.ok(second.version > first.version)
    assert.deepEqual(await memory().take('n'), { value: null, ...second })
    assert.equal(await memory().take('n'), null)
  })

  test(`${kind}: a change repeated with its key is made once and answers the same`, async (t) => {
    const { memory } = await setup(t, kind)
    const written = await memory('w').write('n', [0], null)
    await memory().write('n', [9], null)
    assert.deepEqual(await memory('w').write('n', [0], null), written)
    const appended = await memory('a').append('n', 1, 10)
    assert.deepEqual(await memory('a').append('n', 1, 10), appended)
    const taken = await memory('t').take('n')
    await memory().write('n', 'new', null)
    assert.deepEqual([taken, await memory('t').take('n')], [taken, taken])
    assert.deepEqual(taken?.value, [9, 1])
    assert.deepEqual((await memory().read('n'))?.value, 'new')
  })

  test(`${kind}: of many that append at once nothing is lost and nothing is doubled`, async (t) => {
    const { memory } = await setup(t, kind)
    const items = Array.from({ length: 40 }, (_, n) => n)
    // Each twice with one key, as a paused holder and its heir would.
    await Promise.all(
      items.flatMap((n) => [memory(`k-${n}`).append('n', n, 100), memory(`k-${n}`).append('n', n, 100)]),
    )
    const { value } = (await memory().read('n')) ?? { value: null }
    assert.deepEqual(
      (value as number[]).toSorted((one, other) => one - other),
      items,
    )
  })

  test(`${kind}: of many that take at once one gets it`, async (t) => {
    const { memory } = await setup(t, kind)
    await memory().write('n', 1, null)
    const taken = await Promise.all(Array.from({ length: 10 }, () => memory().take('n')))
    assert.equal(taken.filter((one) => one !== null).length, 1)
  })

  test(`${kind}: a write that expects another version is refused and changes nothing`, async (t) => {
    const { memory } = await setup(t, kind)
    const { version } = await memory().write('n', 1, 0)
    await assert.rejects(memory().write('n', 2, 0), { kind: 'refused' })
    await memory().write('n', 3, version)
    await assert.rejects(memory().write('n', 4, version), { kind: 'refused' })
    assert.deepEqual((await memory().read('n'))?.value, 3)
  })
}

test('a version never comes again, even after the name was taken', async (t) => {
  const { memory } = await setup(t)
  const { version } = await memory().write('n', 1, null)
  await memory().take('n')
  await memory().write('n', 1, null)
  await assert.rejects(memory().write('n', 2, version), { kind: 'refused' })
})

test('a list keeps its newest elements', async (t) => {
  const { memory } = await setup(t)
  for (const n of [1, 2, 3, 4]) await memory().append('n', n, 3)
  assert.deepEqual((await memory().read('n'))?.value, [2, 3, 4])
})

test('appending to what is no list is refused', async (t) => {
  const { memory } = await setup(t)
  await memory().write('n', { a: 1 }, null)
  await assert.rejects(memory().append('n', 1, 3), { kind: 'refused' })
})

test('flows do not see the names of each other', async (t) => {
  const { memory } = await setup(t)
  await memory('k', 'f').write('n', 1, null)
  assert.equal(await memory('l', 'g').read('n'), null)
})

test('a value beyond its limit is refused, alone or in a list, and one at the limit is kept', async (t) => {
  const { memory } = await setup(t)
  const largest = 'x'.repeat(valueBytesMax - 2)
  await memory().write('n', largest, null)
  await assert.rejects(memory().write('m', `${largest}x`, null), { kind: 'refused' })
  await memory().append('list', largest.slice(4), 3)
  await assert.rejects(memory().append('list', 10, 3), { kind: 'refused' })
  assert.equal(await memory().read('m'), null)
})

test('text that the store cannot keep is refused, as a value and as a name', async (t) => {
  const { memory } = await setup(t)
  await assert.rejects(memory().write('n', 'a\0', null), { kind: 'refused' })
  await assert.rejects(memory().write('a\0', 1, null), { kind: 'invalid' })
})

test('a flow has so many names and no more; those that it has can still change', async (t) => {
  const { database, memory } = await setup(t)
  await database.query(
    `insert into flow_state (flow, name, value, changed_ms)
     select 'f', 'n' || n, '1', 0 from generate_series(1, $1::int) n`,
    [namesMax],
  )
  await assert.rejects(memory().write('one-more', 1, null), { kind: 'refused' })
  await memory().write('n1', 2, null)
  await memory('k', 'g').write('one-more', 1, null)
  await memory().take('n2')
  await memory().write('one-more', 1, null)
})

test('a store that is away is said as such, so that the step is tried again', async (t) => {
  const { database } = await setup(t)
  const gone = new DatabaseError({ kind: 'connection', code: '08006' }, new Error('gone'))
  const away: Database = {
    ...database,
    query: () => Promise.reject(gone),
    transaction: () => Promise.reject(gone),
  }
  const memory = createMemory({ database: away, clock: fakeClock(0) }, { flow: 'f', run: 'r', key: 'k' })
  await assert.rejects(memory.read('n'), { kind: 'unavailable' })
  await assert.rejects(memory.take('n'), { kind: 'unavailable' })
})
