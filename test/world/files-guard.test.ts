// Inside the allowed folders and nowhere else, whatever lies in the way.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFolder } from '../../runner/world/files.ts'
import { pathLimits } from '../../runner/world/folder-rules.ts'
import { refused, setup } from './folder.ts'

for (const path of [
  '../elsewhere/secret.txt',
  'in/../elsewhere/secret.txt',
  'in/..',
  '/etc/passwd',
  'elsewhere/secret.txt',
  'in2/x',
  'in',
  'in/./../elsewhere/secret.txt',
])
  test(`the path ${path} is refused`, async (t) => {
    const { files } = setup(t)
    await assert.rejects(files.read(path, 100), refused)
    await assert.rejects(files.write(path, 'x'), refused)
  })

for (const path of [
  '',
  'in/',
  'in/a\0b',
  `in/${'a'.repeat(pathLimits.charactersMax)}`,
  `in/${'a/'.repeat(pathLimits.depthMax)}b`,
  `in/${'ü'.repeat(200)}`,
])
  test(`the path ${JSON.stringify(path.slice(0, 12))} of ${path.length} characters is invalid`, async (t) => {
    await assert.rejects(setup(t).files.read(path, 100), { kind: 'invalid' })
  })

test('a folder that may be read may not be written', async (t) => {
  await assert.rejects(setup(t).files.write('in/note.txt', 'x'), refused)
})

test('a link to a file outside is not read', async (t) => {
  const { files, at } = setup(t)
  symlinkSync(at('elsewhere/secret.txt'), at('in/link'))
  await assert.rejects(files.read('in/link', 100), refused)
})

test('a link to a folder outside is not entered, to read or to write', async (t) => {
  const { files, at } = setup(t)
  symlinkSync(at('elsewhere'), at('in/link'))
  symlinkSync(at('elsewhere'), at('out/link'))
  await assert.rejects(files.read('in/link/secret.txt', 100), refused)
  await assert.rejects(files.write('out/link/new.txt', 'x'), refused)
  await assert.rejects(files.append('out/link/secret.txt', 'x'), refused)
  await assert.rejects(files.stat('in/link/secret.txt'), refused)
  assert.deepEqual(readdirSync(at('elsewhere')), ['secret.txt'])
})

test('a link is not written through, nor replaced', async (t) => {
  const { files, at } = setup(t)
  symlinkSync(at('elsewhere/secret.txt'), at('out/link'))
  symlinkSync(at('elsewhere/made.txt'), at('out/dangling'))
  for (const path of ['out/link', 'out/dangling']) {
    await assert.rejects(files.write(path, 'x'), refused)
    await assert.rejects(files.append(path, 'x'), refused)
  }
  assert.equal(readFileSync(at('elsewhere/secret.txt'), 'utf8'), 'secret')
  assert.equal(existsSync(at('elsewhere/made.txt')), false)
})

test('a second name of a file elsewhere is not added to, and writing it anew leaves the other alone', async (t) => {
  const { files, at } = setup(t)
  linkSync(at('elsewhere/secret.txt'), at('out/hard'))
  await assert.rejects(files.append('out/hard', 'x'), refused)
  await files.write('out/hard', 'x')
  assert.equal(readFileSync(at('elsewhere/secret.txt'), 'utf8'), 'secret')
})

test('a folder that becomes a link again and again never leads outside', async (t) => {
  const { files, at } = setup(t)
  mkdirSync(at('in/real'))
  writeFileSync(at('in/real/secret.txt'), 'harmless')
  symlinkSync(at('elsewhere'), at('in/bait'))
  const state = { swapping: true }
  const swap = (async () => {
    while (state.swapping) {
      renameSync(at('in/real'), at('in/away'))
      renameSync(at('in/bait'), at('in/real'))
      await new Promise(setImmediate)
      renameSync(at('in/real'), at('in/bait'))
      renameSync(at('in/away'), at('in/real'))
      await new Promise(setImmediate)
    }
  })()
  const seen = new Set<string>()
  for (let i = 0; i < 300; i++) seen.add(await files.read('in/real/secret.txt', 100).catch(() => 'refused'))
  state.swapping = false
  await swap
  assert.equal(seen.has('secret'), false)
})

test('the data folder stays closed even where the policy names it', async (t) => {
  const { files } = setup(t)
  await assert.rejects(files.read('data/store.db', 100), refused)
  await assert.rejects(files.write('data/store.db', 'x'), refused)
  await assert.rejects(files.write('data/new/x', 'x'), refused)
})

test('the data folder stays closed below a folder that is open', async (t) => {
  const { rules, root } = setup(t)
  const files = createFolder({ ...rules, read: ['.'], write: ['.'] })
  await assert.rejects(files.read('data/store.db', 100), refused)
  await assert.rejects(files.append(join(root, 'data', 'store.db'), 'x'), refused)
  assert.equal(await files.read('in/note.txt', 100), 'hello')
})

test('a forbidden file is closed under another name too', async (t) => {
  const { files, at } = setup(t)
  const { rules } = setup(t)
  linkSync(at('data/store.db'), at('in/other.db'))
  const strict = createFolder({ ...rules, root: at('.'), forbidden: [at('data/store.db')] })
  await assert.rejects(strict.read('in/other.db', 100), refused)
  assert.equal(await files.read('in/note.txt', 100), 'hello')
})

test('a forbidden file that does not exist yet is not made', async (t) => {
  const { files, at } = setup(t)
  await assert.rejects(files.write('out/.env', 'x'), refused)
  assert.equal(existsSync(at('out/.env')), false)
})

test('nothing inside a Git folder is read or written, in whatever case', async (t) => {
  const { files } = setup(t)
  for (const path of ['out/.git/hooks/post-commit', 'out/x/.GIT/config'])
    await assert.rejects(files.write(path, 'x'), refused)
  await assert.rejects(files.read('in/.git/config', 100), refused)
})

/** Of POSIX, so that it is on every machine. */
const pipeMaker = 'mkfifo'

test('a pipe is refused at once, to read and to write', { timeout: 5_000 }, async (t) => {
  const { files, at } = setup(t)
  for (const folder of ['in', 'out']) execFileSync(pipeMaker, [at(`${folder}/pipe`)])
  await assert.rejects(files.read('in/pipe', 100), refused)
  await assert.rejects(files.append('out/pipe', 'x'), refused)
  await assert.rejects(files.write('out/pipe', 'x'), refused)
})

test('a device is refused', async (t) => {
  const { rules } = setup(t)
  const files = createFolder({ ...rules, read: ['/dev'] })
  await assert.rejects(files.read('/dev/zero', 100), refused)
})

test('no folder stays open', { skip: !existsSync('/proc/self/fd') }, async (t) => {
  const { files, at } = setup(t)
  symlinkSync(at('elsewhere'), at('in/link'))
  const before = readdirSync('/proc/self/fd').length
  for (let i = 0; i < 20; i++) {
    await files.read('in/note.txt', 100)
    await files.write('out/deep/er/x', 'x')
    await assert.rejects(files.read('in/link/x', 100))
    await assert.rejects(files.read('in/none', 100))
  }
  assert.ok(readdirSync('/proc/self/fd').length <= before + 1)
})
