// Where a simulated month takes place: a store, a remote, Claude's stand-in, a clock that stands still.

import { type Line } from './calendar.ts'
import { settle } from './drive.ts'
import { flowsOf } from './flows.ts'
import type { Site } from './process.ts'
import { createRemote } from './remote.ts'
import { claudeCases, replyFromCase } from '../fakes/claude/cases.ts'
import type { Claude } from '../fakes/claude/stub.ts'
import { fakeClock } from '../fakes/clock.ts'
import { seedOf } from '../crash/seed.ts'
import { aPolicy } from '../run/a-policy.ts'
import { registrationsOf } from '../../runner/git/registrations.ts'
import type { Head } from '../../runner/model/head.ts'
import { commit } from '../../runner/model/id.ts'
import { picoUsd } from '../../runner/model/money.ts'
import type { Database } from '../../runner/store/database.ts'
import { registerTriggers } from '../../runner/store/triggers.ts'

export interface Wanted {
  readonly days: number
  readonly flows: number
  readonly seed: number
  /** Migrated and empty. */
  readonly store: Database
  readonly claude: Claude
  readonly faults: 'all' | 'none'
}

/** Two weeks before the clocks go back in Berlin, three before New York. */
const startMs = Date.parse('2026-10-12T00:00:00Z')
const dayMs = 86_400_000

const base = aPolicy()
const policy = aPolicy({
  approvals: { ...base.approvals, perDay: 1_000, expiresMs: dayMs / 4 },
  budget: { monthUsd: picoUsd(0.4), dayCalls: 40 },
  // Within the month what has ended is forgotten.
  retention: { runsMs: 10 * dayMs, decisionsMs: 10 * dayMs, payloadsMs: 10 * dayMs },
})

/** What no window of the ledger may pass, by how its name begins. */
export const caps: Readonly<Record<string, bigint>> = {
  'usd:month:': picoUsd(0.4),
  'calls:day:': 40n,
  'usd:run:': picoUsd(1),
  'usd:flow:': picoUsd(5),
}

export async function bringSite(wanted: Wanted, lines: readonly Line[]): Promise<Site> {
  const { store, claude, faults } = wanted
  const seed = seedOf(wanted.seed)
  const fair = { seed, untilStorm: Infinity, stormLeft: 0, untilDeath: Infinity, flying: 0, passed: 0 }
  const weather = faults === 'none' ? fair : { ...fair, untilStorm: 500, untilDeath: 5_000 }
  const clock = fakeClock(startMs, () => settle({ weather }, null))
  const remote = createRemote(seed, () => site.endLife())
  if (faults === 'none') remote.calm()
  const flows = flowsOf(lines)
  const head: Head = {
    commit: commit('c0'),
    revision: 1,
    branch: 'main',
    flows: new Map(flows.map((flow) => [flow.name, flow])),
    policy,
    policyVersion: policy.version,
    policyOrigin: 'current',
    problems: [],
    condition: { is: 'following' },
    checkedMs: 0,
  }
  for (const { version, name, file } of flows)
    await store.query(
      `insert into flow_version (hash, name, file, closure, created_ms) values ($1, $2, $3, '{}', 0)`,
      [version, name, file],
    )
  const triggers = flows.flatMap(registrationsOf)
  await store.transaction((tx) => registerTriggers(tx, { triggers, kept: [] }, startMs))
  answers(claude, faults, seed)
  const site: Site = { store, clock, seed, weather, remote, claude, head, errors: [], endLife: () => {} }
  return site
}

/** One reply in eight is one of the faults on record. */
function answers(claude: Claude, faults: Wanted['faults'], seed: Site['seed']): void {
  claude.answerWith(() => {
    const bad =
      faults === 'all' && seed.upTo(8) === 1 ? claudeCases[seed.upTo(claudeCases.length) - 1] : undefined
    if (bad !== undefined) return replyFromCase(bad)
    const choice = seed.upTo(2) === 1 ? 'skip' : 'run'
    return { reason: 'because', choice, parameters: {}, priority: 'normal', risk: 'low' }
  })
}
