// What people said about a ticket, with the reason why it counted or not.

import type { Statements, Transaction } from './database.ts'

export interface Vote {
  readonly ticket: string
  readonly revision: number
  /** `local`, which is one person, or `github:<numeric id>`. */
  readonly actor: string
  readonly actorName: string
  /** `approve`, `reject`, `revoke`, `choose:<choice>`, `done`. */
  readonly verdict: string
  readonly counted: boolean
  readonly why: string
  /** Comment id on GitHub, and the hash of its body as it was first seen. */
  readonly comment: string | null
  readonly bodyHash: string | null
  readonly atMs: number
}

const insertSql = `insert into vote (ticket, revision, actor, actor_name, verdict, counted, why, comment, body_hash, at_ms)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

/** A counted vote of the same person, form and meaning exists once: the second insert fails with `unique`. */
export async function insertVote(tx: Transaction, vote: Vote): Promise<void> {
  const who = [vote.ticket, vote.revision, vote.actor, vote.actorName]
  await tx.query(insertSql, [
    ...who,
    vote.verdict,
    vote.counted,
    vote.why,
    vote.comment,
    vote.bodyHash,
    vote.atMs,
  ])
}

const ofSql = `select ticket, revision, actor, actor_name as "actorName", verdict, counted, why, comment,
    body_hash as "bodyHash", at_ms as "atMs" from vote where ticket = $1 order by seq`

export async function votesOf(db: Statements, ticket: string): Promise<Vote[]> {
  return db.query<Vote>(ofSql, [ticket])
}

const withdrawSql = `update vote set counted = false, why = $4
  where ticket = $1 and revision = $2 and actor = $3 and counted`

/** The person's votes for this form count no more. */
export async function withdrawVotes(
  tx: Transaction,
  of: { readonly ticket: string; readonly revision: number; readonly actor: string; readonly why: string },
): Promise<void> {
  await tx.query(withdrawSql, [of.ticket, of.revision, of.actor, of.why])
}
