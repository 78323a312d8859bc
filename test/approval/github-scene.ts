// Tickets over the fake GitHub: the real client, a real store, people who comment.

import type { TestContext } from 'node:test'
import { createGitHub } from '../../runner/github/client.ts'
import type { TicketGitHub } from '../../runner/github/tickets.ts'
import type { Policy } from '../../runner/model/policy.ts'
import { silentLog } from '../../runner/world/log.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { memoryQueue } from '../../runner/store/queue-memory.ts'
import type { Ticket } from '../../runner/store/tickets.ts'
import { type GitHub, startGitHub } from '../fakes/github/server.ts'
import type { Effect } from '../fakes/github/world.ts'
import { freshDatabase, type Kind } from '../store/bring.ts'
import { policyOf } from './policy-of.ts'
import { type Scene, sceneOn } from './scene.ts'
import { proposalOf } from './ticket-of.ts'

export const repository = 'acme/ops'

export interface GitHubScene extends Scene {
  readonly github: GitHub
  /** Proposes and opens; gives the pending ticket. */
  opened(given?: Parameters<typeof proposalOf>[0]): Promise<Ticket>
  /** A comment at the web page, a second after whatever was before; gives its id. */
  says(login: string, text: string, app?: string): Promise<number>
  /** The approval by a person, read by the runner. */
  approvedBy(...logins: string[]): Promise<void>
  poll(): Promise<number>
}

export function policyOnGitHub(given: Partial<Policy['approvals']> = {}): Policy {
  return policyOf({ approvals: { repository, ...given } })
}

export async function githubScene(
  t: TestContext,
  given: {
    readonly kind?: Kind
    readonly policy?: Policy
    /** How far GitHub's clock is ahead of the runner's. */
    readonly skewMs?: number
    /** Put between the runner and the client, to do something in the middle of a turn. */
    readonly between?: (github: TicketGitHub) => TicketGitHub
  } = {},
): Promise<GitHubScene> {
  const { queue, database } = memoryQueue(await freshDatabase(given.kind ?? 'postgres', t))
  // The fake and the runner read the same clock, which the scene owns.
  let now = (): number => 0
  const github = await startGitHub(t, { now: () => now() + (given.skewMs ?? 0) })
  const client = (): TicketGitHub =>
    createGitHub({
      token: github.token('runner'),
      url: github.url,
      clock: { ...systemClock, now: () => now() },
      log: silentLog,
      writeGapMs: 0,
      timeoutMs: 5_000,
    }).tickets
  github.addUser('runner')
  const people = { runner: 'write', ana: 'write', ben: 'write', carl: 'write', eve: 'read' } as const
  const tickets = (given.between ?? ((one) => one))(client())
  const at = sceneOn({ database, queue, github: tickets, policy: given.policy ?? policyOnGitHub() })
  now = () => at.clock.now()
  await github.addRepository(repository, { people })
  const poll = (): Promise<number> => at.tickets.poll()
  const says = async (login: string, text: string, app?: string): Promise<number> => {
    at.pass(1_000)
    const { issueNumber } = await at.ticket()
    return github.as(login, app).comment(repository, issueNumber ?? 0, text)
  }
  return Object.assign(at, {
    github,
    poll,
    says,
    opened: async (proposal: Parameters<typeof proposalOf>[0] = {}) => {
      await at.tickets.propose(proposalOf(proposal), 't1')
      await poll()
      return at.ticket()
    },
    approvedBy: async (...logins: string[]) => {
      const { code } = await at.ticket()
      for (const login of logins) await says(login, `/approve ${code}`)
      await poll()
    },
  })
}

/** What the fake saw: the oracle beside what the runner believes. */
export const created = (at: GitHubScene): Effect[] =>
  at.github.effects.filter((effect) => effect.is === 'issue.created')
export const comments = (at: GitHubScene): Effect[] =>
  at.github.effects.filter((effect) => effect.is === 'comment.created')

/** Turns of the poller until nothing is due within a minute any more. */
export async function settle(at: GitHubScene, turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await at.poll()
    at.pass(30_000)
  }
}
