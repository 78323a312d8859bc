// Whether a person of GitHub may answer: who they are by number, what GitHub lets them do, whom the policy names.

import type { GitHubUser } from '../github/read.ts'
import type { TicketGitHub } from '../github/tickets.ts'
import { readMeta, writeMeta } from '../store/meta.ts'
import { openTickets } from '../store/tickets.ts'
import type { TicketParts } from './change.ts'
import type { Void } from './ticket.ts'

/** Ids behind the logins of the policy, looked up when it was applied: a login given to another inherits nothing. */
export interface Pins {
  readonly version: string
  /** By lower-case login; null: nobody had it. */
  readonly ids: Readonly<Record<string, number | null>>
}

const pinsName = 'approver_ids'

/**
 * Looks up the names that are new in the policy, and those of flows that ask; what was pinned stays pinned while
 * it is named. A login that nobody had is looked up again only when the policy changes.
 */
export async function pinApprovers(parts: TicketParts, github: TicketGitHub): Promise<Pins> {
  const policy = parts.policy()
  const known = ((await readMeta(parts.database, pinsName)) as Pins | null) ?? { version: '', ids: {} }
  const asking = await openTickets(parts.database, ['opening', 'pending', 'approved'], 1_000)
  const rules = policy.risk.flatMap((rule) => rule.approvers ?? [])
  const named = [
    ...policy.approvals.approvers,
    ...rules,
    ...asking.flatMap((ticket) => ticket.shown.approvers),
  ]
  const logins = [...new Set(named.filter(isLogin).map((name) => name.slice(1).toLowerCase()))].sort()
  const ids: Record<string, number | null> = {}
  for (const login of logins) {
    const pinned = Object.hasOwn(known.ids, login) ? known.ids[login] : undefined
    const settled = pinned !== undefined && (pinned !== null || known.version === policy.version)
    ids[login] = settled ? pinned : await github.userId(login)
  }
  const pins = { version: policy.version, ids }
  if (JSON.stringify(pins) !== JSON.stringify(known)) await writeMeta(parts.database, pinsName, pins)
  return pins
}

const teamPrefix = '@team:'

function isLogin(name: string): boolean {
  return name.startsWith('@') && !name.startsWith(teamPrefix)
}

export interface Asker {
  readonly repository: string
  readonly approvers: readonly string[]
  readonly pins: Pins
}

/** Null: they may. Asks GitHub every time; what it says now counts, not what it said before. */
export async function mayNotAnswer(
  github: TicketGitHub,
  asker: Asker,
  by: { readonly user: GitHubUser | null; readonly viaApp: boolean },
): Promise<Void | null> {
  const { user } = by
  if (user === null || user.type !== 'User') return 'no-person'
  if (by.viaApp) return 'via-app'
  if (!(await isNamed(github, asker, user))) return 'not-named'
  const permission = await github.permission(asker.repository, user.login)
  if (permission === null || permission.id !== user.id || !permission.mayWrite) return 'no-write'
  return null
}

async function isNamed(github: TicketGitHub, asker: Asker, user: GitHubUser): Promise<boolean> {
  const login = user.login.toLowerCase()
  for (const name of asker.approvers) {
    if (isLogin(name)) {
      if (name.slice(1).toLowerCase() === login && asker.pins.ids[login] === user.id) return true
    } else if (name.startsWith(teamPrefix)) {
      const [organisation = '', team = ''] = name.slice(teamPrefix.length).split('/')
      if ((await github.teamMembers(organisation, team))?.includes(user.id) === true) return true
    }
  }
  return false
}
