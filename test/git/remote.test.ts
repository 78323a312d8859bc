// What the other side can do to us: be away, be silent, want a password, lie about its size.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { localEnvironment } from '../../runner/git/environment.ts'
import { parseSource } from '../../runner/git/source.ts'
import { Failure } from '../../runner/model/error.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { follow, freshFolder, readHead, scratch } from './scratch.ts'

async function http(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof Failure, `not a failure: ${String(thrown)}`)
  assert.ok(thrown.remedy !== undefined)
  return thrown
}

test('remote-auth-prompt: a remote that wants a password is denied at once, without a prompt', async (t) => {
  const host = await http(t, (_, response) =>
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
  )
  const failure = await failureOf(follow(t, `http://${host}/a/b.git`).head())
  assert.equal(failure.kind, 'denied')
})

test('credentials of the URL are sent as a header and stand in no message, file or argument', async (t) => {
  let sent: string | undefined
  const host = await http(t, (request, response) => {
    sent = request.headers.authorization
    response.writeHead(403).end()
  })
  const folder = freshFolder(t)
  const repository = follow(t, `http://ana:s3cr3t-token@${host}/a/b.git`, { folder })
  const failure = await failureOf(repository.head())
  assert.equal(sent, `Basic ${Buffer.from('ana:s3cr3t-token').toString('base64')}`)
  assert.equal(failure.kind, 'denied')
  assert.doesNotMatch(`${failure.message} ${failure.remedy} ${repository.shown}`, /s3cr3t|ana:/)
  assert.throws(() => execFileSync('grep', ['-r', 's3cr3t', folder]), { status: 1 })
})

test('a remote that never answers is given up after the time-out', async (t) => {
  const server = createTcpServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const clock = { ...systemClock, after: (ms: number, call: () => void) => systemClock.after(ms / 100, call) }
  const failure = await failureOf(follow(t, `http://127.0.0.1:${port}/a.git`, { clock }).head())
  assert.equal(failure.kind, 'timeout')
})

test('a remote that is away is unavailable', async (t) => {
  const failure = await failureOf(follow(t, 'http://127.0.0.1:1/a.git').head())
  assert.equal(failure.kind, 'unavailable')
})

test('a folder that is no repository is said to be none', async (t) => {
  const failure = await failureOf(follow(t, freshFolder(t)).head())
  assert.equal(failure.kind, 'invalid')
})

test('without a program called git the failure says what to install', async (t) => {
  const failure = await failureOf(follow(t, freshFolder(t), { environment: { PATH: '/nowhere' } }).head())
  assert.match(failure.remedy ?? '', /Install Git/)
})

test('a remote that cannot leave objects out is read as well, and the size still counts', async (t) => {
  const repo = scratch(t)
  repo.git('config', 'uploadpack.allowFilter', 'false')
  repo.commit({ flows: { 'a.yaml': 'x'.repeat(256 * 1024 + 1), 'b.yaml': 'x'.repeat(256 * 1024) } })
  const found = await readHead(follow(t, repo.folder))
  assert.deepEqual([...found.text.keys()], ['b.yaml'])
  assert.deepEqual(found.refused, ['a.yaml: file-too-large'])
})

test('objects beyond the limit are not even transferred', async (t) => {
  const repo = scratch(t)
  const noise = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i * 31) >> 3)
  repo.commit({ flows: { 'big.bin': noise, 'a.yaml': 'x' } })
  const folder = freshFolder(t)
  const found = await readHead(follow(t, repo.folder, { folder }))
  assert.deepEqual(found.refused, ['big.bin: file-too-large'])
  const size = execFileSync('du', ['-sk', join(folder, 'mirror.git')]).toString()
  assert.ok(Number(size.split('\t')[0]) < 500, size)
})

test('an object that was left out is never fetched behind our back', async (t) => {
  const repo = scratch(t)
  const commit = repo.commit({ flows: { 'big.bin': new Uint8Array(3_000_000) } })
  const folder = freshFolder(t)
  const repository = follow(t, repo.folder, { folder })
  await readHead(repository)
  const source = parseSource(repo.folder)
  const places = { configFile: join(folder, 'mirror.config'), gitDir: join(folder, 'mirror.git') }
  const environment = localEnvironment({ inherited: process.env, source, ...places })
  const show = ['cat-file', '-s', `${commit}:flows/big.bin`]
  assert.throws(() => execFileSync('git', show, { env: environment, stdio: 'pipe' }), { status: 128 })
})

for (const address of [
  'ext::sh -c touch% /tmp/x',
  'http://example.com/a.git',
  'ftp://example.com/a',
  '-u./x',
  '',
  'flows',
])
  test(`the address ${JSON.stringify(address)} is refused before Git sees it`, (t) => {
    assert.throws(
      () => follow(t, address),
      (thrown) => thrown instanceof Failure && thrown.kind === 'invalid',
    )
  })

for (const branch of ['-x', 'a..b', 'a b', 'x.lock', '@', 'a:b', 'a\nb', '', '/a', 'a*'])
  test(`the branch ${JSON.stringify(branch)} is refused before Git sees it`, (t) => {
    assert.throws(
      () => follow(t, freshFolder(t), { branch }),
      (thrown) => thrown instanceof Failure && thrown.kind === 'invalid',
    )
  })
