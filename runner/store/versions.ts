// Versions by the hash of their content: what a run is pinned to, whatever the branch says later.

import { json, type Statements } from './database.ts'

export interface StoredVersion {
  readonly name: string
  /** Path of the flow inside the followed folder. */
  readonly file: string
  /** Path → text of every file this flow can read. */
  readonly closure: Readonly<Record<string, string>>
}

/** Null when it was never stored, or a part of it is gone. */
export async function versionClosure(statements: Statements, hash: string): Promise<StoredVersion | null> {
  const found = await versionClosures(statements, [hash])
  return found.get(hash) ?? null
}

const hashesMax = 500

/** Those of the versions that are stored, whole, by hash. */
export async function versionClosures(
  statements: Statements,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, StoredVersion>> {
  const found = new Map<string, StoredVersion>()
  for (let start = 0; start < hashes.length; start += hashesMax) {
    const rows = await statements.query<StoredVersion & { hash: string }>(
      `select v.hash, v.name, v.file, jsonb_object_agg(c.key, b.body) as closure
       from flow_version v cross join lateral jsonb_each_text(v.closure) c left join blob b on b.hash = c.value
       where v.hash = any($1) group by v.hash having bool_and(b.hash is not null)`,
      [hashes.slice(start, start + hashesMax)],
    )
    for (const { hash, name, file, closure } of rows) found.set(hash, { name, file, closure })
  }
  return found
}

export interface NewVersion extends StoredVersion {
  readonly hash: string
}

const versionsMax = 200

/** Keeps versions and the files of their closures; those already here are left alone. `hashOf` names a file's text. */
export async function keepVersions(
  statements: Statements,
  kept: { readonly versions: readonly NewVersion[]; readonly hashOf: (text: string) => string },
  nowMs: number,
): Promise<void> {
  for (let start = 0; start < kept.versions.length; start += versionsMax) {
    const blobs = new Map<string, string>()
    const rows = kept.versions.slice(start, start + versionsMax).map(({ hash, name, file, closure }) => {
      const byPath = Object.entries(closure).map(([path, text]) => [path, kept.hashOf(text), text] as const)
      for (const [, blob, text] of byPath) blobs.set(blob, text)
      return { hash, name, file, closure: Object.fromEntries(byPath.map(([path, blob]) => [path, blob])) }
    })
    await statements.query(
      `insert into blob (hash, body) select key, value from jsonb_each_text($1::jsonb) order by key on conflict do nothing`,
      [json(Object.fromEntries(blobs))],
    )
    await statements.query(
      `insert into flow_version (hash, name, file, closure, created_ms)
       select hash, name, file, closure, $2 from jsonb_to_recordset($1::jsonb)
         as v(hash text, name text, file text, closure jsonb) order by hash on conflict do nothing`,
      [json(rows), nowMs],
    )
  }
}

export interface StoredPolicy {
  readonly file: string
  readonly text: string
}

/** Null when it was never stored. */
export async function policyText(statements: Statements, hash: string): Promise<StoredPolicy | null> {
  const rows = await statements.query<StoredPolicy>(
    'select file, body as text from policy_version where hash = $1',
    [hash],
  )
  return rows[0] ?? null
}

/** The valid policy applied last; null when there never was one. */
export async function latestPolicy(
  statements: Statements,
): Promise<(StoredPolicy & { readonly hash: string; readonly commit: string }) | null> {
  const rows = await statements.query<StoredPolicy & { hash: string; commit: string }>(
    'select hash, file, body as text, commit from policy_version order by applied_ms desc, seq desc limit 1',
  )
  return rows[0] ?? null
}

/** Makes this policy the latest; one that was in force before comes back as it was. */
export async function keepPolicy(
  statements: Statements,
  policy: StoredPolicy & { readonly hash: string },
  applied: { readonly commit: string; readonly nowMs: number },
): Promise<void> {
  await statements.query(
    `insert into policy_version (hash, file, body, commit, applied_ms) values ($1, $2, $3, $4, $5)
     on conflict (hash) do update set file = excluded.file, commit = excluded.commit, applied_ms = excluded.applied_ms`,
    [policy.hash, policy.file, policy.text, applied.commit, applied.nowMs],
  )
}
