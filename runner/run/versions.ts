// Compiled flows and policies by the hash of what was stored: what a run is pinned to.

import { compilePolicy } from '../flow/policy.ts'
import { compileVersion } from '../flow/version.ts'
import type { Action } from '../model/action.ts'
import { Failure } from '../model/error.ts'
import type { Flow } from '../model/flow.ts'
import type { Head } from '../model/head.ts'
import type { Policy } from '../model/policy.ts'
import type { Database } from '../store/database.ts'
import { policyText, versionClosure } from '../store/versions.ts'

export interface Versions {
  /** `untrusted`: inputs that hold what came from outside; none when absent. */
  flow(hash: string, untrusted?: readonly string[]): Promise<Flow>
  policy(hash: string): Promise<Policy>
}

/** Compiled versions kept at once; the rest is compiled again from the store. */
const keptMax = 2_000

export function createVersions(database: Database, actions: readonly Action[], head: () => Head): Versions {
  const flows = new Map<string, Flow>()
  const policies = new Map<string, Policy>()
  return {
    flow: async (hash, untrusted = []) => {
      const key = [hash, ...untrusted.toSorted()].join(' ')
      const current = flows.get(key)
      if (current !== undefined) return current
      const stored = await versionClosure(database, hash)
      if (stored === null)
        throw new Failure('invalid', `the flow version ${hash.slice(0, 12)} is not in the store any more`, {
          remedy: 'start the flow again: it then runs as it stands now',
        })
      return keep(flows, key, compileVersion(stored, actions, untrusted))
    },
    policy: async (hash) => {
      if (hash === head().policyVersion) return head().policy
      const current = policies.get(hash)
      if (current !== undefined) return current
      const stored = await policyText(database, hash)
      const policy = stored === null ? null : compilePolicy(stored.file, stored.text, actions).policy
      // A policy that is gone protects nobody: what the head says holds, and risk is the higher of both anyway.
      return policy === null ? head().policy : keep(policies, hash, policy)
    },
  }
}

function keep<Value>(cache: Map<string, Value>, hash: string, value: Value): Value {
  const oldest = cache.size >= keptMax ? cache.keys().next().value : undefined
  if (oldest !== undefined) cache.delete(oldest)
  cache.set(hash, value)
  return value
}
