// Real files: whole, bounded, and text.

import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { test } from 'node:test'
import { createFolder, fileLimits } from '../../runner/world/files.ts'
import { refused, setup } from './folder.ts'

test('a file of an allowed folder is read', async (t) => {
  assert.equal(await setup(t).files.read('in/note.txt', 100), 'hello')
})

test('an absolute path inside an allowed folder is read', async (t) => {
  const { files, at } = setup(t)
  assert.equal(await files.read(at('in/note.txt'), 100), 'hello')
})

test('what is written is there in full, and nothing beside it', async (t) => {
  const { files, at } = setup(t)
  await files.write('out/a/b.txt', 'one')
  await files.write('out/a/b.txt', 'two')
  assert.equal(readFileSync(at('out/a/b.txt'), 'utf8'), 'two')
  assert.deepEqual(readdirSync(at('out/a')), ['b.txt'])
})

test('a folder of the policy that is not there yet is made', async (t) => {
  const { files, at } = setup(t)
  await files.write('new/a.txt', 'a')
  assert.equal(readFileSync(at('new/a.txt'), 'utf8'), 'a')
})

test('a file keeps its permissions when it is written anew', async (t) => {
  const { files, at } = setup(t)
  writeFileSync(at('out/run.sh'), 'old')
  chmodSync(at('out/run.sh'), 0o750)
  await files.write('out/run.sh', 'new')
  assert.equal(statSync(at('out/run.sh')).mode & 0o777, 0o750)
})

test('readers see the old or the new content, never a part', async (t) => {
  const { files, at } = setup(t)
  const contents = ['a', 'b'].map((letter) => letter.repeat(1_000_000))
  await files.write('out/big.txt', contents[0] ?? '')
  const state = { writing: true }
  const writes = (async () => {
    for (let i = 0; i < 20; i++) await files.write('out/big.txt', contents[i % 2] ?? '')
    state.writing = false
  })()
  const seen = new Set<number>()
  while (state.writing) {
    seen.add(readFileSync(at('out/big.txt')).length)
    await new Promise(setImmediate)
  }
  await writes
  assert.deepEqual([...seen], [1_000_000])
})

test('what is appended follows what was there', async (t) => {
  const { files, at } = setup(t)
  await files.append('out/log.txt', 'one\n')
  await files.append('out/log.txt', 'two\n')
  assert.equal(readFileSync(at('out/log.txt'), 'utf8'), 'one\ntwo\n')
})

test('size and time of a file are told, and null when there is none', async (t) => {
  const { files, at } = setup(t)
  assert.deepEqual(await files.stat('in/note.txt'), {
    bytes: 5,
    modifiedMs: Math.floor(statSync(at('in/note.txt')).mtimeMs),
  })
  assert.equal(await files.stat('in/none.txt'), null)
  assert.equal(await files.stat('in/no/such/folder.txt'), null)
})

test('a folder is no file', async (t) => {
  const { files, at } = setup(t)
  mkdirSync(at('in/sub'))
  await assert.rejects(files.read('in/sub', 100), refused)
})

test('a file of exactly the limit is read, a larger one is refused', async (t) => {
  const { files } = setup(t)
  assert.equal(await files.read('in/note.txt', 5), 'hello')
  await assert.rejects(files.read('in/note.txt', 4), refused)
})

test(
  'a file that says it is empty but is not is read to its end',
  { skip: !existsSync('/proc/version') },
  async (t) => {
    const { rules } = setup(t)
    const files = createFolder({ ...rules, read: ['/proc/sys/kernel'] })
    assert.equal(await files.read('/proc/sys/kernel/ostype', 100), 'Linux\n')
  },
)

for (const [what, bytes] of Object.entries({ 'broken UTF-8': [0xff, 0xfe], 'NUL characters': [0x61, 0x00] }))
  test(`a file with ${what} is no text`, async (t) => {
    const { files, at } = setup(t)
    writeFileSync(at('in/binary'), Buffer.from(bytes))
    await assert.rejects(files.read('in/binary', 100), { kind: 'invalid' })
  })

test('more than the limit is not written', async (t) => {
  const { files } = setup(t)
  await assert.rejects(files.write('out/big', 'x'.repeat(fileLimits.writeBytesMax + 1)), refused)
})

test('a file does not grow beyond the limit', async (t) => {
  const { files, at } = setup(t)
  writeFileSync(at('out/log.txt'), '')
  truncateSync(at('out/log.txt'), fileLimits.appendToBytesMax)
  await assert.rejects(files.append('out/log.txt', 'x'), refused)
})

test('a write that cannot be finished leaves the old file and nothing beside it', async (t) => {
  const { files, at } = setup(t)
  mkdirSync(at('out/taken'))
  writeFileSync(at('out/taken/x'), '')
  await assert.rejects(files.write('out/taken', 'x'), refused)
  assert.deepEqual(readdirSync(at('out')), ['taken'])
})
