// Following a branch of a real repository: what is asked, transferred, read and compared.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { commit as asCommit } from '../../runner/model/id.ts'
import { follow, freshFolder, readHead, scratch } from './scratch.ts'

test('the current branch of a checkout is followed, and its name is known', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': 'main' } })
  repo.commit({ flows: { 'a.yaml': 'other' } }, { branch: 'other' })
  const repository = follow(t, repo.folder)
  assert.equal((await readHead(repository)).text.get('a.yaml'), 'main')
  assert.equal(repository.branch(), 'main')
})

test('a branch that is named is followed whatever is checked out', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': 'main' } })
  repo.commit({ flows: { 'a.yaml': 'other' } }, { branch: 'other' })
  const found = await readHead(follow(t, repo.folder, { branch: 'other' }))
  assert.equal(found.text.get('a.yaml'), 'other')
})

test('the branch stays the one found first when another is checked out later', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': 'main' } })
  repo.commit({ flows: { 'a.yaml': 'other' } }, { branch: 'other' })
  const repository = follow(t, repo.folder)
  await readHead(repository)
  repo.git('symbolic-ref', 'HEAD', 'refs/heads/other')
  assert.equal((await readHead(repository)).text.get('a.yaml'), 'main')
})

test('a checkout without a branch is followed by its HEAD', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': 'x' } })
  repo.git('checkout', '--quiet', '--force', '--detach', 'main')
  const repository = follow(t, repo.folder)
  assert.equal((await readHead(repository)).text.get('a.yaml'), 'x')
  assert.equal(repository.branch(), 'HEAD')
})

test('a linked working tree and a shallow clone can be followed', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': 'one' } })
  repo.commit({ flows: { 'a.yaml': 'two' } })
  const [linked, shallow] = [join(freshFolder(t), 'linked'), join(freshFolder(t), 'shallow')]
  repo.git('worktree', 'add', '--quiet', '-b', 'side', linked, 'main')
  repo.git('clone', '--quiet', '--depth=1', `file://${repo.folder}`, shallow)
  assert.equal((await readHead(follow(t, linked))).text.get('a.yaml'), 'two')
  assert.equal((await readHead(follow(t, shallow))).text.get('a.yaml'), 'two')
})

test('a repository with SHA-256 objects is followed', async (t) => {
  const repo = scratch(t, '--object-format=sha256')
  repo.commit({ flows: { 'a.yaml': 'x' } })
  const found = await readHead(follow(t, repo.folder))
  assert.equal(found.commit.length, 64)
  assert.equal(found.text.get('a.yaml'), 'x')
})

test('a repository without commits has no branch yet', async (t) => {
  assert.equal(await follow(t, scratch(t).folder).head(), 'missing-branch')
})

test('a branch that is not there is missing', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': 'x' } })
  assert.equal(await follow(t, repo.folder, { branch: 'gone' }).head(), 'missing-branch')
})

test('a new commit is added to the mirror, not fetched anew', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': 'one' } })
  const folder = freshFolder(t)
  const repository = follow(t, repo.folder, { folder })
  await readHead(repository)
  const mark = join(folder, 'mirror.git', 'mark')
  writeFileSync(mark, '')
  repo.commit({ flows: { 'a.yaml': 'two' } })
  assert.equal((await readHead(repository)).text.get('a.yaml'), 'two')
  assert.ok(existsSync(mark))
})

test('a commit that is here is read although the source is gone', async (t) => {
  const repo = scratch(t)
  const commit = repo.commit({ flows: { 'a.yaml': 'x' } })
  const folder = freshFolder(t)
  await readHead(follow(t, repo.folder, { folder }))
  const repository = follow(t, join(repo.folder, 'moved'), { folder, branch: 'main' })
  await repository.fetch(commit)
  assert.equal((await repository.read(commit, 'flows')).files.size, 1)
})

test('the operator’s own Git settings and variables reach no Git process', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': 'x' } })
  const home = freshFolder(t)
  writeFileSync(join(home, '.gitconfig'), '[url "file:///nowhere/"]\n\tinsteadOf = file:///\n')
  const environment = {
    PATH: process.env['PATH'],
    HOME: home,
    GIT_DIR: '/nowhere',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'url.file:///nowhere/.insteadOf',
    GIT_CONFIG_VALUE_0: 'file:///',
    GIT_SSH_COMMAND: 'false',
  }
  const found = await readHead(follow(t, repo.folder, { environment }))
  assert.equal(found.text.size, 1)
})

