// The record of a commit that does not come into force: it is shown, and waits for a person or for the next commit.

import type { Commit } from '../model/id.ts'
import type { Database } from '../store/database.ts'
import { dropHeld, putRevision, readRevision, type RevisionRow } from '../store/revisions.ts'
import type { CommitDescription } from './commit.ts'

export interface Kept {
  readonly commit: Commit
  readonly before: RevisionRow | null
  readonly state: 'held' | 'refused'
  readonly reason: string
  /** Null when the commit never arrived. */
  readonly described: CommitDescription | null
}

/** What is in force is never marked as held: after a change of settings it may be judged so, and stays in force. */
export async function keepBack(database: Database, kept: Kept, nowMs: number): Promise<void> {
  const { commit, before, state, reason, described } = kept
  if (before?.commit === commit) return
  const row = await readRevision(database, commit)
  if (row?.state === state && row.reason === reason) return
  await putRevision(database, {
    commit,
    previous: before?.commit ?? null,
    message: described?.message ?? '',
    author: described?.author ?? '',
    seenMs: nowMs,
    state,
    reason,
    problems: [],
    changed: [],
  })
  await dropHeld(database, commit)
}
