// Steps that wait for a commit: told of those that touch their paths, each once, none forgotten.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { arrivals } from './heads.ts'
import { waitFor } from '../run/an-event.ts'
import { flowOf, place, step } from '../run/flow-of.ts'
import { freshDatabase } from '../store/bring.ts'
import type { GitTrigger } from '../../runner/model/flow.ts'
import type { Head } from '../../runner/model/head.ts'
import { commit, flowName, stepPath } from '../../runner/model/id.ts'
import { defaultPolicy } from '../../runner/flow/policy.ts'
import { putRevision } from '../../runner/store/revisions.ts'
import { fireGitTriggers, type GitTriggerParts } from '../../runner/trigger/git.ts'
import { silentLog } from '../../runner/world/log.ts'
import { fakeClock } from '../fakes/clock.ts'

const startMs = Date.parse('2026-11-22T09:00:00Z')

function onPaths(path: string, paths: readonly string[]): GitTrigger {
  return { id: path, place, kind: 'git', paths }
}

/** `docs` waits for documents, `release.any`, inside a group, for any commit. */
const flow = flowOf([
  step('docs', waitFor('docs', { event: onPaths('docs', ['docs/**']) })),
  step('release', {
    is: 'group',
    steps: [
      step('any', waitFor('release.any', { event: onPaths('release.any', []) }), {
        path: stepPath('release.any'),
      }),
    ],
  }),
])

async function setup(t: TestContext, more: Partial<GitTriggerParts> = {}) {
  const database = await freshDatabase('pglite', t)
  const policy = defaultPolicy()
  const head = {
    now: {
      commit: commit('c0'),
      revision: 0,
      branch: 'main',
      flows: new Map([[flowName('test-flow'), flow]]),
      policy,
      policyVersion: policy.version,
      policyOrigin: 'current',
      problems: [],
      condition: { is: 'following' },
      checkedMs: 0,
    } as Head,
  }
  const clock = fakeClock(startMs)
  const arrived = arrivals()
  const { admit, hear } = arrived
  const parts = { database, clock, log: silentLog, head: () => head.now, admit, hear, ...more }
  let previous: string | null = null
  return {
    arrived,
    head,
    parts,
    fire: () => fireGitTriggers(parts),
    apply: async (id: string, changed: readonly string[]) => {
      const row = { message: 'Why', author: 'Ana', state: 'applied', reason: null, problems: [] } as const
      const revision = await putRevision(database, {
        commit: id,
        previous,
        seenMs: clock.now(),
        changed,
        ...row,
      })
      head.now = { ...head.now, revision }
      previous = id
    },
  }
}

const slots = (it: Awaited<ReturnType<typeof setup>>) => it.arrived.heard.map(({ slot }) => slot)

test('a commit is told to the steps whose paths it touches, those in groups too, with what it was', async (t) => {
  const it = await setup(t)
  await it.apply('c1', ['docs/a'])
  await it.apply('c2', ['docs/b.md'])
  await it.apply('c3', ['src/c.ts'])
  await it.fire()
  await it.fire()
  const any = 'git:test-flow:release.any'
  assert.deepEqual(slots(it), ['git:test-flow:docs:c2', `${any}:c2`, `${any}:c3`])
  const [first] = it.arrived.heard
  assert.deepEqual([first?.flow, first?.step, first?.atMs], ['test-flow', 'docs', startMs])
  const git = { commit: 'c2', previous: 'c1', branch: 'main', message: 'Why', author: 'Ana' }
  assert.deepEqual(first?.event['git'], { ...git, files: ['docs/b.md'] })
})

test('a process that dies in the middle tells the rest when it is back, and nothing twice', async (t) => {
  const it = await setup(t)
  await it.apply('c1', [])
  await it.apply('c2', ['docs/a'])
  let left = 1
  const dying: GitTriggerParts['hear'] = async (event) => {
    if (left-- === 0) throw new Error('killed')
    return it.arrived.hear(event)
  }
  await assert.rejects(fireGitTriggers({ ...it.parts, hear: dying }), /killed/)
  await it.fire()
  assert.deepEqual(slots(it), ['git:test-flow:docs:c2', 'git:test-flow:release.any:c2'])
})

test('a policy that suspends keeps nothing from runs that wait', async (t) => {
  const it = await setup(t)
  await it.apply('c1', [])
  await it.apply('c2', ['docs/a'])
  it.head.now = { ...it.head.now, policy: { ...it.head.now.policy, suspended: true } }
  await it.fire()
  assert.equal(it.arrived.heard.length, 2)
})

test('the emergency stop keeps commits until it is lifted', async (t) => {
  let stopped = true
  const it = await setup(t, { stopped: () => stopped })
  await it.apply('c1', [])
  await it.apply('c2', ['docs/a'])
  await it.fire()
  assert.deepEqual(slots(it), [])
  stopped = false
  await it.fire()
  assert.equal(it.arrived.heard.length, 2)
})
