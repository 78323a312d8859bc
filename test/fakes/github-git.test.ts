// The fake GitHub's repositories, cloned and pushed with the real git.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'

import { gitEnvironment } from './github/disk.ts'
import { startGitHub } from './github/server.ts'

const run = promisify(execFile)

async function setup(t: TestContext) {
  const github = await startGitHub(t)
  const repository = await github.addRepository('acme/ops', { people: { ana: 'write', eve: 'read' } })
  await repository.commit({ 'flows/a.yaml': 'one\n' }, { by: 'ana' })
  const folder = await mkdtemp(join(tmpdir(), 'watchbill-clone-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', args, { cwd: folder, env: { ...gitEnvironment, HOME: folder } })).stdout
  const withToken = (login: string): string =>
    repository.gitUrl.replace('http://', `http://x-access-token:${github.token(login)}@`)
  return { github, repository, folder, git, withToken }
}

test('a private repository is cloned with a token as password', async (t) => {
  const { folder, git, withToken } = await setup(t)
  await git('clone', '--quiet', withToken('eve'), 'clone')
  assert.equal(await readFile(join(folder, 'clone/flows/a.yaml'), 'utf8'), 'one\n')
})

test('a bearer token in a header does as well', async (t) => {
  const { github, repository, git } = await setup(t)
  const header = `http.extraHeader=Authorization: Bearer ${github.token('eve')}`
  const [line = ''] = (await git('-c', header, 'ls-remote', repository.gitUrl, 'refs/heads/main')).split('\t')
  assert.match(line, /^[0-9a-f]{40}$/)
})

test('without a token, with a wrong one or without a role there is nothing to clone', async (t) => {
  const { repository, git, withToken } = await setup(t)
  await assert.rejects(git('ls-remote', repository.gitUrl))
  await assert.rejects(
    git('ls-remote', repository.gitUrl.replace('http://', 'http://x:wrong@')),
    /Authentication/,
  )
  await assert.rejects(git('ls-remote', withToken('stranger')), /not found/)
})

test('a public repository is cloned without a token', async (t) => {
  const { repository, git } = await setup(t)
  repository.settings({ private: false })
  assert.match(await git('ls-remote', repository.gitUrl), /refs\/heads\/main/)
})

test('who may write may push, and the push is an effect', async (t) => {
  const { github, folder, git, withToken } = await setup(t)
  await git('clone', '--quiet', withToken('ana'), 'clone')
  // More than git sends in one piece.
  await writeFile(join(folder, 'clone/large'), randomBytes(2_000_000))
  const who = ['-C', 'clone', '-c', 'user.name=ana', '-c', 'user.email=ana@example.com']
  await git('-C', 'clone', 'add', '.')
  await git(...who, 'commit', '--quiet', '-m', 'Second')
  await git('-C', 'clone', 'push', '--quiet')
  const head = await git('-C', 'clone', 'rev-parse', 'HEAD')
  assert.match(await git('ls-remote', withToken('eve'), 'refs/heads/main'), new RegExp(head.trim()))
  assert.deepEqual(
    github.effects.map(({ is, by }) => [is, by]),
    [['pushed', 'ana']],
  )
})

test('a reader may not push', async (t) => {
  const { github, git, withToken } = await setup(t)
  await git('clone', '--quiet', withToken('eve'), 'clone')
  await assert.rejects(git('-C', 'clone', 'push', '--quiet', 'origin', 'HEAD:other'), /403/)
  assert.deepEqual(github.effects, [])
})

test('a commit may hold links, bytes and odd names, on any branch, and rewrite it', async (t) => {
  const { repository, git, withToken } = await setup(t)
  const files = {
    link: { mode: '120000', data: '../../etc/passwd' },
    'a "quoted"\nname': new Uint8Array([0, 255, 10]),
    module: { mode: '160000', data: '1'.repeat(40) },
  }
  const first = await repository.commit(files, { branch: 'odd' })
  const second = await repository.commit({ x: 'x' }, { branch: 'odd' })
  const rewritten = await repository.commit({ y: 'y' }, { branch: 'odd', onto: first })
  await git('clone', '--quiet', '--bare', withToken('ana'), 'clone')
  const tree = await git('-C', 'clone', 'ls-tree', '-z', 'odd')
  assert.match(tree, /120000 blob [0-9a-f]+\tlink\0/)
  assert.match(tree, /a "quoted"\nname\0/)
  assert.match(tree, /160000 commit 1{40}\tmodule\0/)
  assert.equal((await git('-C', 'clone', 'rev-parse', 'odd')).trim(), rewritten)
  assert.notEqual(second, rewritten)
})
