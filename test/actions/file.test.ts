// file.read, file.write and log.record.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { actionNamed, surroundings } from './surroundings.ts'

const write = actionNamed('file.write')

test('what was written is read again, with its size in bytes', async (t) => {
  const { run } = surroundings(t)
  assert.deepEqual(await run('file.write', { path: 'out/a.txt', content: 'grüße' }), {
    path: 'out/a.txt',
    bytes: 7,
  })
  assert.deepEqual(await run('file.read', { path: 'out/a.txt' }), {
    path: 'out/a.txt',
    content: 'grüße',
    bytes: 7,
  })
})

test('appending adds to the end', async (t) => {
  const { run, root } = surroundings(t)
  for (const content of ['a', 'b']) await run('file.write', { path: 'out/a.txt', content, mode: 'append' })
  assert.equal(readFileSync(join(root, 'out/a.txt'), 'utf8'), 'ab')
})

test('replacing can be repeated, appending happens once', () => {
  assert.equal(write.repetition({ path: 'a', content: 'b', mode: 'replace' }), 'idempotent')
  assert.equal(write.repetition({ path: 'a', content: 'b' }), 'idempotent')
  assert.equal(write.repetition({ path: 'a', content: 'b', mode: 'append' }), 'once')
})

test('a file larger than its limit is refused', async (t) => {
  const { run } = surroundings(t)
  await run('file.write', { path: 'out/a.txt', content: 'four' })
  await assert.rejects(run('file.read', { path: 'out/a.txt', bytes_max: 3 }), { kind: 'refused' })
})

test('a file outside the folders of the policy is refused', async (t) => {
  const { run } = surroundings(t)
  await assert.rejects(run('file.read', { path: '/etc/hostname' }), { kind: 'refused' })
  await assert.rejects(run('file.write', { path: 'else/a.txt', content: '' }), { kind: 'refused' })
})

test('a record stands in the log of the run, with its facts', async (t) => {
  const { run, lines } = surroundings(t)
  assert.deepEqual(await run('log.record', { message: 'sold', fields: { count: 3, who: 'a b' } }), {
    message: 'sold',
  })
  assert.deepEqual(lines, ['sold count=3 who="a b"'])
})
