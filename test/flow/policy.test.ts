import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePolicy, defaultPolicy } from '../../runner/flow/policy.ts'
import type { Policy } from '../../runner/model/policy.ts'
import { actions, emptyScope, load, policyHead, policyProblemsIn, short } from './bring.ts'

function policyIn(body: string): Policy {
  const { policy, problems } = compilePolicy('policy.yaml', policyHead + body, actions)
  if (policy === null) throw new Error(JSON.stringify(problems))
  return policy
}

test('a policy that says nothing allows nothing and has the defaults', () => {
  const { approvals, risk, allow, budget, models, egress, files, suspended } = policyIn('')
  assert.deepEqual(approvals, {
    repository: null,
    approvers: [],
    need: 1,
    self: false,
    expiresMs: 86_400_000,
    perDay: 20,
  })
  assert.deepEqual(
    [risk, allow, budget, egress, files, suspended],
    [
      [],
      [],
      { monthUsd: null, dayCalls: null },
      { hosts: null, private: [] },
      { read: [], write: [] },
      false,
    ],
  )
  assert.deepEqual(models, { small: 'claude-haiku-5-5', large: 'claude-sonnet-5-5' })
})

test('the default policy is the one that says nothing', () => {
  const { version: _, ...said } = policyIn('')
  const { version: __, ...without } = defaultPolicy()
  assert.deepEqual(without, said)
})

const whole = `description: What people allow.
approvals: { repository: acme/ops, approvers: ["@ana", "@team:acme/ops"], need: 2, self: true, expires: 12h, per_day: 5 }
risk:
  - { uses: shop.order, when: input.?count.orValue(0) > 3 && !input.urgent && input.to in policy.lists.shops, at_least: high, need: 2, approvers: ["@ana"] }
allow:
  - { flow: demo, uses: shop.order, when: "input.to == 'acme'", lower_to: medium }
  - { flow: demo, uses: shell.run, commands: [[df, "-P"], [uptime]], lower_to: low }
budget: { month_usd: 30.5, day_calls: 5000 }
models: { small: claude-haiku-5-5, large: claude-opus-5-5 }
secrets: { SHOP_TOKEN: { hosts: [api.example.com] } }
connections:
  shop: { kind: http, base: "https://api.example.com/v1", auth: { bearer: { secret: SHOP_TOKEN } }, limits: { concurrency: 4, rate: { max: 100, per: 1m } } }
  open: { kind: http, base: "https://b.example.com" }
egress: { hosts: [api.example.com], private: ["printer.local:631"] }
files: { read: [docs, data/in], write: [data/out] }
teams: { support: ["@ana"] }
lists: { shops: [acme, globex], sizes: [1, 2.5] }
retention: { runs: 10d, decisions: 20d, payloads: 1d }
suspend: true
`

test('every word of a policy is compiled', () => {
  const policy = policyIn(whole)
  assert.deepEqual(policy.approvals, {
    repository: 'acme/ops',
    approvers: ['@ana', '@team:acme/ops'],
    need: 2,
    self: true,
    expiresMs: 43_200_000,
    perDay: 5,
  })
  assert.deepEqual(policy.budget, { monthUsd: 30_500_000_000_000n, dayCalls: 5000 })
  assert.equal(policy.models.large, 'claude-opus-5-5')
  assert.deepEqual(policy.secrets, { SHOP_TOKEN: { hosts: ['api.example.com'] } })
  assert.deepEqual(policy.connections, {
    shop: {
      base: 'https://api.example.com/v1',
      bearer: 'SHOP_TOKEN',
      limits: { concurrency: 4, rate: { max: 100, perMs: 60_000 } },
    },
    open: { base: 'https://b.example.com', bearer: null, limits: { concurrency: null, rate: null } },
  })
  assert.deepEqual(policy.egress, { hosts: ['api.example.com'], private: ['printer.local:631'] })
  assert.deepEqual(policy.files, { read: ['docs', 'data/in'], write: ['data/out'] })
  assert.deepEqual(
    [policy.teams, policy.lists],
    [{ support: ['@ana'] }, { shops: ['acme', 'globex'], sizes: [1, 2.5] }],
  )
  assert.deepEqual(policy.retention, {
    runsMs: 864_000_000,
    decisionsMs: 1_728_000_000,
    payloadsMs: 86_400_000,
  })
  assert.equal(policy.suspended, true)
})

test('rules have names for the record, and conditions over the action', () => {
  const { risk, allow } = policyIn(whole)
  assert.deepEqual([risk[0]?.id, risk[0]?.need, risk[0]?.approvers], ['risk[0]', 2, ['@ana']])
  assert.deepEqual(
    allow.map(({ id, lowerTo }) => [id, lowerTo]),
    [
      ['allow[0]', 'medium'],
      ['allow[1]', 'low'],
    ],
  )
  assert.deepEqual(allow[1]?.commands, [['df', '-P'], ['uptime']])
  const scope = { ...emptyScope, policy: { teams: {}, lists: { shops: ['acme'] } }, uses: 'shop.order' }
  assert.equal(risk[0]?.when?.evaluate({ ...scope, input: { to: 'acme', count: 4, urgent: false } }), true)
  assert.equal(risk[0]?.when?.evaluate({ ...scope, input: { to: 'other', count: 4, urgent: false } }), false)
})

test('the version is the hash of the text', () => {
  assert.equal(policyIn('').version, policyIn('').version)
  assert.notEqual(policyIn('').version, policyIn('suspend: true\n').version)
})

