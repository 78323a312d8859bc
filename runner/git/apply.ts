// A revision comes into force: its row, texts, heads, policy and triggers in one transaction, or nothing of it.

import { sha256 } from '../model/digest.ts'
import type { Problem } from '../model/problem.ts'
import type { Revision } from '../model/revision.ts'
import type { Database, Transaction } from '../store/database.ts'
import {
  dropHeld,
  type FlowHead,
  latestApplied,
  lockRevisions,
  putFlowHeads,
  putRevision,
  type RevisionRow,
} from '../store/revisions.ts'
import { registerTriggers } from '../store/triggers.ts'
import { keepPolicy, keepVersions } from '../store/versions.ts'
import { clearAccepted } from './accept.ts'
import type { CommitDescription } from './commit.ts'
import { registrationsOf } from './registrations.ts'

export interface Application {
  readonly revision: Revision
  /** Of the revision and of its policy. */
  readonly problems: readonly Problem[]
  /** What was in force when the revision was judged. */
  readonly before: RevisionRow | null
  readonly heads: readonly FlowHead[]
  readonly headsBefore: readonly FlowHead[]
  readonly described: CommitDescription
  readonly changed: readonly string[]
  readonly nowMs: number
}

/** `overtaken`: another runner applied something meanwhile, and this judgement is void. */
export async function apply(database: Database, application: Application): Promise<'applied' | 'overtaken'> {
  return database.transaction(async (tx) => {
    await lockRevisions(tx)
    const now = await latestApplied(tx)
    if (now?.seq !== application.before?.seq) return 'overtaken'
    await write(tx, application)
    return 'applied'
  })
}

async function write(tx: Transaction, application: Application): Promise<void> {
  const { revision, problems, before, heads, headsBefore, described, changed, nowMs } = application
  const { commit, flows, policy } = revision
  // Commits are in the order of time, whatever the clock did: triggers compare with it.
  const seenMs = Math.max(nowMs, (before?.seenMs ?? -1) + 1)
  const again = before?.commit === commit ? before : null
  await putRevision(tx, {
    commit,
    previous: again === null ? (before?.commit ?? null) : again.previous,
    message: described.message,
    author: described.author,
    seenMs: again?.seenMs ?? seenMs,
    state: 'applied',
    reason: null,
    problems,
    changed: again?.changed ?? changed,
  })
  const versions = flows.map(({ flow, closure }) => ({
    hash: flow.version,
    name: flow.name,
    file: flow.file,
    closure,
  }))
  await keepVersions(tx, { versions, hashOf: sha256 }, nowMs)
  await putFlowHeads(
    tx,
    heads.filter((head) => !headsBefore.includes(head)),
    nowMs,
  )
  if (policy !== null) {
    const { version, file } = policy.policy
    await keepPolicy(tx, { hash: version, file, text: policy.text }, { commit, nowMs: seenMs })
  }
  const kept = heads.filter((head) => head.state === 'broken' && head.version !== null)
  const triggers = flows.flatMap(({ flow }) => registrationsOf(flow))
  await registerTriggers(tx, { triggers, kept: kept.map((head) => head.name) }, seenMs)
  await dropHeld(tx, commit)
  await clearAccepted(tx)
}
