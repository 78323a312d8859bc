// One look at the branch: ask, fetch, guard, read, load, apply. Whatever goes wrong, what was in force stays in force.

import { isDeepStrictEqual } from 'node:util'
import { Failure } from '../model/error.ts'
import type { Head, HeadCondition } from '../model/head.ts'
import type { Commit } from '../model/id.ts'
import { impossible } from '../model/impossible.ts'
import type { Problem } from '../model/problem.ts'
import type { Revision } from '../model/revision.ts'
import { dropHeld, latestApplied, readFlowHeads, type RevisionRow } from '../store/revisions.ts'
import { latestPolicy } from '../store/versions.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import { acceptedCommit, clearAccepted } from './accept.ts'
import { apply } from './apply.ts'
import type { CommitDescription } from './commit.ts'
import { type HeadParts, loadHead, policyWarning } from './head.ts'
import { isMassRemoval, lostFlows, nextHeads } from './heads.ts'
import { keepBack } from './hold.ts'
import {
  missingBranch,
  type Outcome,
  outcome,
  rewritten,
  tooManyRemoved,
  unreachable,
  type Words,
  wordsOf,
} from './outcome.ts'
import type { Repository } from './repository.ts'
import { revisionOf } from './revision.ts'

export interface ReconcileParts extends HeadParts {
  readonly repository: Repository
  /** The followed folder inside the repository, without a slash at the end; empty: all of it. */
  readonly folder: string
  /** A file of allowed signers, absolute: commits that none of them signed are not applied. Null: nobody has to sign. */
  readonly signers: string | null
  readonly clock: Clock
  readonly log: Log
}

export interface Reconciled {
  readonly head: Head
  readonly result: 'changed' | 'unchanged' | 'failed'
}

/**
 * Looks once and gives what is in force afterwards. A failure of the remote or of the commit is a condition of the
 * head; only a failure of the store is thrown.
 * @param previous what the last look gave; null after a start, and then an unchanged commit is read again, because
 * another version of the program may read it otherwise
 */
export async function reconcile(parts: ReconcileParts, previous: Head | null): Promise<Reconciled> {
  const before = await latestApplied(parts.database)
  const outcome = await look(parts, before, previous)
  const { condition, result } = outcome
  const reached = condition.is !== 'unreachable'
  const checkedMs = reached ? parts.clock.now() : (previous?.checkedMs ?? null)
  const standing = { branch: parts.repository.branch(), condition, checkedMs }
  tell(parts, outcome, previous)
  if (previous !== null && result !== 'changed' && previous.revision === (before?.seq ?? 0))
    return { head: { ...previous, ...standing }, result }
  return { head: await loadHead(parts, standing, outcome.compiled), result }
}

/** What one commit is judged by. */
interface Case {
  readonly commit: Commit
  readonly before: RevisionRow | null
  readonly accepted: boolean
}

interface Arrived extends Case {
  readonly described: CommitDescription
}

async function look(
  parts: ReconcileParts,
  before: RevisionRow | null,
  previous: Head | null,
): Promise<Outcome> {
  const { database, repository } = parts
  let commit: Commit | 'missing-branch'
  try {
    commit = await repository.head()
  } catch (thrown) {
    return unreachable(thrown)
  }
  if (commit === 'missing-branch') return missingBranch(repository.branch())
  const accepted = (await acceptedCommit(database)) === commit
  if (previous === null || accepted) return take(parts, { commit, before, accepted })
  if (previous.revision === (before?.seq ?? 0) && judged(previous.condition, commit))
    return outcome(previous.condition, 'unchanged')
  if (before?.commit !== commit) return take(parts, { commit, before, accepted })
  if (previous.condition.is === 'held') await dropHeld(database, commit)
  return outcome({ is: 'following' }, 'unchanged')
}

/** A commit that was held back or refused stays so until the branch moves or a person accepts it. */
function judged(condition: HeadCondition, commit: Commit): boolean {
  return (condition.is === 'held' || condition.is === 'refused') && condition.commit === commit
}

