// Which rule of a policy lowers this very action: named flow, named action, and every condition clearly met.

import { isDeepStrictEqual } from 'node:util'
import type { Action } from '../model/action.ts'
import type { JsonObject, Json } from '../model/json.ts'
import type { Policy, PolicyAllow } from '../model/policy.ts'
import { risks } from '../model/risk.ts'
import type { Trust } from '../model/trust.ts'
import { holds, policyScope } from './condition.ts'
import { untrustedSinks } from './exposure.ts'

export interface Allowed {
  readonly flow: string
  readonly action: Action
  readonly input: JsonObject
  readonly sources: Readonly<Record<string, { readonly trust: Trust; readonly from: string }>>
}

/** The matching `allow` that lowers furthest; null when none matches or the target may never be allowed. */
export function allowedIn(policy: Policy, of: Allowed): PolicyAllow | null {
  if (touchesProtected(of)) return null
  const matching = policy.allow.filter((allow) => matches(policy, allow, of))
  for (const risk of risks) {
    const found = matching.find((allow) => allow.lowerTo === risk)
    if (found !== undefined) return found
  }
  return null
}

function matches(policy: Policy, allow: PolicyAllow, of: Allowed): boolean {
  if (allow.flow !== of.flow || allow.uses !== of.action.name) return false
  if (allow.commands !== null && !isListedCommand(allow.commands, of)) return false
  if (allow.when === null) return true
  const scope = policyScope(policy, { flow: of.flow, uses: of.action.name, input: of.input })
  return holds(allow.when, scope) === 'yes'
}

/**
 * `commands` speaks of the argument list alone. Anything else that could change what the command does must be
 * empty (its environment) or trusted (where it runs), or the rule does not cover it.
 */
function isListedCommand(commands: readonly (readonly string[])[], of: Allowed): boolean {
  const given = Object.entries(of.input).filter(([name]) => of.action.sinks[name] === 'command')
  const filled = given.filter(([, value]) => !isEmpty(value))
  const [list] = filled
  if (filled.length !== 1 || list === undefined || !Array.isArray(list[1])) return false
  if (!commands.some((command) => isDeepStrictEqual([...command], list[1]))) return false
  return untrustedSinks(of).every((exposed) => exposed.name === list[0])
}

function isEmpty(value: Json): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** Folders that decide what runs: no policy lowers an action that names a path in them. */
const protectedFolders = new Set(['.github', 'flows'])

function touchesProtected(of: Allowed): boolean {
  return Object.entries(of.input).some(
    ([name, value]) => of.action.sinks[name] === 'path' && texts(value).some(inProtected),
  )
}

function inProtected(path: string): boolean {
  return path.split(/[\\/]/).some((segment) => protectedFolders.has(segment.trim().toLowerCase()))
}

function texts(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).concat(Object.values(value).flatMap(texts))
}
