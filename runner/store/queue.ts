// The queue: it carries hints that a run wants attention. The row of the run is the truth.

import type { Transaction } from './database.ts'

export interface Hint {
  readonly run: string
  /** Higher first. */
  readonly priority: number
}

export interface Job {
  readonly id: string
  readonly run: string
}

/** `ready`: runs want a job. `queued`: runs wait for a limit that may have room for them at once. */
export type Call = 'ready' | 'queued'

/**
 * Guarantees of every maker: a hint sent in a transaction exists exactly when it commits; hints of a run that
 * wait are one job (after a takeover it may be two); at most one job of a run is fetched at a time; a fetched job
 * that is not done comes back after the holder died.
 */
export interface Queue {
  start(): Promise<void>
  stop(): Promise<void>
  send(tx: Transaction, hints: readonly Hint[]): Promise<void>
  /** At most `count` jobs, most urgent first. They are ours until `done`. */
  fetch(count: number): Promise<readonly Job[]>
  /** The run is ours or needs nobody: the job may go. */
  done(jobs: readonly Job[]): Promise<void>
  /** Calls soon after jobs may have become available; a reason to fetch, never a promise. */
  onHint(call: () => void): () => void
  /** Those who listen to `onCall` are called soon after this transaction has committed, never when it rolls back. */
  call(tx: Transaction, what: Call): Promise<void>
  /** A call may get lost with a connection or a process: who listens also looks by itself now and then. */
  onCall(hear: (what: Call) => void): () => void
}
