// The hostile repositories of `fixtures/git`, each made by its recipe: what is in them is refused or contained.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Failure } from '../../runner/model/error.ts'
import { follow, hollowBlob, readHead, scratch, type Scratch } from './scratch.ts'

const flow = 'kind: Flow\n'
const gib = 1024 ** 3

interface Case {
  readonly id: string
}
const cases = (JSON.parse(readFileSync('test/fixtures/git/hostile-repos.json', 'utf8')) as { cases: Case[] })
  .cases

/** Cases that are about what a commit means are tested where that is decided. */
const elsewhere: Readonly<Record<string, string>> = {
  'force-push-unrelated': 'reconcile.test.ts',
  'branch-renamed': 'reconcile.test.ts',
  'all-files-deleted': 'reconcile.test.ts',
  'remote-auth-prompt': 'remote.test.ts',
  'corrupt-pack': 'mirror.test.ts',
  'shallow-lock': 'mirror.test.ts',
  'two-fetchers': 'mirror.test.ts',
  'signed-commit-off': 'signatures.test.ts',
}

/** Recipe → what is read and what is refused. */
const contained: Readonly<
  Record<string, (repo: Scratch) => { tree: Parameters<Scratch['tree']>[0]; refused: string[] }>
> = {
  'symlink-file-out': (repo) => ({
    tree: { 'a.yaml': link(repo, '/etc/passwd') },
    refused: ['a.yaml: file-not-regular'],
  }),
  'symlink-to-git': (repo) => ({
    tree: { 'a.yaml': link(repo, '../.git/config') },
    refused: ['a.yaml: file-not-regular'],
  }),
  'lfs-pointer': () => ({
    tree: {
      'a.yaml': `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`,
    },
    refused: ['a.yaml: file-lfs-pointer'],
  }),
  'case-collision': () => ({
    tree: { 'A.yaml': flow, 'a.yaml': flow },
    refused: ['A.yaml: file-name-collision', 'a.yaml: file-name-collision'],
  }),
  'name-dash': () => ({
    tree: { '--help.yaml': flow, '-oProxyCommand=id.yaml': flow },
    refused: ['--help.yaml: file-name', '-oProxyCommand=id.yaml: file-name'],
  }),
  'name-255': () => {
    const long = `${'n'.repeat(251)}.yaml`
    return {
      tree: { [long]: flow, ...deep(16, flow) },
      refused: [`${'d'.repeat(255)}/`.repeat(16) + 'a.yaml: file-name', `${long}: file-name`],
    }
  },
  '1gb-blob': (repo) => ({
    tree: { 'a.yaml': hollowBlob(repo.folder, gib) },
    refused: ['a.yaml: file-too-large'],
  }),
}

function link(repo: Scratch, target: string): { mode: string; object: string } {
  const blob = repo.tree({ target })
  return { mode: '120000', object: repo.git('rev-parse', `${blob}:target`) }
}

/** `a.yaml` below so many folders with names of 255 bytes. */
function deep(
  levels: number,
  content: string,
): Record<string, string | object> & Parameters<Scratch['tree']>[0] {
  const name = 'd'.repeat(255)
  return levels === 0 ? { 'a.yaml': content } : { [name]: deep(levels - 1, content) }
}

for (const [id, make] of Object.entries(contained))
  test(`${id}: it is refused by name and the rest is read`, async (t) => {
    const repo = scratch(t)
    const { tree, refused } = make(repo)
    repo.commit({ flows: { ...tree, 'good.yaml': flow } })
    const found = await readHead(follow(t, repo.folder))
    assert.deepEqual([...found.text.keys()], ['good.yaml'])
    assert.deepEqual(found.refused.toSorted(), refused.toSorted())
  })

/** Recipe of a commit that Git itself calls dangerous. */
const refusedWhole: Readonly<Record<string, (repo: Scratch) => Parameters<Scratch['tree']>[0]>> = {
  'submodule-dash': () => ({
    '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = -u./payload\n',
    x: { mode: '160000', object: '1'.repeat(40) },
    flows: { 'a.yaml': flow },
  }),
  'dotgit-variants': () => ({ flows: { '.GIT': { config: 'x' }, 'a.yaml': flow } }),
}

for (const [id, make] of Object.entries(refusedWhole))
  test(`${id}: the fetch is refused and nothing of it is kept`, async (t) => {
    const repo = scratch(t)
    repo.commit(make(repo))
    const repository = follow(t, repo.folder)
    const commit = await repository.head()
    assert.notEqual(commit, 'missing-branch')
    await assert.rejects(
      readHead(repository),
      (thrown) => thrown instanceof Failure && thrown.kind === 'refused',
    )
  })

for (const name of ['.git\u200c', 'git~1'])
  test(`dotgit-variants: ${JSON.stringify(name)} is refused as well`, async (t) => {
    const repo = scratch(t)
    repo.commit({ flows: { [name]: { config: 'x' }, 'a.yaml': flow } })
    await assert.rejects(
      readHead(follow(t, repo.folder)),
      (thrown) => thrown instanceof Failure && thrown.kind === 'refused',
    )
  })

test('fifo-or-device: the working tree is never opened, so a pipe in it stops nothing', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': flow } })
  repo.git('checkout', '--quiet', '--force', 'main')
  rmSync(join(repo.folder, 'flows', 'a.yaml'))
  execFileSync('mkfifo', [join(repo.folder, 'flows', 'a.yaml')])
  const found = await readHead(follow(t, repo.folder))
  assert.equal(found.text.get('a.yaml'), flow)
})

test('hooks-in-tree: no hook of the tree or of the folder ever runs', async (t) => {
  const repo = scratch(t)
  const trap = join(repo.folder, 'trapped')
  const hook = `#!/bin/sh\ntouch ${trap}\n`
  const names = ['reference-transaction', 'post-checkout', 'pre-auto-gc', 'fsmonitor-watchman']
  repo.commit({
    '.githooks': Object.fromEntries(names.map((name) => [name, hook])),
    flows: { 'a.yaml': flow },
  })
  repo.git('checkout', '--quiet', '--force', 'main')
  repo.git('config', 'core.hooksPath', join(repo.folder, '.githooks'))
  repo.git('config', 'uploadpack.packObjectsHook', `touch ${trap}; git`)
  for (const name of names) execFileSync('chmod', ['+x', join(repo.folder, '.githooks', name)])
  await readHead(follow(t, repo.folder))
  assert.throws(() => readFileSync(trap), { code: 'ENOENT' })
})

for (const [what, date] of [
  ['in 2106', '4294967296 +0000'],
  ['before 1970', '-86400 +0000'],
] as const)
  test(`commit-time-year-2106: a commit ${what} is read and described`, async (t) => {
    const repo = scratch(t)
    repo.commit({ flows: { 'a.yaml': flow } }, { date })
    const repository = follow(t, repo.folder)
    const { commit, text } = await readHead(repository)
    assert.deepEqual([...text.keys()], ['a.yaml'])
    assert.equal((await repository.describe(commit)).timeMs, Number(date.split(' ')[0]) * 1000)
  })

test('every case of the fixture is tested', () => {
  const here = [...Object.keys(contained), ...Object.keys(refusedWhole), ...Object.keys(elsewhere)]
  const single = ['fifo-or-device', 'hooks-in-tree', 'commit-time-year-2106']
  assert.deepEqual(cases.map((one) => one.id).toSorted(), [...here, ...single].toSorted())
})
