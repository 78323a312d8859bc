// What the status server is made of; `start.ts` gives the parts.

import type { Flow } from '../model/flow.ts'
import type { RunnerView } from '../model/runner-view.ts'
import type { Database } from '../store/database.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import type { Metrics } from '../world/metrics.ts'

export interface StatusParts {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Asked at every request. */
  readonly runner: () => RunnerView
  readonly flows: FlowLookup
  readonly options: StatusOptions
}

/** What only other rooms can tell about flows: their compiled form and their future. */
export interface FlowLookup {
  /** The compiled flow of a version; null when it is gone or this program cannot compile it. */
  compiled(version: string): Promise<Flow | null>
  /** Times of a schedule in force after `fromMs` up to `untilMs`; empty for other triggers and unknown names. */
  nextTimes(
    flow: string,
    trigger: string,
    range: { readonly fromMs: number; readonly untilMs: number; readonly max: number },
  ): readonly number[]
}

export interface StatusOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Asked for on every address but loopback; with one set, there too. */
  readonly token: string | null
  readonly publicUrl: string | null
}

export interface StatusServer {
  listen(): Promise<{ readonly port: number }>
  /** Something changed; open pages refresh themselves. `topic` is a noun: `run`, `ticket`, `flow`, `commit`. */
  notify(topic: string, id: string): void
  /** Ends open connections, then stops listening. */
  close(): Promise<void>
}
