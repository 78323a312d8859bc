// From commits to what is in force: the good comes in, the bad stays out, and nothing that works is lost.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { acceptCommit } from '../../runner/git/accept.ts'
import { Stop } from '../../runner/model/error.ts'
import { readFlowHeads, readRevision } from '../../runner/store/revisions.ts'
import { versionClosure } from '../../runner/store/versions.ts'
import { kinds } from '../store/bring.ts'
import { aFlow, aPolicy, following, messageOf, namesOf } from './following.ts'

const by = { name: 'local:ana', atMs: 1 }

for (const kind of kinds) {
  test(`${kind}: a commit comes into force with its flows, its policy and its record`, async (t) => {
    const it = await following(t, kind)
    const flows = { 'a.yaml': aFlow('a'), sub: { 'b.yaml': aFlow('b') }, 'policy.yaml': aPolicy }
    const commit = it.repo.commit({ flows }, { message: 'Begin' })
    const { head, result } = await it.look()
    assert.equal(result, 'changed')
    assert.equal(head.commit, commit)
    assert.deepEqual(namesOf(head), ['a', 'b'])
    assert.deepEqual([head.condition.is, head.policyOrigin, head.branch], ['following', 'current', 'main'])
    assert.equal(head.policy.budget.monthUsd, 30_000_000_000_000n)
    assert.deepEqual(head.problems, [])
    const row = await readRevision(it.database, commit)
    assert.deepEqual([row?.state, row?.message, row?.author], ['applied', 'Begin', 'Ana <ana@example.com>'])
  })

  test(`${kind}: what is in force is the same after a restart, even when the source is gone`, async (t) => {
    const it = await following(t, kind)
    it.repo.commit({ flows: { 'a.yaml': aFlow('a', { message: 'kept' }), 'policy.yaml': aPolicy } })
    const { head } = await it.look()
    rmSync(it.repo.folder, { recursive: true })
    const after = await it.restarted()
    assert.equal(after.head.condition.is, 'unreachable')
    assert.equal(messageOf(after.head, 'a'), 'kept')
    assert.deepEqual(
      [after.head.commit, after.head.revision, after.head.policyVersion, after.head.checkedMs],
      [head.commit, head.revision, head.policyVersion, null],
    )
  })

  test(`${kind}: a broken file keeps its last good version, and the others go on`, async (t) => {
    const it = await following(t, kind)
    const first = it.repo.commit({
      flows: { 'a.yaml': aFlow('a', { message: 'good' }), 'b.yaml': aFlow('b') },
    })
    await it.look()
    it.repo.commit({ flows: { 'a.yaml': 'kind: Flow\nsteps: [', 'b.yaml': aFlow('b', { message: 'new' }) } })
    const { head } = await it.look()
    assert.deepEqual([messageOf(head, 'a'), messageOf(head, 'b')], ['good', 'new'])
    assert.ok(head.problems.some(({ place, severity }) => place.file === 'a.yaml' && severity === 'error'))
    const row = (await readFlowHeads(it.database)).find(({ file }) => file === 'a.yaml')
    assert.deepEqual([row?.state, row?.name, row?.commit], ['broken', 'a', first])
    assert.ok((row?.problems.length ?? 0) > 0)
  })

  test(`${kind}: files may exchange their names in one commit`, async (t) => {
    const it = await following(t, kind)
    it.repo.commit({ flows: { '1.yaml': aFlow('a'), '2.yaml': aFlow('b'), '3.yaml': aFlow('c') } })
    await it.look()
    it.repo.commit({ flows: { '1.yaml': aFlow('b'), '2.yaml': aFlow('c'), '4.yaml': aFlow('a') } })
    const { head } = await it.look()
    assert.deepEqual(namesOf(head), ['a', 'b', 'c'])
    const rows = (await readFlowHeads(it.database)).filter(({ state }) => state === 'active')
    assert.deepEqual(rows.map(({ file, name }) => `${file} ${name}`).toSorted(), [
      '1.yaml b',
      '2.yaml c',
      '4.yaml a',
    ])
  })

  test(`${kind}: force-push-unrelated: another history is held until a person accepts it`, async (t) => {
    const it = await following(t, kind)
    const first = it.repo.commit({ flows: { 'a.yaml': aFlow('a', { message: 'old' }) } })
    await it.look()
    const orphan = it.repo.commit({ flows: { 'a.yaml': aFlow('a', { message: 'new' }) } }, { parent: null })
    for (const look of [() => it.look(), () => it.look(), () => it.restarted()]) {
      const { head } = await look()
      assert.deepEqual([head.condition.is, head.commit, messageOf(head, 'a')], ['held', first, 'old'])
    }
    assert.equal((await readRevision(it.database, orphan))?.state, 'held')
    assert.ok(it.warnings.some(({ commit }) => commit === orphan))
    assert.equal(await acceptCommit(it.database, orphan.slice(0, 12), by), orphan)
    const { head } = await it.look()
    assert.deepEqual([head.condition.is, head.commit, messageOf(head, 'a')], ['following', orphan, 'new'])
  })
}

test('a commit whose text did not change the flows changes nothing but the record', async (t) => {
  const it = await following(t)
  const first = it.repo.commit({ flows: { 'a.yaml': aFlow('a') } })
  await it.look()
  const second = it.repo.commit({ flows: { 'a.yaml': aFlow('a') }, 'README.md': 'x' })
  const { head } = await it.look()
  assert.equal(head.commit, second)
  assert.equal((await readFlowHeads(it.database))[0]?.commit, first)
  assert.deepEqual((await readRevision(it.database, second))?.changed, ['README.md'])
})

