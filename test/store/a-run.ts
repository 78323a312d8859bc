// Rows that tests of the store begin from.

import type { Database } from '../../runner/store/database.ts'
import type { Birth } from '../../runner/store/admission.ts'
import type { Outcome } from '../../runner/store/journal.ts'
import type { Entry } from '../../runner/model/journal.ts'

/** A flow version that runs can point to. */
export async function aVersion(database: Database, hash = 'v1'): Promise<string> {
  await database.query(
    `insert into flow_version (hash, name, file, closure, created_ms) values ($1, 'f', 'f.yaml', '{}', 0) on conflict do nothing`,
    [hash],
  )
  return hash
}

export function aBirth(id: string, more: Partial<Birth> = {}): Birth {
  return {
    id,
    flow: 'f',
    version: 'v1',
    commit: 'c',
    policy: 'p',
    trigger: 'manual',
    startedBy: 'local:ana',
    slot: `manual:${id}`,
    event: { kind: 'manual' },
    inputs: {},
    scheduledMs: 1,
    nowMs: 1,
    parent: null,
    depth: 0,
    status: 'ready',
    owner: null,
    ...more,
  }
}

export function anEntry(seq: number, step = 'a'): Entry {
  const at = { step, element: null }
  return { seq, epoch: 1, atMs: 5, fact: { v: 1, is: 'waited', at } }
}

export function anOutcome(run: string, more: Partial<Outcome> = {}): Outcome {
  return {
    run,
    epoch: 1,
    parent: null,
    entries: [],
    fate: { is: 'go' },
    workingMs: 3,
    priority: 0,
    atMs: 9,
    ...more,
  }
}

export async function statusOf(database: Database, run: string): Promise<string | undefined> {
  const [row] = await database.query<{ status: string }>('select status from run where id = $1', [run])
  return row?.status
}
