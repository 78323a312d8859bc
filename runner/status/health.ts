// Alive, and ready: for whoever supervises the runner. Reasons are codes with words, never data.

import type { RunnerView } from '../model/runner-view.ts'
import type { Database } from '../store/database.ts'

export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly { readonly code: ReadyCode; readonly words: string }[]
}

export type ReadyCode = 'database' | 'migrations' | 'reconcile'

/** A look at the branch older than this many polls means that following it has stopped. */
const pollsMax = 3

export async function readiness(database: Database, runner: RunnerView, nowMs: number): Promise<Readiness> {
  const checks = [
    (await reachable(database)) ? null : reason('database', 'the store does not answer'),
    runner.migrations === 'current'
      ? null
      : reason('migrations', 'the store has an older schema; run `watchbill migrate`'),
    followed(runner, nowMs) ? null : reason('reconcile', `the branch was not read within ${pollsMax} polls`),
  ]
  const reasons = checks.filter((check) => check !== null)
  return { ready: reasons.length === 0, reasons }
}

function reason(code: ReadyCode, words: string): Readiness['reasons'][number] {
  return { code, words }
}

async function reachable(database: Database): Promise<boolean> {
  try {
    await database.query('select 1', [])
    return true
  } catch {
    // The answer itself says it; the reason stands in the log of whoever needed the store.
    return false
  }
}

function followed({ head }: RunnerView, nowMs: number): boolean {
  return head.checkedMs !== null && nowMs - head.checkedMs < pollsMax * head.pollMs
}
