// Commits of the followed branch for people: what each changed, what was refused and why.

import type { Database } from './database.ts'
import { type Page, pageOf } from './view-page.ts'
import type { Problem } from '../model/problem.ts'

export interface CommitRow {
  readonly commit: string
  readonly seq: number
  readonly previous: string | null
  readonly message: string
  readonly author: string
  readonly seenMs: number
  readonly state: 'applied' | 'held' | 'refused'
  readonly reason: string | null
  readonly problems: readonly Problem[]
  readonly changed: readonly string[]
  /** Flows whose version in force came with this commit. */
  readonly flows: readonly string[]
}

const sql = `
select r.commit, r.seq, r.previous, r.message, r.author, r.seen_ms as "seenMs", r.state, r.reason, r.problems, r.changed,
  array(select h.name from flow_head h where h.commit = r.commit and h.state <> 'removed' order by h.name limit 50) as flows
from revision r where r.seq < $1 order by r.seq desc limit $2`

/** Commits as the runner saw them, newest first. */
export async function listCommits(
  database: Database,
  page: { readonly cursor: string | null; readonly limit: number },
): Promise<Page<CommitRow>> {
  const before = page.cursor === null ? Number.MAX_SAFE_INTEGER : Number(page.cursor)
  const rows = await database.query<CommitRow>(sql, [before, page.limit + 1])
  return pageOf(rows, page.limit, (row) => String(row.seq))
}

/** Commits among the newest `among` that touched one path, newest first. */
export function listCommitsOf(
  database: Database,
  of: { readonly file: string; readonly among: number; readonly limit: number },
): Promise<readonly Pick<CommitRow, 'commit' | 'message' | 'author' | 'seenMs' | 'state'>[]> {
  return database.query(
    `select commit, message, author, "seenMs", state from (
       select seq, commit, message, author, seen_ms as "seenMs", state, changed from revision order by seq desc limit $2) r
     where r.changed @> to_jsonb($1::text) order by r.seq desc limit $3`,
    [of.file, of.among, of.limit],
  )
}
