// Commits of the followed branch and what each file of it stands for: in force, held back, or refused.

import { json, type Statements, type Transaction } from './database.ts'
import type { Problem } from '../model/problem.ts'

export interface RevisionRow {
  readonly commit: string
  /** Counts upward with every change of state; the newest applied one is in force. */
  readonly seq: number
  readonly previous: string | null
  readonly message: string
  readonly author: string
  readonly seenMs: number
  readonly state: 'applied' | 'held' | 'refused'
  readonly reason: string | null
  readonly problems: readonly Problem[]
  readonly changed: readonly string[]
}

const columns =
  'commit, seq, previous, message, author, seen_ms as "seenMs", state, reason, problems, changed'

/** What is in force; null before the first commit was applied. */
export async function latestApplied(statements: Statements): Promise<RevisionRow | null> {
  const rows = await statements.query<RevisionRow>(
    `select ${columns} from revision where state = 'applied' order by seq desc limit 1`,
  )
  return rows[0] ?? null
}

export async function readRevision(statements: Statements, commit: string): Promise<RevisionRow | null> {
  const rows = await statements.query<RevisionRow>(`select ${columns} from revision where commit = $1`, [
    commit,
  ])
  return rows[0] ?? null
}

/** Commits that were applied after another, oldest first. */
export function appliedAfter(
  statements: Statements,
  seq: number,
  max: number,
): Promise<readonly RevisionRow[]> {
  return statements.query(
    `select ${columns} from revision where state = 'applied' and seq > $1 order by seq limit $2`,
    [seq, max],
  )
}

/** Commits that wait for a person, whose id begins with these digits; at most two. */
export async function heldCommits(statements: Statements, digits: string): Promise<readonly string[]> {
  const rows = await statements.query<{ commit: string }>(
    `select commit from revision where state = 'held' and starts_with(commit, $1) order by seq desc limit 2`,
    [digits],
  )
  return rows.map((row) => row.commit)
}

/** Serialises everything that changes what is in force, until the transaction ends. */
export async function lockRevisions(tx: Transaction): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 7))', ['revision'])
}

/** Records where a commit stands now, with a new `seq`; a commit seen before changes its state. Gives the `seq`. */
export async function putRevision(
  statements: Statements,
  revision: Omit<RevisionRow, 'seq'>,
): Promise<number> {
  const { commit, previous, message, author, seenMs, state, reason, problems, changed } = revision
  const rows = await statements.query<{ seq: number }>(
    `insert into revision (commit, previous, message, author, seen_ms, state, reason, problems, changed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (commit) do update set seq = default, previous = excluded.previous, message = excluded.message,
       author = excluded.author, seen_ms = excluded.seen_ms, state = excluded.state, reason = excluded.reason,
       problems = excluded.problems, changed = excluded.changed
     returning seq`,
    [commit, previous, message, author, seenMs, state, reason, json(problems), json(changed)],
  )
  return rows[0]?.seq ?? 0
}

/** Commits that waited and are not the newest any more wait no longer. */
export async function dropHeld(statements: Statements, newest: string): Promise<void> {
  await statements.query(
    `update revision set state = 'refused', reason = 'the branch moved on before anybody accepted it'
     where state = 'held' and commit <> $1`,
    [newest],
  )
}

/** What one file of the folder stands for. */
export interface FlowHead {
  readonly file: string
  readonly name: string
  /** Last good version; null when there never was one. */
  readonly version: string | null
  /** The commit that version came from. */
  readonly commit: string
  readonly state: 'active' | 'broken' | 'removed'
  readonly suspended: boolean
  readonly problems: readonly Problem[]
  readonly description: string
}

/** Every file that ever held a flow, removed ones too. */
export function readFlowHeads(statements: Statements): Promise<readonly FlowHead[]> {
  return statements.query(
    'select file, name, version, commit, state, suspended, problems, description from flow_head order by file',
  )
}

const headsMax = 1_000

/** Replaces these rows. Taken out first and put in after, so that names may change places. */
export async function putFlowHeads(
  tx: Transaction,
  heads: readonly FlowHead[],
  nowMs: number,
): Promise<void> {
  await tx.query('delete from flow_head where file = any($1)', [heads.map((head) => head.file)])
  for (let start = 0; start < heads.length; start += headsMax)
    await tx.query(
      `insert into flow_head (file, name, version, commit, state, suspended, problems, description, changed_ms)
       select file, name, version, commit, state, suspended, problems, description, $2
       from jsonb_to_recordset($1::jsonb) as h(file text, name text, version text, commit text, state text,
         suspended boolean, problems jsonb, description text)`,
      [json(heads.slice(start, start + headsMax)), nowMs],
    )
}
