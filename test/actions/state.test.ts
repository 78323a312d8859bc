// state.read, state.write, state.append and state.take, on a real store.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { actionNamed, surroundings } from './surroundings.ts'
import { aBirth, aVersion } from '../store/a-run.ts'
import { freshDatabase } from '../store/bring.ts'
import type { Json, JsonObject } from '../../runner/model/json.ts'
import { insertRuns } from '../../runner/store/admission.ts'
import { createMemory } from '../../runner/store/memory.ts'
import { fakeClock } from '../fakes/clock.ts'

async function setup(t: TestContext) {
  const database = await freshDatabase('pglite', t)
  await aVersion(database)
  await insertRuns(database, [aBirth('r')])
  let keys = 0
  return async (name: string, input: JsonObject): Promise<Readonly<Record<string, Json>>> => {
    const owner = { flow: 'f', run: 'r', key: `k${++keys}` }
    const memory = createMemory({ database, clock: fakeClock(0) }, owner)
    return (await surroundings(t, { memory }).run(name, input)) as JsonObject
  }
}

test('what is not remembered is read as the default, or as null', async (t) => {
  const run = await setup(t)
  const nothing = { version: 0, found: false }
  assert.deepEqual(await run('state.read', { name: 'n' }), { value: null, ...nothing })
  assert.deepEqual(await run('state.read', { name: 'n', default: [] }), { value: [], ...nothing })
  assert.deepEqual(await run('state.take', { name: 'n', default: 7 }), { value: 7, ...nothing })
})

test('what was written is read with its version, which a later write can expect', async (t) => {
  const run = await setup(t)
  const { version } = await run('state.write', { name: 'n', value: { at: 1 } })
  assert.deepEqual(await run('state.read', { name: 'n' }), { value: { at: 1 }, version, found: true })
  await run('state.write', { name: 'n', value: 2, expect: version ?? null })
  await assert.rejects(run('state.write', { name: 'n', value: 3, expect: version ?? null }), {
    kind: 'refused',
    remedy: /read it again/,
  })
})

test('appending says how long the list is, and taking gives it and clears it', async (t) => {
  const run = await setup(t)
  await run('state.append', { name: 'n', value: 'a', max: 2 })
  await run('state.append', { name: 'n', value: 'b', max: 2 })
  assert.equal((await run('state.append', { name: 'n', value: 'c', max: 2 }))['length'], 2)
  assert.deepEqual((await run('state.take', { name: 'n' }))['value'], ['b', 'c'])
  assert.equal((await run('state.read', { name: 'n' }))['found'], false)
})

test('a name is at most 200 characters, a list at most 10,000 elements', async (t) => {
  const run = await setup(t)
  await run('state.write', { name: 'n'.repeat(200), value: 1 })
  await assert.rejects(run('state.write', { name: 'n'.repeat(201), value: 1 }), /200/)
  await run('state.append', { name: 'n', value: 1, max: 10_000 })
  await assert.rejects(run('state.append', { name: 'n', value: 1, max: 10_001 }), /10000/)
})

test('taking is undone by writing it back, where nothing new stands', async (t) => {
  const run = await setup(t)
  await run('state.write', { name: 'n', value: [1] })
  const { undo } = actionNamed('state.take')
  assert.ok('uses' in undo)
  const back = undo.input({ name: 'n' }, await run('state.take', { name: 'n' }))
  await run(undo.uses, back)
  assert.deepEqual((await run('state.read', { name: 'n' }))['value'], [1])
  await assert.rejects(run(undo.uses, back), { kind: 'refused' })
})