const wrong: Readonly<Record<string, readonly [body: string, problems: readonly string[]]>> = {
  'an action that does not exist': ['risk: [{ uses: shop.oder, at_least: high }]\n', ['action-unknown 1:16']],
  'a condition over an input that does not exist': [
    'risk: [{ uses: shop.order, when: input.tos == "x", at_least: high }]\n',
    ['reference-unknown 1:40'],
  ],
  'a condition over an optional input without asking': [
    'risk: [{ uses: shop.order, when: input.note == "x", at_least: high }]\n',
    ['reference-unguarded 1:40'],
  ],
  'a condition over something else than the action': [
    'risk: [{ uses: shop.order, when: event.kind == "git", at_least: high }]\n',
    ['reference-unknown 1:34'],
  ],
  'a condition that is not true or false': [
    'risk: [{ uses: shop.order, when: input.to, at_least: high }]\n',
    ['expression-type 1:34'],
  ],
  'commands that are not named': [
    'allow: [{ flow: demo, uses: shell.run, lower_to: low }]\n',
    ['policy 1:23'],
  ],
  'commands for an action that runs none': [
    'allow: [{ flow: demo, uses: log.record, commands: [[df]], lower_to: low }]\n',
    ['policy 1:41'],
  ],
  'lowering to high': ['allow: [{ flow: demo, uses: log.record, lower_to: high }]\n', ['schema 1:51']],
  'the credentials of the runner itself': [
    'secrets: { ANTHROPIC_API_KEY: { hosts: [a.example.com] } }\n',
    ['policy 1:12'],
  ],
  'a secret for any host': ['secrets: { A_TOKEN: {} }\n', ['missing-key 1:12']],
  'a host with its scheme': ['egress: { hosts: ["https://a.example.com"] }\n', ['schema 1:19']],
  'a connection with a secret that does not exist': [
    'connections: { a: { kind: http, base: "https://a.example.com", auth: { bearer: { secret: NO } } } }\n',
    ['policy 1:90'],
  ],
  'a connection to a host its secret may not go to': [
    'secrets: { A_TOKEN: { hosts: [b.example.com] } }\nconnections: { a: { kind: http, base: "https://a.example.com", auth: { bearer: { secret: A_TOKEN } } } }\n',
    ['policy 2:90'],
  ],
  'a connection without encryption': [
    'connections: { a: { kind: http, base: "http://a.example.com" } }\n',
    ['policy 1:39'],
  ],
  'a connection of a later kind': [
    'connections: { a: { kind: mail, base: "https://a.example.com" } }\n',
    ['schema 1:27'],
  ],
  'a connection that nothing may call': [
    'connections: { a: { kind: http, base: "https://a.example.com", limits: { concurrency: 0 } } }\n',
    ['schema 1:87'],
  ],
  'a connection whose limits say nothing': [
    'connections: { a: { kind: http, base: "https://a.example.com", limits: {} } }\n',
    ['schema 1:64'],
  ],
  'a rate of a connection within no time': [
    'connections: { a: { kind: http, base: "https://a.example.com", limits: { rate: { max: 3, per: 0s } } } }\n',
    ['schema 1:95'],
  ],
  'a rate of a connection without its span': [
    'connections: { a: { kind: http, base: "https://a.example.com", limits: { rate: { max: 3 } } } }\n',
    ['missing-key 1:74'],
  ],
  'more people than there are': ['approvals: { approvers: ["@ana"], need: 2 }\n', ['policy 1:41']],
  'tickets on GitHub that nobody may answer': ['approvals: { repository: acme/ops }\n', ['policy 1:14']],
  'people for a risk that asks nobody': [
    'risk: [{ uses: shop.order, at_least: medium, need: 2 }]\n',
    ['policy 1:46'],
  ],
  'a folder outside': ['files: { read: [../x] }\n', ['schema 1:17']],
  'a team that expressions cannot say': ['teams: { in: ["@ana"] }\n', ['schema 1:10']],
  'a login without @': ['teams: { core: [ana] }\n', ['schema 1:17']],
}

for (const [name, [body, problems]] of Object.entries(wrong)) {
  test(`a policy is refused: ${name}`, () => {
    assert.deepEqual(policyProblemsIn(body), problems)
  })
}

test('a private host may be called without encryption', () => {
  assert.deepEqual(
    policyProblemsIn(
      'connections: { a: { kind: http, base: "http://printer.local:631" } }\negress: { private: ["printer.local:631"] }\n',
    ),
    [],
  )
})

test('a policy in another file, and a flow in the file of the policy', () => {
  const flow = 'apiVersion: watchbill/v1\nkind: Flow\nname: demo\nsteps: []\n'
  const { problems, broken } = load({ 'other.yaml': policyHead, 'policy.yaml': flow })
  assert.deepEqual(
    problems.map((problem) => [problem.place.file, short(problem)]),
    [
      ['other.yaml', 'name-mismatch 2:7'],
      ['policy.yaml', 'name-mismatch 2:7'],
    ],
  )
  assert.deepEqual(broken, ['policy.yaml', 'other.yaml'])
})

test('a rule about a flow that does not exist is a warning', () => {
  const { problems, policy } = load({
    'policy.yaml': `${policyHead}allow: [{ flow: gone, uses: log.record, lower_to: low }]\n`,
  })
  assert.deepEqual(
    problems.map(({ code, severity }) => [code, severity]),
    [['policy', 'warning']],
  )
  assert.notEqual(policy, null)
})
