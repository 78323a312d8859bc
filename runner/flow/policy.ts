// The policy from its text: parse → validate → compile, every problem collected.

import type { Action } from '../model/action.ts'
import { sha256 } from '../model/digest.ts'
import { picoUsd } from '../model/money.ts'
import type { Policy, PolicyAllow, PolicyConnection, PolicyRisk } from '../model/policy.ts'
import type { Problem } from '../model/problem.ts'
import { slot, type Bench } from './bench.ts'
import { noFlows } from './callee.ts'
import { checkPolicy } from './check-policy.ts'
import { compileBare, expressionOf } from './compile-expression.ts'
import type { AllowDocument, ConnectionDocument, PolicyDocument } from './document.ts'
import { durationMs } from './duration.ts'
import { kindProblem } from './kind.ts'
import { policyType } from './names.ts'
import { parse } from './parse.ts'
import { checkSchema } from './schema.ts'
import { inputType, shelfOf } from './shelf.ts'
import { compileSpan, yearBounds } from './span.ts'
import { any, field, text as textType } from './type.ts'
import type { View } from './view.ts'

export const policyFile = 'policy.yaml'

export interface CompiledPolicy {
  /** Null when there is an error. */
  readonly policy: Policy | null
  readonly problems: readonly Problem[]
}

export function compilePolicy(file: string, text: string, actions: readonly Action[]): CompiledPolicy {
  return compilePolicyBytes(file, new TextEncoder().encode(text), actions)
}

export function compilePolicyBytes(
  file: string,
  bytes: Uint8Array,
  actions: readonly Action[],
): CompiledPolicy {
  const { parsed, problems } = parse(file, bytes)
  if (parsed === null) return { policy: null, problems }
  const kind = kindProblem(parsed, 'Policy')
  if (kind !== null) return { policy: null, problems: [kind] }
  const misfits = checkSchema('policy', { parsed, value: parsed.root, name: 'the policy' })
  if (misfits.length > 0) return { policy: null, problems: misfits }
  const noFiles = { has: () => false, read: () => ({ problem: null }) }
  const shelf = shelfOf(actions)
  const bench: Bench = { parsed, shelf, files: noFiles, flows: noFlows, policy: null, problems: [] }
  const policy = policyOf(bench, parsed.root)
  const broken = bench.problems.some((problem) => problem.severity === 'error')
  return { policy: broken ? null : policy, problems: bench.problems }
}

/** What holds where no policy was ever written: nothing is allowed, everything risky asks the person at the machine. */
export function defaultPolicy(): Policy {
  const { policy } = compilePolicy(policyFile, 'apiVersion: watchbill/v1\nkind: Policy\nname: policy\n', [])
  if (policy === null) throw new Error('the empty policy must compile')
  return policy
}

function policyOf(bench: Bench, written: PolicyDocument): Policy {
  const base = baseOf(bench, written)
  checkPolicy(bench, written)
  return {
    ...base,
    risk: (written.risk ?? []).map((rule, index) => compileRisk(bench, { base, rule, id: `risk[${index}]` })),
    allow: (written.allow ?? []).map((rule, index) =>
      compileAllow(bench, { base, rule, id: `allow[${index}]` }),
    ),
  }
}

const modelsDefault = { small: 'claude-haiku-5-5', large: 'claude-sonnet-5-5' } as const
const retentionDefault = { runs: '90d', decisions: '400d', payloads: '30d' } as const

function baseOf(bench: Bench, written: PolicyDocument): Policy {
  const { approvals = {}, budget = {}, models = {}, egress = {}, files = {}, retention = {} } = written
  const { source } = bench.parsed
  const span = (text: string): number => durationMs(text) ?? 0
  const connections = Object.entries(written.connections ?? {})
  return {
    version: sha256(source.text),
    file: source.file,
    approvals: {
      repository: approvals.repository ?? null,
      approvers: approvals.approvers ?? [],
      need: approvals.need ?? 1,
      self: approvals.self ?? false,
      expiresMs: span(approvals.expires ?? '24h'),
      perDay: approvals.per_day ?? 20,
    },
    risk: [],
    allow: [],
    budget: {
      monthUsd: budget.month_usd === undefined ? null : picoUsd(budget.month_usd),
      dayCalls: budget.day_calls ?? null,
    },
    models: { ...modelsDefault, ...models },
    secrets: written.secrets ?? {},
    connections: Object.fromEntries(
      connections.map(([name, connection]) => [name, compileConnection(bench, connection)]),
    ),
    egress: { hosts: egress.hosts ?? null, private: egress.private ?? [] },
    files: { read: files.read ?? [], write: files.write ?? [] },
    teams: written.teams ?? {},
    lists: written.lists ?? {},
    retention: {
      runsMs: span(retention.runs ?? retentionDefault.runs),
      decisionsMs: span(retention.decisions ?? retentionDefault.decisions),
      payloadsMs: span(retention.payloads ?? retentionDefault.payloads),
    },
    suspended: written.suspend ?? false,
  }
}

function compileConnection(bench: Bench, { base, auth, limits = {} }: ConnectionDocument): PolicyConnection {
  const { concurrency = null, rate } = limits
  return {
    base,
    bearer: auth?.bearer.secret ?? null,
    limits: {
      concurrency,
      rate:
        rate === undefined
          ? null
          : {
              max: rate.max,
              perMs: compileSpan(bench, { ...slot(rate, 'per'), text: rate.per }, yearBounds),
            },
    },
  }
}

/** Conditions of the policy see the action alone. */
function conditionView(bench: Bench, base: Policy, uses: string): View {
  const action = bench.shelf.actions.get(uses)
  const input = action === undefined ? any : inputType(action)
  const roots = new Map([
    ['input', field(input, 'certain', 'untrusted')],
    ['uses', field(textType, 'certain', 'trusted')],
    ['flow', field(textType, 'certain', 'trusted')],
    ['policy', field(policyType(base), 'certain', 'trusted')],
  ])
  const hint = 'a condition of the policy sees input, uses, flow and policy'
  const elsewhere = new Map(
    ['event', 'inputs', 'steps', 'run', 'choice', 'parameters'].map((name) => [name, hint]),
  )
  return { roots, certain: new Set(), grants: new Map(), elsewhere, files: null }
}

interface Ruled<Rule> {
  readonly base: Policy
  readonly rule: Rule
  readonly id: string
}

function condition(
  bench: Bench,
  { base, rule }: Ruled<{ readonly uses: string; readonly when?: string }>,
): PolicyRisk['when'] {
  if (rule.when === undefined) return null
  const wanted = { slot: slot(rule, 'when'), text: rule.when, type: 'bool', what: 'true or false' } as const
  return expressionOf(compileBare(bench, wanted, conditionView(bench, base, rule.uses)))
}

function compileRisk(bench: Bench, of: Ruled<NonNullable<PolicyDocument['risk']>[number]>): PolicyRisk {
  const { uses, at_least, need, approvers } = of.rule
  return {
    id: of.id,
    uses,
    when: condition(bench, of),
    atLeast: at_least,
    need: need ?? null,
    approvers: approvers ?? null,
  }
}

function compileAllow(bench: Bench, of: Ruled<AllowDocument>): PolicyAllow {
  const { flow, uses, commands, lower_to } = of.rule
  return { id: of.id, flow, uses, when: condition(bench, of), commands: commands ?? null, lowerTo: lower_to }
}
