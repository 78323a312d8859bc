// What one commit of the followed folder means: the flows and the policy in it, and what is wrong with them.

import type { Commit } from './id.ts'
import type { Flow } from './flow.ts'
import type { Policy } from './policy.ts'
import type { Problem } from './problem.ts'

/** The text files of the followed folder at one commit: path inside the folder → content. */
export type SourceFiles = ReadonlyMap<string, Uint8Array>

/** A flow with the files it can read, ready to be stored by content hash. */
export interface FlowVersion {
  readonly flow: Flow
  /** Path → text of the flow file, its prompts and knowledge files. Hashed into `flow.version`. */
  readonly closure: Readonly<Record<string, string>>
}

export interface Revision {
  readonly commit: Commit
  readonly flows: readonly FlowVersion[]
  /** Null when the commit has no policy file or an invalid one; then the last valid one stays. */
  readonly policy: { readonly policy: Policy; readonly text: string } | null
  readonly problems: readonly Problem[]
  /** Files that exist in the commit and have an error; their flows keep the last good version. */
  readonly broken: readonly string[]
}
