// What the runner follows right now: the flows and the policy in force, and where it stands with the branch.

import type { Flow } from './flow.ts'
import type { Commit, FlowName } from './id.ts'
import type { Policy } from './policy.ts'
import type { Problem } from './problem.ts'

/**
 * `starting`: the branch was not looked at yet. `held`: the newest commit waits for `watchbill accept`.
 * `refused`: the newest commit cannot be read. In all of them the last applied commit stays in force.
 */
export type HeadCondition =
  | { readonly is: 'starting' }
  | { readonly is: 'following' }
  | { readonly is: 'unreachable'; readonly why: string; readonly remedy: string }
  | { readonly is: 'held'; readonly commit: Commit; readonly why: string; readonly remedy: string }
  | { readonly is: 'refused'; readonly commit: Commit; readonly why: string; readonly remedy: string }

/**
 * Where the policy in force comes from. `current`: the applied commit. `kept`: an earlier commit, because the
 * applied one has none that is valid; then nothing high is claimed. `built-in`: there never was a valid one.
 */
export type PolicyOrigin = 'current' | 'kept' | 'built-in'

export interface Head {
  /** The commit in force; null until the first one was applied. */
  readonly commit: Commit | null
  /** Counts applied commits upward; 0 until the first one was applied. */
  readonly revision: number
  /** Null until the remote said which one is its default. */
  readonly branch: string | null
  /** Every flow that may start, in its last good version. */
  readonly flows: ReadonlyMap<FlowName, Flow>
  readonly policy: Policy
  readonly policyVersion: string
  readonly policyOrigin: PolicyOrigin
  /** Of the files of the applied commit. */
  readonly problems: readonly Problem[]
  readonly condition: HeadCondition
  /** When the remote was last asked with success; null: not since this process started. */
  readonly checkedMs: number | null
}
