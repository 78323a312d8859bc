// What an `allow` lowers, and everything it does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assess, type AssessInput, type Assessment } from '../../runner/approval/risk.ts'
import type { Json } from '../../runner/model/json.ts'
import type { Policy } from '../../runner/model/policy.ts'
import type { Risk } from '../../runner/model/risk.ts'
import { actionOf, allowRule, expressionOf, inputOf, policyOf, riskRule } from './policy-of.ts'

const untrusted = { trust: 'untrusted', from: 'event.body' } as const
const trusted = { trust: 'trusted', from: 'the flow' } as const

function assessed(given: Partial<AssessInput> & { readonly floor?: Risk } = {}): Assessment {
  const { floor = 'high', ...rest } = given
  const policy = rest.policyAtHead ?? policyOf()
  return assess({
    flow: 'shop',
    action: actionOf({ floor: () => floor }),
    input: { title: 'hello' },
    sources: { title: trusted },
    stepRisk: [],
    modelRisk: null,
    fallback: false,
    policyAtStart: policy,
    policyAtHead: policy,
    ...rest,
  })
}

const allowing = (...allow: Policy['allow']): Policy => policyOf({ allow })

test('an allow of both policies lowers the floor, and is named', () => {
  const { risk, allowedBy } = assessed({ policyAtHead: allowing(allowRule({ lowerTo: 'medium' })) })
  assert.deepEqual([risk, allowedBy], ['medium', 'allow[0]'])
})

test('an allow lowers what the trust rule raised', () => {
  const exposed = { input: { to: 'x' }, sources: { to: untrusted }, floor: 'low' } as const
  assert.equal(assessed(exposed).risk, 'high')
  assert.equal(assessed({ ...exposed, policyAtHead: allowing(allowRule()) }).risk, 'low')
})

test('an allow of one policy alone lowers nothing', () => {
  const [plain, open] = [policyOf({ version: 'p0' }), allowing(allowRule())]
  assert.equal(assessed({ policyAtStart: plain, policyAtHead: open }).risk, 'high')
  assert.equal(assessed({ policyAtStart: open, policyAtHead: plain }).risk, 'high')
})

test('of two policies the one that lowers less holds', () => {
  const [low, medium] = [allowing(allowRule()), allowing(allowRule({ lowerTo: 'medium' }))]
  assert.equal(assessed({ policyAtStart: low, policyAtHead: medium }).risk, 'medium')
  assert.equal(assessed({ policyAtStart: medium, policyAtHead: low }).risk, 'medium')
})

test('an allow never raises', () => {
  const { risk, allowedBy } = assessed({
    floor: 'low',
    policyAtHead: allowing(allowRule({ lowerTo: 'medium' })),
  })
  assert.deepEqual([risk, allowedBy], ['low', null])
})

test('an allow lowers nothing that rules, the model or a fallback raised', () => {
  const open = allowing(allowRule())
  const raises: Partial<AssessInput>[] = [
    { stepRisk: [{ atLeast: 'high', id: 'step[0]' }] },
    { modelRisk: 'high' },
    { policyAtHead: policyOf({ allow: open.allow, risk: [riskRule()] }) },
  ]
  for (const raise of raises) assert.equal(assessed({ policyAtHead: open, ...raise }).risk, 'high')
  assert.equal(assessed({ policyAtHead: open, fallback: true }).risk, 'medium')
})

test('another flow or another action is not allowed', () => {
  for (const other of [allowRule({ flow: 'shop-2' }), allowRule({ uses: 'test.other' })])
    assert.equal(assessed({ policyAtHead: allowing(other) }).risk, 'high')
})

test('a lowering condition must be clearly true', () => {
  const conditions = [
    expressionOf('no', () => false),
    expressionOf('text', () => 'true'),
    expressionOf('broken', () => {
      throw new Error('no such field')
    }),
  ]
  for (const when of conditions)
    assert.equal(assessed({ policyAtHead: allowing(allowRule({ when })) }).risk, 'high')
  const yes = expressionOf('yes', (scope) => inputOf(scope)['title'] === 'hello')
  assert.equal(assessed({ policyAtHead: allowing(allowRule({ when: yes })) }).risk, 'low')
})

function commandAssessed(input: Readonly<Record<string, Json>>, given: Partial<AssessInput> = {}): Risk {
  const sources = Object.fromEntries(Object.keys(input).map((name) => [name, trusted]))
  const policyAtHead = allowing(allowRule({ commands: [['df', '-P'], ['uptime']] }))
  return assessed({ input, sources, policyAtHead, ...given }).risk
}

test('a listed command is allowed, in exactly that form', () => {
  assert.equal(commandAssessed({ command: ['df', '-P'] }), 'low')
  assert.equal(commandAssessed({ command: ['uptime'], env: {}, level: 'info' }), 'low')
  for (const command of [
    ['df'],
    ['df', '-P', '/'],
    ['-P', 'df'],
    ['df -P'],
    ['/bin/df', '-P'],
    [],
    'uptime',
    ['df', '-p'],
  ])
    assert.equal(commandAssessed({ command }), 'high', JSON.stringify(command))
})

test('a listed command with an environment of its own is another command', () => {
  assert.equal(commandAssessed({ command: ['uptime'], env: { LD_PRELOAD: 'x.so' } }), 'high')
})

test('a listed command does not vouch for where it runs', () => {
  const input = { command: ['uptime'], cwd: 'sub' }
  assert.equal(commandAssessed(input), 'low')
  assert.equal(commandAssessed(input, { sources: { command: trusted, cwd: untrusted } }), 'high')
})

test('untrusted data that gives exactly a listed command is covered by the list', () => {
  assert.equal(commandAssessed({ command: ['uptime'] }, { sources: { command: untrusted } }), 'low')
})

test('commands and condition must both hold', () => {
  const when = expressionOf('no', () => false)
  const policyAtHead = allowing(allowRule({ commands: [['uptime']], when }))
  assert.equal(commandAssessed({ command: ['uptime'] }, { policyAtHead }), 'high')
})

test('no allow covers the flows or what runs on GitHub', () => {
  for (const cwd of [
    'flows/policy.yaml',
    '.github/workflows/x.yml',
    'a/../flows/x',
    'a\\FLOWS\\x',
    'sub/.GitHub',
  ])
    assert.equal(
      assessed({ input: { cwd }, sources: { cwd: trusted }, policyAtHead: allowing(allowRule()) }).risk,
      'high',
    )
  const fine = { input: { cwd: 'reports/flows.txt' }, sources: { cwd: trusted } }
  assert.equal(assessed({ ...fine, policyAtHead: allowing(allowRule()) }).risk, 'low')
})
