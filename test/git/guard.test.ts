// What the branch can do that nobody meant: be renamed, be emptied, be refused, come back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptCommit, acceptedCommit } from '../../runner/git/accept.ts'
import { reconcile } from '../../runner/git/reconcile.ts'
import { readRevision } from '../../runner/store/revisions.ts'
import { aFlow, following, messageOf, namesOf } from './following.ts'

const by = { name: 'local:ana', atMs: 1 }
const flowsNamed = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${name}.yaml`, aFlow(name)]))

test('branch-renamed: what was in force stays, and the head says that the branch is gone', async (t) => {
  const it = await following(t)
  const commit = it.repo.commit({ flows: flowsNamed('a') })
  await it.look()
  it.repo.git('branch', '-m', 'main', 'trunk')
  const { head, result } = await it.look()
  assert.deepEqual([result, head.condition.is, head.commit], ['failed', 'unreachable', commit])
  assert.deepEqual(namesOf(head), ['a'])
})

test('branch-renamed: after a restart that names the new branch it is followed again', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: flowsNamed('a') })
  await it.look()
  it.repo.git('branch', '-m', 'main', 'trunk')
  const next = it.repo.commit({ flows: flowsNamed('a', 'b') }, { branch: 'trunk' })
  const { head } = await it.restarted({ branch: 'trunk' })
  assert.deepEqual([head.condition.is, head.commit, head.branch], ['following', next, 'trunk'])
})

test('all-files-deleted: a commit that removes every flow is held until a person accepts it', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: flowsNamed('a', 'b', 'c', 'd') })
  await it.look()
  const empty = it.repo.commit({ 'README.md': 'x' })
  const { head } = await it.look()
  assert.deepEqual([head.condition.is, namesOf(head).length], ['held', 4])
  await acceptCommit(it.database, empty, by)
  const after = (await it.look()).head
  assert.deepEqual([after.condition.is, namesOf(after).length], ['following', 0])
})

for (const [before, after, condition] of [
  [['a', 'b', 'c'], ['a', 'b'], 'following'],
  [['a', 'b', 'c'], ['a'], 'held'],
  [['a', 'b', 'c', 'd', 'e', 'f'], ['a', 'b', 'c', 'd'], 'following'],
  [['a', 'b', 'c', 'd', 'e', 'f'], ['a', 'b', 'c'], 'held'],
  [['a', 'b'], ['a'], 'following'],
  [['a'], [], 'held'],
  [['a', 'b', 'c'], ['a', 'x', 'y'], 'held'],
] as const)
  test(`of ${before.join('')} to ${after.join('') || 'nothing'}: ${condition}`, async (t) => {
    const it = await following(t)
    it.repo.commit({ flows: flowsNamed(...before) })
    await it.look()
    it.repo.commit({ flows: flowsNamed(...after) })
    assert.equal((await it.look()).head.condition.is, condition)
  })

test('flows that break at once are not removed, so nothing is held', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: flowsNamed('a', 'b', 'c') })
  await it.look()
  it.repo.commit({ flows: { 'a.yaml': 'x', 'b.yaml': 'y', 'c.yaml': 'z' } })
  const { head } = await it.look()
  assert.deepEqual([head.condition.is, namesOf(head)], ['following', ['a', 'b', 'c']])
})

test('a commit that puts back what a held one removed is followed, and the held one waits no longer', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: flowsNamed('a', 'b', 'c') })
  await it.look()
  const empty = it.repo.commit({ 'README.md': 'x' })
  await it.look()
  const back = it.repo.commit({ flows: flowsNamed('a', 'b', 'c') })
  const { head } = await it.look()
  assert.deepEqual([head.condition.is, head.commit], ['following', back])
  assert.equal((await readRevision(it.database, empty))?.state, 'refused')
  await assert.rejects(acceptCommit(it.database, empty, by))
})

test('a branch that is set back to the commit in force is followed again', async (t) => {
  const it = await following(t)
  const first = it.repo.commit({ flows: flowsNamed('a') })
  await it.look()
  const orphan = it.repo.commit({ flows: flowsNamed('b') }, { parent: null })
  assert.equal((await it.look()).head.condition.is, 'held')
  it.repo.git('update-ref', 'refs/heads/main', first)
  assert.equal((await it.look()).head.condition.is, 'following')
  assert.equal((await readRevision(it.database, orphan))?.state, 'refused')
})

test('a branch that is set back to an older commit is held, and accepting it brings it into force', async (t) => {
  const it = await following(t)
  const first = it.repo.commit({ flows: { 'a.yaml': aFlow('a', { message: 'one' }) } })
  await it.look()
  it.repo.commit({ flows: { 'a.yaml': aFlow('a', { message: 'two' }) } })
  const { revision } = (await it.look()).head
  it.repo.git('update-ref', 'refs/heads/main', first)
  const held = (await it.look()).head
  assert.deepEqual([held.condition.is, messageOf(held, 'a')], ['held', 'two'])
  await acceptCommit(it.database, first, by)
  const { head } = await it.look()
  assert.deepEqual([head.commit, messageOf(head, 'a')], [first, 'one'])
  assert.ok(head.revision > revision)
})

test('a yes to one commit says nothing about the next', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: flowsNamed('a') })
  await it.look()
  const one = it.repo.commit({ flows: flowsNamed('b') }, { parent: null })
  await it.look()
  await acceptCommit(it.database, one, by)
  it.repo.commit({ flows: flowsNamed('c') }, { parent: null })
  assert.equal((await it.look()).head.condition.is, 'held')
})

test('a yes to the commit in force is used up at the next look and changes nothing', async (t) => {
  const it = await following(t)
  const commit = it.repo.commit({ flows: flowsNamed('a') })
  await it.look()
  await acceptCommit(it.database, commit, by)
  assert.equal((await it.look()).result, 'unchanged')
  assert.equal(await acceptedCommit(it.database), null)
})

test('a commit that Git calls malformed is refused, recorded once, and the next good one is followed', async (t) => {
  const it = await following(t)
  const first = it.repo.commit({ flows: flowsNamed('a') })
  await it.look()
  const bad = it.repo.commit({ flows: { ...flowsNamed('b'), '.git': { config: 'x' } } })
  for (const look of [() => it.look(), () => it.look(), () => it.restarted()]) {
    const { head, result } = await look()
    assert.deepEqual([head.condition.is, head.commit], ['refused', first])
    assert.notEqual(result, 'changed')
  }
  assert.equal((await readRevision(it.database, bad))?.state, 'refused')
  it.repo.git('update-ref', 'refs/heads/main', first)
  const next = it.repo.commit({ flows: flowsNamed('a', 'b') })
  assert.equal((await it.look()).head.commit, next)
})

test('another folder in the settings does not remove the flows in force before a person says so', async (t) => {
  const it = await following(t)
  const commit = it.repo.commit({ flows: flowsNamed('a', 'b', 'c'), other: flowsNamed('x') })
  await it.look()
  const { head } = await it.restarted({ folder: 'other' })
  assert.deepEqual([head.condition.is, namesOf(head)], ['held', ['a', 'b', 'c']])
  await acceptCommit(it.database, commit, by)
  assert.deepEqual(namesOf((await it.look()).head), ['x'])
})

test('a repository without commits is waited for', async (t) => {
  const it = await following(t)
  const { head } = await it.look()
  assert.deepEqual([head.condition.is, head.commit, head.revision], ['unreachable', null, 0])
  it.repo.commit({ flows: flowsNamed('a') })
  assert.equal((await it.look()).head.condition.is, 'following')
})

test('a folder that is not in the commit is a problem that names it', async (t) => {
  const it = await following(t)
  it.repo.commit({ 'README.md': 'x' })
  const { head } = await it.look()
  assert.ok(head.problems.some(({ code, place }) => code === 'file-missing' && place.file === 'flows'))
})

test('a runner that did not apply the commit itself takes it from the store', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: flowsNamed('a') })
  const mine = (await it.look()).head
  it.repo.commit({ flows: flowsNamed('a', 'b') })
  const other = await it.look()
  const { head, result } = await reconcile(it.parts, mine)
  assert.deepEqual([result, head.revision, namesOf(head)], ['unchanged', other.head.revision, ['a', 'b']])
})

test('two runners that judge one commit at once apply it once', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: flowsNamed('a') })
  const found = await Promise.all([reconcile(it.parts, null), reconcile(it.parts, null)])
  assert.deepEqual(found.map(({ result }) => result).toSorted(), ['changed', 'unchanged'])
  assert.deepEqual(
    found.map(({ head }) => namesOf(head)),
    [['a'], ['a']],
  )
})