async function take(parts: ReconcileParts, one: Case): Promise<Outcome> {
  const { repository, folder, actions } = parts
  const { commit } = one
  let described: CommitDescription | null = null
  try {
    await repository.fetch(commit)
    described = await repository.describe(commit)
    const arrived = { ...one, described }
    if (!(await continues(parts, one)))
      return await held(parts, arrived, rewritten(repository.branch(), commit))
    await checkSigned(parts, one)
    const reading = await repository.read(commit, folder)
    return await bringIntoForce(parts, arrived, revisionOf({ commit, folder, reading }, actions))
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind !== 'refused') return unreachable(thrown)
    const words = wordsOf(thrown)
    await keepBack(
      parts.database,
      { ...one, described, state: 'refused', reason: words.why },
      parts.clock.now(),
    )
    return outcome({ is: 'refused', commit, ...words }, 'failed')
  }
}

async function checkSigned({ repository, signers }: ReconcileParts, one: Case): Promise<void> {
  if (signers === null) return
  // Of a rewritten branch that a person accepted only the head is checked: what it builds on is not known.
  const since = one.before === null || one.accepted ? null : (one.before.commit as Commit)
  await repository.verify({ signers, since, commit: one.commit })
}

/** The first commit, the same one again, one that a person accepted, or one that builds on what is in force. */
async function continues({ repository }: ReconcileParts, one: Case): Promise<boolean> {
  const { commit, before, accepted } = one
  if (before === null || before.commit === commit || accepted) return true
  return repository.isAncestor(before.commit as Commit, commit)
}

async function bringIntoForce(parts: ReconcileParts, one: Arrived, revision: Revision): Promise<Outcome> {
  const { database, clock } = parts
  const { commit, before, accepted, described } = one
  const headsBefore = await readFlowHeads(database)
  const heads = nextHeads(headsBefore, revision)
  if (before !== null && !accepted && isMassRemoval(headsBefore, heads))
    return held(parts, one, tooManyRemoved(lostFlows(headsBefore, heads), commit))
  const policy = await latestPolicy(database)
  const problems = [...revision.problems, ...policyProblems(revision, policy)]
  const following = outcome({ is: 'following' }, 'unchanged', revision)
  const same =
    before?.commit === commit &&
    heads.every((head) => headsBefore.includes(head)) &&
    isDeepStrictEqual(problems, before.problems) &&
    (revision.policy?.policy.version ?? policy?.hash) === policy?.hash
  if (same) {
    if (accepted) await clearAccepted(database)
    return following
  }
  const changed = await changedSince(parts, one)
  const judgement = { revision, problems, before, heads, headsBefore, described, changed, nowMs: clock.now() }
  const done = await apply(database, judgement)
  return done === 'applied' ? { ...following, result: 'changed' } : following
}

function policyProblems(revision: Revision, latest: { readonly hash: string } | null): readonly Problem[] {
  if (revision.policy !== null) return []
  return [policyWarning(latest === null ? 'built-in' : 'kept')]
}

async function changedSince({ repository, log }: ReconcileParts, one: Case): Promise<readonly string[]> {
  const { commit, before, accepted } = one
  if (before === null || before.commit === commit) return []
  try {
    return await repository.changed(before.commit as Commit, commit)
  } catch (thrown) {
    if (!accepted) throw thrown
    log.warn({ commit, before: before.commit }, 'what changed is not known: the commit before is gone')
    return []
  }
}

async function held(parts: ReconcileParts, one: Arrived, words: Words): Promise<Outcome> {
  await keepBack(parts.database, { ...one, state: 'held', reason: words.why }, parts.clock.now())
  return outcome({ is: 'held', commit: one.commit, ...words }, 'failed')
}

/** Loud once, when it begins; the page and the metrics say it as long as it lasts. */
function tell(
  { log }: ReconcileParts,
  { condition, result, compiled }: Outcome,
  previous: Head | null,
): void {
  const fields = { ...condition }
  if (result === 'changed') log.info({ flows: compiled.length }, 'a commit came into force')
  if (isDeepStrictEqual(condition, previous?.condition)) return
  switch (condition.is) {
    case 'held':
      return log.warn(fields, 'the newest commit waits for a person')
    case 'refused':
      return log.warn(fields, 'the newest commit cannot be read')
    case 'unreachable':
      return log.warn(fields, 'the branch cannot be read')
    case 'starting':
    case 'following':
      return log.info(fields, 'following the branch')
    default:
      return impossible(condition)
  }
}