test('looking again at the same commit does nothing, also after a restart', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: { 'a.yaml': aFlow('a'), 'b.yaml': 'nonsense: [' } })
  const { head } = await it.look()
  await it.clock.advance(1_000)
  const again = await it.look()
  const restarted = await it.restarted()
  assert.deepEqual([again.result, restarted.result], ['unchanged', 'unchanged'])
  assert.deepEqual([again.head.revision, restarted.head.revision], [head.revision, head.revision])
  assert.equal(again.head.checkedMs, it.clock.now())
})

test('a removed file removes its flow, and the file that comes back brings it back', async (t) => {
  const it = await following(t)
  const both = { 'a.yaml': aFlow('a'), 'b.yaml': aFlow('b') }
  it.repo.commit({ flows: both })
  await it.look()
  it.repo.commit({ flows: { 'a.yaml': aFlow('a') } })
  assert.deepEqual(namesOf((await it.look()).head), ['a'])
  it.repo.commit({ flows: both })
  assert.deepEqual(namesOf((await it.look()).head), ['a', 'b'])
})

test('a flow that was never good is shown as broken and does not start', async (t) => {
  const it = await following(t)
  it.repo.commit({
    flows: { 'a.yaml': aFlow('a'), 'bad.yaml': 'kind: Flow\n', sub: { 'bad.yaml': 'kind: Flow\n' } },
  })
  const { head } = await it.look()
  assert.deepEqual(namesOf(head), ['a'])
  const broken = (await readFlowHeads(it.database)).filter(({ state }) => state === 'broken')
  assert.deepEqual(
    broken.map(({ name, version }) => [name, version]),
    [
      ['bad', null],
      ['sub/bad.yaml', null],
    ],
  )
})

test('a flow whose file became a link is broken, not removed', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: { 'a.yaml': aFlow('a', { message: 'kept' }), 'b.yaml': aFlow('b') } })
  await it.look()
  const target = it.repo.git('hash-object', '-w', '--stdin')
  it.repo.commit({ flows: { 'a.yaml': { mode: '120000', object: target }, 'b.yaml': aFlow('b') } })
  const { head } = await it.look()
  assert.equal(messageOf(head, 'a'), 'kept')
  assert.deepEqual(
    head.problems.filter(({ place }) => place.file === 'a.yaml').map(({ code }) => code),
    ['file-not-regular'],
  )
})

test('of a name that moved to a good file the broken file keeps nothing', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: { 'a.yaml': aFlow('x', { message: 'old' }) } })
  await it.look()
  it.repo.commit({ flows: { 'a.yaml': 'kind: Flow\n', 'b.yaml': aFlow('x', { message: 'new' }) } })
  const { head } = await it.look()
  assert.equal(messageOf(head, 'x'), 'new')
  assert.deepEqual(
    (await readFlowHeads(it.database)).map(({ file, name, state }) => [file, name, state]),
    [
      ['a.yaml', 'a', 'broken'],
      ['b.yaml', 'x', 'active'],
    ],
  )
})

test('without a policy a cautious one is built in, and the head says so', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: { 'a.yaml': aFlow('a') } })
  const { head } = await it.look()
  assert.equal(head.policyOrigin, 'built-in')
  assert.equal(head.policy.budget.monthUsd, 5_000_000_000_000n)
  assert.deepEqual(head.policy.allow, [])
  assert.deepEqual(
    head.problems.map(({ code, severity }) => [code, severity]),
    [['policy', 'warning']],
  )
})

for (const [what, broken] of [
  ['broken', { 'policy.yaml': 'kind: Policy\nbudget: [' }],
  ['removed', {}],
] as const)
  test(`a policy that is ${what} leaves the last valid one in force, and a good one ends that`, async (t) => {
    const it = await following(t)
    const flows = { 'a.yaml': aFlow('a') }
    it.repo.commit({ flows: { ...flows, 'policy.yaml': aPolicy } })
    const good = (await it.look()).head
    it.repo.commit({ flows: { ...flows, ...broken } })
    const kept = (await it.look()).head
    assert.deepEqual([kept.policyOrigin, kept.policyVersion], ['kept', good.policyVersion])
    assert.ok(kept.problems.some(({ code, severity }) => code === 'policy' && severity === 'warning'))
    it.repo.commit({ flows: { ...flows, 'policy.yaml': aPolicy } })
    assert.equal((await it.look()).head.policyOrigin, 'current')
  })

test('the version of a run stays readable after its files are gone', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: { 'a.yaml': aFlow('a'), 'b.yaml': aFlow('b') } })
  const version = [...(await it.look()).head.flows.values()][0]?.version ?? ''
  it.repo.commit({ flows: { 'b.yaml': aFlow('b') } })
  await it.look()
  assert.deepEqual(await versionClosure(it.database, version), {
    name: 'a',
    file: 'a.yaml',
    closure: { 'a.yaml': aFlow('a') },
  })
})

test('a commit that nobody asked to accept cannot be accepted', async (t) => {
  const it = await following(t)
  it.repo.commit({ flows: { 'a.yaml': aFlow('a') } })
  await it.look()
  await assert.rejects(
    acceptCommit(it.database, 'abcdef1', by),
    (thrown) => thrown instanceof Stop && thrown.exitCode === 1,
  )
  await assert.rejects(
    acceptCommit(it.database, 'main', by),
    (thrown) => thrown instanceof Stop && thrown.exitCode === 2,
  )
})
