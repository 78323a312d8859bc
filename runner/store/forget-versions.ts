// Deleting versions of flows and policies that nothing needs any more, the files only they had, and old commits.

import type { Transaction } from './database.ts'

/** Commits kept however old they are. */
export const revisionsKept = 10_000

/**
 * Versions that no run is pinned to and no file stands for. The caller holds `lockRevisions`, so that none comes into
 * force meanwhile; it asks only when the last change is long ago enough for every runner to have noticed it.
 */
export async function forgetVersions(tx: Transaction, beforeMs: number): Promise<number> {
  const gone = await tx.query(
    `delete from flow_version v where v.created_ms < $1
       and not exists (select 1 from flow_head h where h.version = v.hash)
       and v.hash not in (select distinct version from run) returning 1`,
    [beforeMs],
  )
  if (gone.length > 0)
    await tx.query(
      `delete from blob where hash not in (
         select file.value from flow_version v cross join lateral jsonb_each_text(v.closure) as file)`,
      [],
    )
  return gone.length
}

/** Policies that no run began under, but for the one applied last. The caller holds `lockRevisions`. */
export async function forgetPolicies(tx: Transaction, beforeMs: number): Promise<number> {
  const gone = await tx.query(
    `delete from policy_version where applied_ms < $1 and hash not in (select distinct policy from run)
       and hash <> (select hash from policy_version order by applied_ms desc, seq desc limit 1) returning 1`,
    [beforeMs],
  )
  return gone.length
}

/** Commits before the newest `revisionsKept`; what is in force and what waits for people stays. */
export async function forgetRevisions(tx: Transaction, max: number): Promise<number> {
  const gone = await tx.query(
    `delete from revision where commit in (
       select commit from revision
       where seq < (select seq from revision order by seq desc offset $1 limit 1) and state <> 'held'
         and seq <> (select max(seq) from revision where state = 'applied')
       order by seq limit $2) returning 1`,
    [revisionsKept - 1, max],
  )
  return gone.length
}

/** When the branch last changed what is in force; null: never. */
export async function lastChangeMs(tx: Transaction): Promise<number | null> {
  const rows = await tx.query<{ at: number | null }>('select max(seen_ms) as at from revision')
  return rows[0]?.at ?? null
}
