// The compiled policy: what people allow, who they are, and what it may cost.

import type { Expression } from './flow.ts'
import type { Risk } from './risk.ts'
import type { PicoUsd } from './money.ts'

export interface Policy {
  /** Hash of the policy file's content. */
  readonly version: string
  readonly file: string
  readonly approvals: {
    /** `owner/name` where tickets are opened; null: tickets stay with the runner. */
    readonly repository: string | null
    readonly approvers: readonly string[]
    readonly need: number
    readonly self: boolean
    readonly expiresMs: number
    readonly perDay: number
  }
  readonly risk: readonly PolicyRisk[]
  readonly allow: readonly PolicyAllow[]
  readonly budget: { readonly monthUsd: PicoUsd | null; readonly dayCalls: number | null }
  readonly models: { readonly small: string; readonly large: string }
  /** Hosts each secret may be sent to. */
  readonly secrets: Readonly<Record<string, { readonly hosts: readonly string[] }>>
  readonly connections: Readonly<Record<string, PolicyConnection>>
  readonly egress: {
    /** Hosts that may be called; null: every public host. */
    readonly hosts: readonly string[] | null
    /** `host` or `host:port` that may be called although its address is not public. */
    readonly private: readonly string[]
  }
  /** Folders that `file.*` may use, relative to the runner's working folder. */
  readonly files: { readonly read: readonly string[]; readonly write: readonly string[] }
  readonly teams: Readonly<Record<string, readonly string[]>>
  readonly lists: Readonly<Record<string, readonly (string | number)[]>>
  readonly retention: { readonly runsMs: number; readonly decisionsMs: number; readonly payloadsMs: number }
  readonly suspended: boolean
}

export interface PolicyConnection {
  readonly base: string
  readonly bearer: string | null
  /** How much of it may happen, over all flows and runners. */
  readonly limits: {
    /** Calls under way at once; null: any number. */
    readonly concurrency: number | null
    /** At most `max` calls begin in any span of `perMs`. */
    readonly rate: { readonly max: number; readonly perMs: number } | null
  }
}

/** Raises: for this action, when the condition over `input`, `uses`, `flow` holds. */
export interface PolicyRisk {
  /** Stable name for records: `risk[0]`. */
  readonly id: string
  readonly uses: string
  readonly when: Expression | null
  readonly atLeast: Risk
  readonly need: number | null
  readonly approvers: readonly string[] | null
}

/** Lowers, narrowly: this flow, this action, these conditions or these very argument lists. */
export interface PolicyAllow {
  readonly id: string
  readonly flow: string
  readonly uses: string
  readonly when: Expression | null
  readonly commands: readonly (readonly string[])[] | null
  readonly lowerTo: Risk
}
