import type { Policy } from '../../runner/model/policy.ts'

/** Nothing allowed, nothing raised; the person at the machine may approve what they started. */
export function aPolicy(more: Partial<Policy> = {}): Policy {
  return {
    version: 'p0',
    file: 'policy.yaml',
    approvals: {
      repository: null,
      approvers: ['@ana'],
      need: 1,
      self: true,
      expiresMs: 86_400_000,
      perDay: 20,
    },
    risk: [],
    allow: [],
    budget: { monthUsd: 5_000_000_000_000n, dayCalls: 100 },
    models: { small: 'claude-haiku-5-5', large: 'claude-sonnet-5-5' },
    secrets: {},
    connections: {},
    egress: { hosts: null, private: [] },
    files: { read: [], write: [] },
    teams: {},
    lists: {},
    retention: { runsMs: 1e10, decisionsMs: 1e10, payloadsMs: 1e10 },
    suspended: false,
    ...more,
  }
}
