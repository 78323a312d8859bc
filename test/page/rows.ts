// Writes rows as the runner would, for tests that look at them: flows, runs with their journals, tickets, commits.

import { createHash } from 'node:crypto'
import { json, type Statements } from '../../runner/store/database.ts'
import { newId } from '../../runner/model/id.ts'
import type { Fact } from '../../runner/model/journal.ts'

/** Leaves out what every fact has. */
export type FactBody = Fact extends infer One ? (One extends Fact ? Omit<One, 'v'> : never) : never

export interface RunSeed {
  readonly flow: string
  readonly version: string
  readonly atMs: number
  readonly status: string
  readonly trigger?: string
  readonly startedBy?: string
  readonly endedMs?: number | null
  readonly workingMs?: number
  readonly costPico?: bigint
  readonly error?: object | null
  readonly waiting?: readonly object[] | null
  readonly wakeMs?: number | null
  readonly event?: object
  readonly inputs?: object
  readonly outputs?: object | null
  readonly commit?: string
  readonly id?: string
}

export interface Rows {
  id(atMs: number): string
  run(seed: RunSeed): Promise<string>
  journal(run: string, facts: readonly (readonly [atMs: number, fact: FactBody])[]): Promise<void>
  insert(table: string, row: Readonly<Record<string, unknown>>): Promise<void>
}

/** The same rows for the same calls. */
export function makeRows(statements: Statements): Rows {
  let drawn = 0
  const random = (): Uint8Array => createHash('sha256').update(`${drawn++}`).digest().subarray(0, 10)
  const rows: Rows = {
    id: (atMs) => newId(atMs, random()),
    run: async (seed) => {
      const id = seed.id ?? rows.id(seed.atMs)
      const live = seed.status === 'queued' || seed.status === 'ready'
      await rows.insert('run', {
        id,
        flow: seed.flow,
        version: seed.version,
        commit: seed.commit ?? head,
        policy: hashOf('policy'),
        trigger: seed.trigger ?? 'manual',
        started_by: seed.startedBy ?? `trigger:${seed.trigger ?? 'manual'}`,
        slot: id,
        event: json(
          seed.event ?? {
            kind: seed.trigger === undefined ? 'manual' : 'schedule',
            scheduled_at: iso(seed.atMs),
            fired_at: iso(seed.atMs),
          },
        ),
        inputs: json(seed.inputs ?? {}),
        status: seed.status,
        waiting: seed.waiting === undefined ? null : json(seed.waiting),
        owner: seed.status === 'running' ? 'runner-1' : null,
        wake_ms: seed.wakeMs ?? null,
        scheduled_ms: seed.atMs,
        created_ms: seed.atMs,
        started_ms: live ? null : seed.atMs + 2,
        ended_ms: seed.endedMs ?? null,
        working_ms: seed.workingMs ?? 0,
        cost_pico: seed.costPico ?? 0n,
        error: seed.error === undefined ? null : json(seed.error),
        outputs: seed.outputs === undefined ? null : json(seed.outputs),
      })
      return id
    },
    journal: async (run, facts) => {
      for (const [index, [atMs, fact]] of facts.entries())
        await rows.insert('journal', {
          run,
          seq: index + 1,
          epoch: 1,
          at_ms: atMs,
          fact: json({ v: 1, ...fact }),
        })
    },
    insert: async (table, row) => {
      const names = Object.keys(row)
      const places = names.map((_, index) => `$${index + 1}`)
      const columns = names.map((name) => `"${name}"`).join(', ')
      await statements.query(
        `insert into "${table}" (${columns}) values (${places.join(', ')})`,
        Object.values(row),
      )
    },
  }
  return rows
}

export const head = '3f2a91c07b5d4e6f8a9b0c1d2e3f4a5b6c7d8e9f'
export const iso = (ms: number): string => new Date(ms).toISOString()
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