test('only the folder is read, hidden files are not, and other folders do not count', async (t) => {
  const repo = scratch(t)
  const inside = {
    'a.yaml': 'x',
    '.hidden.yaml': 'x',
    prompts: { 'p.md': 'x' },
    '.vscode': { 'x.json': 'x' },
  }
  repo.commit({
    flows: inside,
    'flows.yaml': 'x',
    flows2: { 'b.yaml': 'x' },
    link: { mode: '160000', object: '1'.repeat(40) },
  })
  const found = await readHead(follow(t, repo.folder))
  assert.deepEqual([...found.text.keys()], ['a.yaml', 'prompts/p.md'])
  assert.deepEqual(found.refused, [])
})

test('the folder may be the whole repository, nested, missing, or a link', async (t) => {
  const repo = scratch(t)
  const target = repo.git('hash-object', '-w', '--stdin')
  repo.commit({ 'a.yaml': 'x', ops: { flows: { 'b.yaml': 'x' } }, link: { mode: '120000', object: target } })
  const repository = follow(t, repo.folder)
  const read = async (folder: string) => [...(await readHead(repository, folder)).text.keys()]
  assert.deepEqual(await read('ops/flows'), ['b.yaml'])
  assert.deepEqual(await read(''), ['a.yaml', 'ops/flows/b.yaml'])
  assert.deepEqual(await read('flows'), [])
  assert.deepEqual(await read('link'), [])
})

test('submodules, invisible names and names that are not text are refused where they stand', async (t) => {
  const repo = scratch(t)
  const submodule = { mode: '160000', object: '1'.repeat(40) }
  repo.commit({ flows: { sub: submodule, 'a\u202eb.yaml': 'x', 'a\\b.yaml': 'x', 'a\nb.yaml': 'x' } })
  const found = await readHead(follow(t, repo.folder))
  assert.deepEqual(found.refused.toSorted(), [
    'a\nb.yaml: file-name',
    'a\\b.yaml: file-name',
    'a\u202eb.yaml: file-name',
    'sub: file-not-regular',
  ])
})

test('changed names every path that differs, both names of a rename, and odd names whole', async (t) => {
  const repo = scratch(t)
  const from = repo.commit({ 'old.md': 'text\n'.repeat(50), keep: 'x', edit: 'x', 'mode.sh': 'x' })
  const executable = { mode: '100755', object: repo.git('rev-parse', 'main:mode.sh') }
  const to = repo.commit({
    'new.md': 'text\n'.repeat(50),
    keep: 'x',
    edit: 'y',
    'ü "\n".md': 'x',
    'mode.sh': executable,
  })
  const repository = follow(t, repo.folder)
  await readHead(repository)
  assert.deepEqual(await repository.changed(from, to), ['edit', 'mode.sh', 'new.md', 'old.md', 'ü "\n".md'])
})

test('a commit is described by its message, author and time', async (t) => {
  const repo = scratch(t)
  const commit = repo.commit({ a: 'x' }, { message: 'Why\n\nBecause \u001b[31mred' })
  const repository = follow(t, repo.folder)
  await readHead(repository)
  assert.deepEqual(await repository.describe(commit), {
    message: 'Why\n\nBecause \uFFFD[31mred',
    author: 'Ana <ana@example.com>',
    timeMs: 1_760_000_000_000,
  })
})

test('a commit in an old encoding is described in ours', async (t) => {
  const repo = scratch(t)
  const text = `tree ${repo.tree({ a: 'x' })}\nauthor Jos\xe9 <j@x> 1 +0000\ncommitter Jos\xe9 <j@x> 1 +0000\nencoding ISO-8859-1\n\nOl\xe9\n`
  repo.git('update-ref', 'refs/heads/main', repo.write('commit', Buffer.from(text, 'latin1')))
  const repository = follow(t, repo.folder)
  const { commit } = await readHead(repository)
  const { message, author } = await repository.describe(commit)
  assert.deepEqual([message, author], ['Olé', 'José <j@x>'])
})

test('an ancestor is told from a commit of another history and from one that nobody knows', async (t) => {
  const repo = scratch(t)
  const first = repo.commit({ a: '1' })
  const second = repo.commit({ a: '2' })
  const repository = follow(t, repo.folder)
  await readHead(repository)
  const orphan = repo.commit({ a: '3' }, { parent: null })
  await readHead(repository)
  assert.equal(await repository.isAncestor(first, second), true)
  assert.equal(await repository.isAncestor(second, first), false)
  assert.equal(await repository.isAncestor(second, orphan), false)
  assert.equal(await repository.isAncestor(asCommit('9'.repeat(40)), orphan), false)
})

test('the data folder may have a name with blanks and signs', async (t) => {
  const repo = scratch(t)
  repo.commit({ flows: { 'a.yaml': 'x' } })
  const odd = join(freshFolder(t), 'a b%20#ü')
  mkdirSync(odd)
  repo.git('clone', '--quiet', repo.folder, join(odd, 'source'))
  const found = await readHead(follow(t, join(odd, 'source'), { folder: join(odd, 'data') }))
  assert.equal(found.text.size, 1)
})
