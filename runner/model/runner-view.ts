// What only the living process knows of itself; the status page asks for it at every request.

import type { HeadCondition, PolicyOrigin } from './head.ts'
import type { PicoUsd } from './money.ts'

export interface RunnerView {
  /** Name of this runner among those that share the store. */
  readonly name: string
  readonly version: string
  readonly startedMs: number
  readonly head: HeadView
  readonly claude: { readonly available: boolean; readonly why: string | null }
  readonly github: { readonly configured: boolean }
  /** Somebody used the emergency stop: nothing new starts. */
  readonly stopped: boolean
  readonly slots: { readonly used: number; readonly total: number }
  readonly queueDepth: number
  readonly rssBytes: number
  /** What the policy in force allows; null: no limit is set. */
  readonly budget: { readonly monthPicoUsd: PicoUsd | null; readonly dayCalls: number | null }
  /** Whether the store has every migration this program knows. */
  readonly migrations: 'current' | 'behind'
  readonly warnings: readonly Warning[]
}

/** Where the runner stands with the branch it follows. */
export interface HeadView {
  /** The commit in force; null until the first one was applied. */
  readonly commit: string | null
  /** Null until the remote said which one is its default. */
  readonly branch: string | null
  /** Without credentials: `acme/ops`, a URL or a folder. */
  readonly repository: string
  /** When the remote was last asked with success; null: not since this process started. */
  readonly checkedMs: number | null
  readonly pollMs: number
  readonly condition: HeadCondition
  readonly policyOrigin: PolicyOrigin
  /** Errors in the files of the applied commit. */
  readonly problems: number
}

/** Something a person should know before it hurts: in words, with what to do. */
export interface Warning {
  readonly words: string
  readonly remedy: string
}
