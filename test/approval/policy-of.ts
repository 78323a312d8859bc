// Policies and actions for tests of approvals: quiet ones, changed where a test needs it.

import type { Action } from '../../runner/model/action.ts'
import type { Expression, Scope } from '../../runner/model/flow.ts'
import type { Json } from '../../runner/model/json.ts'
import type { Policy, PolicyAllow, PolicyRisk } from '../../runner/model/policy.ts'

type Given = Partial<Omit<Policy, 'approvals'>> & { readonly approvals?: Partial<Policy['approvals']> }

export function policyOf({ approvals, ...given }: Given = {}): Policy {
  return {
    version: 'p1',
    file: 'policy.yaml',
    approvals: {
      repository: null,
      approvers: ['@ana', '@ben'],
      need: 1,
      self: false,
      expiresMs: 86_400_000,
      perDay: 20,
      ...approvals,
    },
    risk: [],
    allow: [],
    budget: { monthUsd: null, dayCalls: null },
    models: { small: 'small', large: 'large' },
    secrets: {},
    connections: {},
    egress: { hosts: null, private: [] },
    files: { read: [], write: [] },
    teams: {},
    lists: {},
    retention: { runsMs: 1, decisionsMs: 1, payloadsMs: 1 },
    suspended: false,
    ...given,
  }
}

export function expressionOf(source: string, evaluate: (scope: Scope) => Json): Expression {
  const place = { file: 'policy.yaml', line: 1, column: 1 }
  return { source, place, reads: [], trust: 'trusted', evaluate }
}

/** The input of the action an expression of the policy sees. */
export const inputOf = (scope: Scope): Readonly<Record<string, Json>> =>
  (scope['input'] ?? {}) as Readonly<Record<string, Json>>

export function riskRule(given: Partial<PolicyRisk> = {}): PolicyRisk {
  return {
    id: 'risk[0]',
    uses: 'test.act',
    when: null,
    atLeast: 'high',
    need: null,
    approvers: null,
    ...given,
  }
}

export function allowRule(given: Partial<PolicyAllow> = {}): PolicyAllow {
  return {
    id: 'allow[0]',
    flow: 'shop',
    uses: 'test.act',
    when: null,
    commands: null,
    lowerTo: 'low',
    ...given,
  }
}

export function actionOf(given: Partial<Action> = {}): Action {
  return {
    name: 'test.act',
    version: 1,
    summary: 'Does something.',
    input: {
      type: 'object',
      properties: {
        title: { type: 'string' },
        to: { type: 'string' },
        command: { type: 'array' },
        env: { type: 'object', default: {} },
        cwd: { type: 'string' },
        level: { type: 'string', default: 'info' },
      },
    },
    output: {},
    sinks: {
      title: 'text',
      count: 'quantity',
      to: 'recipient',
      number: 'identifier',
      url: 'url',
      cwd: 'path',
      command: 'command',
      env: 'command',
      level: 'identifier',
    },
    repetition: () => 'once',
    floor: () => 'low',
    undo: { none: 'nothing takes it back' },
    describe: () => 'Do something',
    run: async () => null,
    ...given,
  }
}
