// The gate: how risky one rendered action is, which rule says so, and who would have to say yes.

import type { Action } from '../model/action.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Policy, PolicyRisk } from '../model/policy.ts'
import { highest, raised, type Risk } from '../model/risk.ts'
import type { Trust } from '../model/trust.ts'
import { allowedIn } from './allow.ts'
import { holds, policyScope } from './condition.ts'
import { untrustedSinks } from './exposure.ts'

export interface AssessInput {
  readonly flow: string
  readonly action: Action
  /** The whole input, defaults filled in. */
  readonly input: JsonObject
  /** Label and origin of each input property, by its name. */
  readonly sources: Readonly<Record<string, { readonly trust: Trust; readonly from: string }>>
  /** Rules of the step or choice whose condition held. */
  readonly stepRisk: readonly { readonly atLeast: Risk; readonly id: string }[]
  /** Claude's own estimate; null when no model was asked. */
  readonly modelRisk: Risk | null
  /** The decision came from a fallback. */
  readonly fallback: boolean
  readonly policyAtStart: Policy
  readonly policyAtHead: Policy
}

export interface Assessment {
  readonly risk: Risk
  /** Every reason that counted, in words for people, the deciding one first. */
  readonly why: readonly string[]
  /** Name of the deciding rule: `risk[0]`, `step[0]`, `floor`, `trust`, `model`, `fallback`. */
  readonly rule: string
  readonly need: number
  readonly approvers: readonly string[]
  /** The rule of the policy that lowered the floor or the trust rule; null: none did. */
  readonly allowedBy: string | null
}

interface Reason {
  readonly rule: string
  readonly risk: Risk
  readonly words: string
}

/**
 * The highest of floor, trust rule, rules of both policies, rules of the step and Claude's estimate; one level
 * more after a fallback. Only an `allow` that stands in both policies lowers, and only floor and trust rule.
 */
export function assess(of: AssessInput): Assessment {
  const own = ownReasons(of)
  const allowed = allowedBoth(of)
  const base = highest(...own.map((reason) => reason.risk))
  const lowered = allowed !== null && highest(base, allowed.lowerTo) === base && base !== allowed.lowerTo
  const kept = lowered
    ? own.map((reason) => ({ ...reason, risk: lowest(reason.risk, allowed.lowerTo) }))
    : own
  const reasons = [...policyReasons(of), ...stepReasons(of), ...kept, ...modelReason(of)]
  const before = highest(...reasons.map((reason) => reason.risk))
  const risk = of.fallback ? raised(before) : before
  if (of.fallback) reasons.push({ rule: 'fallback', risk, words: fallbackWords })
  const deciding = reasons.filter((reason) => reason.risk === risk)
  const others = reasons.filter((reason) => reason.risk !== risk && reason.risk !== 'low')
  const words = [...deciding, ...others].map((reason) => reason.words)
  const people = peopleFor(of.policyAtHead, { flow: of.flow, uses: of.action.name, input: of.input })
  return {
    risk,
    why: lowered ? [...words, `${allowed.id} of the policy lowers it to ${allowed.lowerTo}`] : words,
    rule: deciding[0]?.rule ?? 'floor',
    need: people.need,
    approvers: people.approvers,
    allowedBy: lowered ? allowed.id : null,
  }
}

const fallbackWords = 'Claude was away and a fallback decided: one level higher'

/** What the action is by itself: these two an `allow` may lower. */
function ownReasons(of: AssessInput): Reason[] {
  const floor = of.action.floor(of.input)
  const reasons: Reason[] = [
    { rule: 'floor', risk: floor, words: `${of.action.name} with this input is ${floor} by itself` },
  ]
  for (const exposed of untrustedSinks(of)) {
    const words = `untrusted data from ${exposed.from} decides \`${exposed.name}\` (${exposed.sink})`
    reasons.push({ rule: 'trust', risk: 'high', words })
  }
  return reasons
}

/** The higher of what both policies lower to; null unless both do. */
function allowedBoth(of: AssessInput): { readonly id: string; readonly lowerTo: Risk } | null {
  const start = allowedIn(of.policyAtStart, of)
  const head = allowedIn(of.policyAtHead, of)
  if (start === null || head === null) return null
  return { id: head.id, lowerTo: highest(start.lowerTo, head.lowerTo) }
}

function policyReasons(of: AssessInput): Reason[] {
  const what = { flow: of.flow, uses: of.action.name, input: of.input }
  const reason = (rule: PolicyRisk, which: string): Reason => ({
    rule: rule.id,
    risk: rule.atLeast,
    words: `${rule.id} of the policy${which}${rule.when === null ? '' : ` (${rule.when.source})`}: at least ${rule.atLeast}`,
  })
  const head = matchingRules(of.policyAtHead, what).map((rule) => reason(rule, ''))
  if (of.policyAtStart.version === of.policyAtHead.version) return head
  const start = matchingRules(of.policyAtStart, what).map((rule) => reason(rule, ' at the start of the run'))
  return [...head, ...start]
}

function stepReasons(of: AssessInput): Reason[] {
  return of.stepRisk.map((rule) => ({
    rule: rule.id,
    risk: rule.atLeast,
    words: `${rule.id} of the flow: at least ${rule.atLeast}`,
  }))
}

function modelReason(of: AssessInput): Reason[] {
  if (of.modelRisk === null) return []
  return [{ rule: 'model', risk: of.modelRisk, words: `Claude rates it ${of.modelRisk}` }]
}

/** Who must say yes to this action by one policy: its default, or what a matching rule asks for. */
export function peopleFor(
  policy: Policy,
  what: { readonly flow: string; readonly uses: string; readonly input: Json },
): { readonly need: number; readonly approvers: readonly string[] } {
  const rules = matchingRules(policy, what)
  const naming = (['high', 'medium', 'low'] as const).flatMap((risk) =>
    rules.filter((rule) => rule.atLeast === risk && rule.approvers !== null),
  )
  return {
    need: Math.max(policy.approvals.need, ...rules.map((rule) => rule.need ?? 1)),
    approvers: naming[0]?.approvers ?? policy.approvals.approvers,
  }
}

/** A condition that cannot be evaluated counts as met: a broken rule never makes anything less risky. */
function matchingRules(
  policy: Policy,
  what: { readonly flow: string; readonly uses: string; readonly input: Json },
): PolicyRisk[] {
  const scope = policyScope(policy, what)
  return policy.risk.filter(
    (rule) => rule.uses === what.uses && (rule.when === null || holds(rule.when, scope) !== 'no'),
  )
}

function lowest(one: Risk, other: Risk): Risk {
  return highest(one, other) === one ? other : one
}
