// A runner that follows a scratch repository on a real database, look by look.

import type { TestContext } from 'node:test'
import { actions } from '../../actions/index.ts'
import { reconcile, type Reconciled, type ReconcileParts } from '../../runner/git/reconcile.ts'
import type { RepositoryParts } from '../../runner/git/repository.ts'
import type { Head } from '../../runner/model/head.ts'
import type { Database } from '../../runner/store/database.ts'
import { type LogFields, silentLog } from '../../runner/world/log.ts'
import { fakeClock, type FakeClock } from '../fakes/clock.ts'
import { freshDatabase, type Kind } from '../store/bring.ts'
import { follow, freshFolder, scratch, type Scratch } from './scratch.ts'

export interface Following {
  readonly repo: Scratch
  readonly database: Database
  readonly clock: FakeClock
  readonly warnings: readonly (LogFields & { readonly said: string })[]
  readonly parts: ReconcileParts
  /** Looks once more, with what the look before gave. */
  look(): Promise<Reconciled>
  /** The same after a restart: nothing is remembered but the store and the mirror. */
  restarted(more?: Partial<RepositoryParts> & { readonly folder?: string }): Promise<Reconciled>
}

export const startMs = Date.parse('2026-11-22T09:00:00Z')

export async function following(
  t: TestContext,
  kind: Kind = 'pglite',
  signers: string | null = null,
): Promise<Following> {
  const repo = scratch(t)
  const database = await freshDatabase(kind, t)
  const clock = fakeClock(startMs)
  const mirror = freshFolder(t)
  const warnings: (LogFields & { said: string })[] = []
  const log = {
    ...silentLog,
    warn: (fields: LogFields, said: string) => void warnings.push({ ...fields, said }),
  }
  const partsWith = (more: Partial<RepositoryParts>, folder: string): ReconcileParts => ({
    repository: follow(t, repo.folder, { ...more, folder: mirror }),
    folder,
    signers,
    database,
    actions,
    clock,
    log,
  })
  let parts = partsWith({}, 'flows')
  let previous: Head | null = null
  const look = async (): Promise<Reconciled> => {
    const found = await reconcile(parts, previous)
    previous = found.head
    return found
  }
  return {
    repo,
    database,
    clock,
    warnings,
    get parts() {
      return parts
    },
    look,
    restarted: ({ folder = 'flows', ...more } = {}) => {
      parts = partsWith(more, folder)
      previous = null
      return look()
    },
  }
}

/** A flow that loads, with triggers as YAML lines below `on:`. */
export function aFlow(name: string, more: { readonly on?: string; readonly message?: string } = {}): string {
  const on = more.on === undefined ? '' : `on:\n${more.on.replaceAll(/^/gm, '  ')}\n`
  return `apiVersion: watchbill/v1
kind: Flow
name: ${name}
${on}steps:
  - id: note
    uses: log.record
    with: { message: ${more.message ?? 'hello'} }
`
}

export const aPolicy = 'apiVersion: watchbill/v1\nkind: Policy\nname: policy\nbudget: { month_usd: 30 }\n'

export const namesOf = (head: Head): readonly string[] => [...head.flows.keys()].sort()

/** What a flow says, by the message of its only step: tells versions apart. */
export function messageOf(head: Head, name: string): unknown {
  const work = [...head.flows.values()].find((flow) => flow.name === name)?.steps[0]?.work
  const message = work?.is === 'uses' ? work.with['message'] : undefined
  return message?.is === 'literal' ? message.value : undefined
}
