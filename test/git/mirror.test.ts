// The mirror lives through what happens to files: flipped bits, locks of the dead, two processes, a lost folder.

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { whileLocked } from '../../runner/git/lock.ts'
import { lockAgeMsMax } from '../../runner/git/mirror.ts'
import { Failure } from '../../runner/model/error.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { follow, freshFolder, readHead, scratch } from './scratch.ts'

/** A source with enough objects for a pack, and where its mirror will be. */
function setup(t: TestContext) {
  const repo = scratch(t)
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`f${i}.yaml`, `n: ${i}\n`.repeat(i * 9)]),
  )
  repo.commit({ flows: files })
  const folder = freshFolder(t)
  return { repo, folder, mirror: join(folder, 'mirror.git') }
}

function flipBit(pack: string): void {
  chmodSync(pack, 0o644)
  const bytes = readFileSync(pack)
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  writeFileSync(pack, bytes)
}

function packs(gitDir: string): string[] {
  const folder = join(gitDir, 'objects', 'pack')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pack'))
    .map((name) => join(folder, name))
}

test('corrupt-pack: a flipped bit in the mirror is noticed, and the mirror is fetched anew', async (t) => {
  const { repo, folder, mirror } = setup(t)
  await readHead(follow(t, repo.folder, { folder }))
  for (const pack of packs(mirror)) flipBit(pack)
  const found = await readHead(follow(t, repo.folder, { folder }))
  assert.equal(found.text.size, 30)
})

test('corrupt-pack: a damaged source is a failure, and what was read before stays readable', async (t) => {
  const { repo, folder } = setup(t)
  repo.git('repack', '-q', '-a', '-d')
  const repository = follow(t, repo.folder, { folder })
  const { commit } = await readHead(repository)
  for (const pack of packs(join(repo.folder, '.git'))) flipBit(pack)
  await assert.rejects(readHead(follow(t, repo.folder)), (thrown) => thrown instanceof Failure)
  assert.equal((await repository.read(commit, 'flows')).files.size, 30)
})

test('corrupt-pack: an object with another content than its name says is noticed', async (t) => {
  const { repo, folder, mirror } = setup(t)
  const repository = follow(t, repo.folder, { folder })
  const { commit } = await readHead(repository)
  const forged = repo.git('rev-parse', `${commit}:flows/f1.yaml`)
  const kept = packs(mirror).map((pack) => readFileSync(pack))
  rmSync(join(mirror, 'objects', 'pack'), { recursive: true })
  const environment = { PATH: process.env['PATH'], GIT_DIR: mirror }
  for (const input of kept) execFileSync('git', ['unpack-objects', '-q'], { input, env: environment })
  const loose = join(mirror, 'objects', forged.slice(0, 2), forged.slice(2))
  chmodSync(loose, 0o644)
  writeFileSync(loose, deflateSync('blob 5\0n: 666'.slice(0, -1)))
  const { files } = await repository.read(commit, 'flows')
  assert.equal(new TextDecoder().decode(files.get('f1.yaml')), 'n: 1\n'.repeat(9))
})

for (const [what, damage] of [
  ['without its HEAD', (mirror: string) => rmSync(join(mirror, 'HEAD'))],
  ['with a broken config', (mirror: string) => writeFileSync(join(mirror, 'config'), '[core\n\0')],
  ['without objects', (mirror: string) => rmSync(join(mirror, 'objects'), { recursive: true })],
  ['with a broken ref', (mirror: string) => writeFileSync(join(mirror, 'refs/watchbill/head'), 'nonsense\n')],
] as const)
  test(`a mirror ${what} is fetched anew`, async (t) => {
    const { repo, folder, mirror } = setup(t)
    await readHead(follow(t, repo.folder, { folder }))
    damage(mirror)
    const found = await readHead(follow(t, repo.folder, { folder }))
    assert.equal(found.text.size, 30)
  })

test('a mirror that is damaged again at once is not fetched anew at every look', async (t) => {
  const { repo, folder, mirror } = setup(t)
  const repository = follow(t, repo.folder, { folder })
  const { commit } = await readHead(repository)
  rmSync(join(mirror, 'objects'), { recursive: true })
  assert.equal((await repository.read(commit, 'flows')).files.size, 30)
  rmSync(join(mirror, 'objects'), { recursive: true })
  await assert.rejects(repository.read(commit, 'flows'), (thrown) => thrown instanceof Failure)
})

for (const name of ['shallow.lock', 'packed-refs.lock', 'refs/watchbill/head.lock', 'config.lock'])
  test(`shallow-lock: ${name} of a dead process is removed`, async (t) => {
    const { repo, folder, mirror } = setup(t)
    const repository = follow(t, repo.folder, { folder })
    await readHead(repository)
    const lock = join(mirror, name)
    writeFileSync(lock, '')
    const then = (systemClock.now() - lockAgeMsMax - 1_000) / 1000
    utimesSync(lock, then, then)
    repo.commit({ flows: { 'new.yaml': 'x' } })
    const found = await readHead(repository)
    assert.deepEqual([...found.text.keys()], ['new.yaml'])
    assert.equal(existsSync(lock), false)
  })

test('a lock that is young is left alone, and the failure says that it passes', async (t) => {
  const { repo, folder, mirror } = setup(t)
  const repository = follow(t, repo.folder, { folder })
  await readHead(repository)
  writeFileSync(join(mirror, 'refs/watchbill/head.lock'), '')
  repo.commit({ flows: { 'new.yaml': 'x' } })
  await assert.rejects(
    readHead(repository),
    (thrown) => thrown instanceof Failure && thrown.kind === 'unavailable',
  )
})

test('two-fetchers: many at once on one mirror all read the same', async (t) => {
  const { repo, folder } = setup(t)
  const found = await Promise.all(
    Array.from({ length: 6 }, () => readHead(follow(t, repo.folder, { folder }))),
  )
  assert.deepEqual(
    found.map(({ text }) => text.size),
    found.map(() => 30),
  )
})

test('two-fetchers: a lock held by another process is waited for, and freed when that process is killed', async (t) => {
  const file = join(freshFolder(t), 'lock')
  const holder = spawn(process.execPath, [
    '-e',
    `const { DatabaseSync } = require('node:sqlite')
     new DatabaseSync(process.argv[1]).exec('begin exclusive'); console.log('held'); setInterval(() => {}, 1000)`,
    file,
  ])
  t.after(() => holder.kill('SIGKILL'))
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  const impatient = whileLocked({ file, waitMs: 60, clock: systemClock }, () => Promise.resolve('in'))
  await assert.rejects(impatient, (thrown) => thrown instanceof Failure && thrown.kind === 'unavailable')
  const patient = whileLocked({ file, waitMs: 10_000, clock: systemClock }, () => Promise.resolve('in'))
  holder.kill('SIGKILL')
  assert.equal(await patient, 'in')
})
