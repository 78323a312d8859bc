// Commits that start runs: each once, those that touch the paths, none forgotten.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Head } from '../../runner/model/head.ts'
import type { Problem } from '../../runner/model/problem.ts'
import { putRevision } from '../../runner/store/revisions.ts'
import { fireGitTriggers, type GitTriggerParts } from '../../runner/trigger/git.ts'
import { silentLog } from '../../runner/world/log.ts'
import { fakeClock } from '../fakes/clock.ts'
import { kinds, type Kind } from '../store/bring.ts'
import { arrivals, headOf, register, registered } from './heads.ts'

const startMs = Date.parse('2026-11-22T09:00:00Z')
const onDocs = 'on:\n  docs:\n    git: { paths: ["docs/**", "*.md"] }'
const onAll = 'on:\n  docs:\n    git: {}'

async function setup(
  t: TestContext,
  flows: Readonly<Record<string, string>> = { a: onDocs },
  kind: Kind = 'pglite',
) {
  const now = { head: { ...headOf(flows), revision: 0 } as Head }
  const database = await registered(t, { head: now.head, atMs: startMs, kind })
  const clock = fakeClock(startMs)
  const arrived = arrivals()
  const parts: GitTriggerParts = {
    database,
    clock,
    log: silentLog,
    head: () => now.head,
    admit: arrived.admit,
    hear: arrived.hear,
  }
  let previous: string | null = null
  return {
    database,
    clock,
    arrived,
    parts,
    fire: () => fireGitTriggers(parts),
    /** A commit comes into force. */
    apply: async (commit: string, changed: readonly string[], head: Head = now.head) => {
      await clock.advance(1_000)
      const nothing: readonly Problem[] = []
      const row = {
        message: 'Why',
        author: 'Ana <a@x>',
        state: 'applied',
        reason: null,
        problems: nothing,
      } as const
      const seenMs = clock.now()
      const revision = await putRevision(database, { commit, previous, seenMs, changed, ...row })
      if (head !== now.head) await register(database, head, seenMs)
      now.head = { ...head, revision }
      previous = commit
    },
  }
}

for (const kind of kinds)
  test(`${kind}: a commit that touches the paths fires once, with what it was`, async (t) => {
    const it = await setup(t, { a: onDocs }, kind)
    await it.apply('c1', [])
    await it.apply('c2', ['docs/x/y.txt', 'src/a.ts'])
    for (let i = 0; i < 3; i++) await it.fire()
    assert.deepEqual(it.arrived.firings, [
      {
        flow: 'a',
        trigger: 'docs',
        kind: 'git',
        slot: 'git:a:docs:c2',
        event: {
          kind: 'git',
          scheduled_at: '2026-11-22T09:00:02.000Z',
          fired_at: '2026-11-22T09:00:02.000Z',
          git: {
            commit: 'c2',
            previous: 'c1',
            branch: 'main',
            message: 'Why',
            author: 'Ana <a@x>',
            files: ['docs/x/y.txt', 'src/a.ts'],
          },
        },
        inputs: {},
        startedBy: 'trigger:docs',
        overlap: 'allow',
      },
    ])
  })

test('a commit that touches other paths fires nothing', async (t) => {
  const it = await setup(t)
  await it.apply('c1', [])
  await it.apply('c2', ['src/docs/a.ts', 'src/README.md'])
  await it.fire()
  assert.deepEqual(it.arrived.slots(), [])
})

test('without paths every commit that changes something fires', async (t) => {
  const it = await setup(t, { a: onAll })
  await it.apply('c1', [])
  await it.apply('c2', ['x'])
  await it.apply('c3', [])
  await it.fire()
  assert.deepEqual(it.arrived.slots(), ['git:a:docs:c2'])
})

test('the first commit that is ever seen fires nothing', async (t) => {
  const it = await setup(t, { a: onAll })
  await it.apply('c1', ['x'])
  await it.fire()
  assert.deepEqual(it.arrived.slots(), [])
})

test('a commit that brings the trigger fires it, one from before does not', async (t) => {
  const it = await setup(t, { b: 'description: nothing' })
  await it.apply('c1', [])
  await it.apply('c2', ['docs/a'])
  await it.apply('c3', ['docs/b'], headOf({ a: onDocs }))
  await it.fire()
  assert.deepEqual(it.arrived.slots(), ['git:a:docs:c3'])
})

test('a process that dies after any admission loses nothing and repeats nothing', async (t) => {
  const it = await setup(t, { a: onAll, b: onAll, c: onAll })
  await it.apply('c1', [])
  await it.apply('c2', ['x'])
  await it.apply('c3', ['y'])
  const whole = ['a', 'b', 'c'].flatMap((flow) => [`git:${flow}:docs:c2`, `git:${flow}:docs:c3`]).toSorted()
  for (let dies = 1; dies <= 6; dies++) {
    let left = dies
    const dying = async (firing: Parameters<typeof it.arrived.admit>[0]) => {
      if (left-- === 0) throw new Error('killed')
      return it.arrived.admit(firing)
    }
    await fireGitTriggers({ ...it.parts, admit: dying }).catch(() => {})
  }
  await it.fire()
  assert.deepEqual(it.arrived.slots().toSorted(), whole)
})

test('a runner whose head is behind leaves the commit for its next look', async (t) => {
  const it = await setup(t, { a: onAll })
  await it.apply('c1', [])
  await it.apply('c2', ['x'])
  const behind = { ...it.parts.head(), revision: it.parts.head().revision - 1 }
  await fireGitTriggers({ ...it.parts, head: () => behind })
  assert.deepEqual(it.arrived.slots(), [])
  await it.fire()
  assert.deepEqual(it.arrived.slots(), ['git:a:docs:c2'])
})

test('a suspended flow is passed over for good, under the emergency stop commits wait', async (t) => {
  const it = await setup(t, { a: `suspend: true\n${onAll}`, b: onAll })
  await it.apply('c1', [])
  await it.apply('c2', ['x'])
  await fireGitTriggers({ ...it.parts, stopped: () => true })
  assert.deepEqual(it.arrived.slots(), [])
  await it.fire()
  await it.apply('c3', ['x'], headOf({ a: onAll, b: onAll }))
  await it.fire()
  assert.deepEqual(it.arrived.slots(), ['git:b:docs:c2', 'git:a:docs:c3', 'git:b:docs:c3'])
})

test('a huge commit is carried in part', async (t) => {
  const it = await setup(t, { a: onAll })
  await it.apply('c1', [])
  await it.apply(
    'c2',
    Array.from({ length: 5_000 }, (_, i) => `f${i}`),
  )
  await it.fire()
  const git = it.arrived.firings[0]?.event['git'] as { readonly files: readonly string[] }
  assert.equal(git.files.length, 1_000)
})
