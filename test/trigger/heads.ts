// What triggers look at: a head from flows as people write them, and a place where firings and events arrive.

import type { TestContext } from 'node:test'
import { actions } from '../../actions/index.ts'
import { registrationsOf } from '../../runner/git/registrations.ts'
import { loadRevision } from '../../runner/flow/load.ts'
import { defaultPolicy } from '../../runner/flow/policy.ts'
import type { Firing } from '../../runner/model/firing.ts'
import type { Head } from '../../runner/model/head.ts'
import { commit } from '../../runner/model/id.ts'
import { showProblem } from '../../runner/model/problem.ts'
import type { Admit } from '../../runner/run/admit.ts'
import type { Admitted } from '../../runner/run/engine.ts'
import type { Database } from '../../runner/store/database.ts'
import type { HeardEvent } from '../../runner/store/heard.ts'
import { registerTriggers } from '../../runner/store/triggers.ts'
import type { Hear } from '../../runner/trigger/hear.ts'
import { freshDatabase, type Kind } from '../store/bring.ts'

/** A head with these flows, by name; the values are what stands in the file above `steps`. */
export function headOf(flows: Readonly<Record<string, string>>, more: Partial<Head> = {}): Head {
  const encoder = new TextEncoder()
  const files = new Map(
    Object.entries(flows).map(([name, top]) => [`${name}.yaml`, encoder.encode(flowText(name, top))]),
  )
  const revision = loadRevision({ commit: commit('c'.repeat(40)), files }, actions)
  const bad = revision.problems.find(({ severity }) => severity === 'error')
  if (bad !== undefined) throw new Error(showProblem(bad))
  const policy = defaultPolicy()
  return {
    commit: revision.commit,
    revision: 1,
    branch: 'main',
    flows: new Map(revision.flows.map(({ flow }) => [flow.name, flow])),
    policy,
    policyVersion: policy.version,
    policyOrigin: 'current',
    problems: [],
    condition: { is: 'following' },
    checkedMs: 0,
    ...more,
  }
}

function flowText(name: string, top: string): string {
  const steps = 'steps:\n  - { id: note, uses: log.record, with: { message: hello } }\n'
  return `apiVersion: watchbill/v1\nkind: Flow\nname: ${name}\n${top}\n${steps}`
}

/** Registers the triggers of a head, as a revision that comes into force does. */
export function register(database: Database, head: Head, nowMs: number): Promise<void> {
  const triggers = [...head.flows.values()].flatMap(registrationsOf)
  return database.transaction((tx) => registerTriggers(tx, { triggers, kept: [] }, nowMs))
}

export interface Arrivals {
  /** What became a run, in order. */
  readonly firings: readonly Firing[]
  readonly admit: Admit
  /** What came for steps that wait, in order. */
  readonly heard: readonly HeardEvent[]
  readonly hear: Hear
  /** What the next calls answer instead; `throw` fails. */
  answers: (Admitted | 'throw')[]
  slots(): readonly string[]
  clear(): void
}

/** Admits every slot once, as the real admission does. */
export function arrivals(): Arrivals {
  const firings: Firing[] = []
  const heard: HeardEvent[] = []
  const seen = new Map<string, string>()
  const it: Arrivals = {
    firings,
    heard,
    answers: [],
    slots: () => firings.map(({ slot }) => slot),
    clear: () => {
      firings.length = 0
    },
    hear: async (event) => {
      if (heard.some(({ slot }) => slot === event.slot)) return 'duplicate'
      heard.push(event)
      return 'heard'
    },
    admit: async (firing) => {
      const answer = it.answers.shift()
      if (answer === 'throw') throw new Error('the store is away')
      if (answer !== undefined) return answer
      const run = seen.get(firing.slot)
      if (run !== undefined) return { run, duplicate: true }
      seen.set(firing.slot, `run-${seen.size + 1}`)
      firings.push(firing)
      return { run: `run-${seen.size}`, duplicate: false }
    },
  }
  return it
}

/** A database with the triggers of a head, registered at a time. */
export async function registered(
  t: TestContext,
  { head, atMs, kind = 'pglite' }: { readonly head: Head; readonly atMs: number; readonly kind?: Kind },
): Promise<Database> {
  const database = await freshDatabase(kind, t)
  await register(database, head, atMs)
  return database
}
