// What raises, and that nothing but an `allow` of both policies lowers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assess, type AssessInput, type Assessment } from '../../runner/approval/risk.ts'
import { type Risk, risks } from '../../runner/model/risk.ts'
import { actionOf, expressionOf, inputOf, policyOf, riskRule } from './policy-of.ts'

const untrusted = { trust: 'untrusted', from: 'event.body' } as const
const trusted = { trust: 'trusted', from: 'the flow' } as const

function assessed(given: Partial<AssessInput> & { readonly floor?: Risk } = {}): Assessment {
  const { floor = 'low', ...rest } = given
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

const level = (risk: Risk): number => risks.indexOf(risk)

test('every combination of floor, step, policy and model gives the highest of them', () => {
  for (const floor of risks)
    for (const step of risks)
      for (const rule of risks)
        for (const model of risks) {
          const { risk } = assessed({
            floor,
            stepRisk: [{ atLeast: step, id: 'step[0]' }],
            modelRisk: model,
            policyAtHead: policyOf({ risk: [riskRule({ atLeast: rule })] }),
          })
          assert.equal(level(risk), Math.max(...[floor, step, rule, model].map(level)))
        }
})

test('a fallback raises by one level, and high stays high', () => {
  const raised = risks.map((floor) => assessed({ floor, fallback: true }))
  assert.deepEqual(
    raised.map(({ risk, rule }) => [risk, rule]),
    [
      ['medium', 'fallback'],
      ['high', 'fallback'],
      ['high', 'floor'],
    ],
  )
})

test('a rule of the policy at the start holds although the head has dropped it', () => {
  const strict = policyOf({ version: 'p0', risk: [riskRule()] })
  assert.equal(assessed({ policyAtStart: strict, policyAtHead: policyOf() }).risk, 'high')
})

test('a rule of the head holds although the start did not have it', () => {
  const strict = policyOf({ version: 'p2', risk: [riskRule()] })
  assert.equal(assessed({ policyAtStart: policyOf(), policyAtHead: strict }).risk, 'high')
})

test('a rule of another action does not raise', () => {
  const policyAtHead = policyOf({ risk: [riskRule({ uses: 'test.other' })] })
  assert.equal(assessed({ policyAtHead }).risk, 'low')
})

test('a condition sees uses, input, flow and the lists of its policy', () => {
  const when = expressionOf('…', (scope) => {
    const { teams, lists } = scope.policy as { teams: { core: string[] }; lists: { n: number[] } }
    return (
      scope['uses'] === 'test.act' && scope.flow === 'shop' && teams.core[0] === '@ana' && lists.n[0] === 7
    )
  })
  const policyAtHead = policyOf({ teams: { core: ['@ana'] }, lists: { n: [7] }, risk: [riskRule({ when })] })
  assert.equal(assessed({ policyAtHead }).risk, 'high')
})

test('a raising condition that is false does not raise', () => {
  const when = expressionOf('no', () => false)
  assert.equal(assessed({ policyAtHead: policyOf({ risk: [riskRule({ when })] }) }).risk, 'low')
})

test('a raising condition that cannot be evaluated raises', () => {
  const broken = expressionOf('broken', () => {
    throw new Error('no such field')
  })
  for (const when of [broken, expressionOf('text', () => 'yes'), expressionOf('null', () => null)])
    assert.equal(assessed({ policyAtHead: policyOf({ risk: [riskRule({ when })] }) }).risk, 'high')
})

test('untrusted data raises in every sink but text and quantity', () => {
  const raisedBy = Object.keys(actionOf().sinks).filter(
    (name) => assessed({ input: { [name]: 'x' }, sources: { [name]: untrusted } }).risk === 'high',
  )
  assert.deepEqual(raisedBy, ['to', 'number', 'url', 'cwd', 'command', 'env', 'level'])
})

test('trusted data raises in no sink', () => {
  for (const name of Object.keys(actionOf().sinks))
    assert.equal(assessed({ input: { [name]: 'x' }, sources: { [name]: trusted } }).risk, 'low')
})

test('an input without a declared sink is not harmless', () => {
  const { risk, rule } = assessed({ input: { odd: 'x' }, sources: { odd: untrusted } })
  assert.deepEqual([risk, rule], ['high', 'trust'])
})

test('an input that nobody vouches for counts as untrusted, the default of the action does not', () => {
  assert.equal(assessed({ input: { level: 'info' }, sources: {} }).risk, 'low')
  assert.equal(assessed({ input: { level: 'debug' }, sources: {} }).risk, 'high')
  assert.equal(assessed({ input: { to: 'x' }, sources: {} }).risk, 'high')
})

test('names that every object has are no sources and no sinks', () => {
  const input = { constructor: 'x', toString: 'y' }
  assert.equal(assessed({ input, sources: {} }).risk, 'high')
})

test('the reasons name the deciding rule first, and what is below it after', () => {
  const { why, rule } = assessed({ floor: 'medium', modelRisk: 'high' })
  assert.equal(rule, 'model')
  assert.match(why[0] ?? '', /Claude/)
  assert.match(why[1] ?? '', /medium by itself/)
})

test('a matching rule says who must answer, and never asks for fewer people than the policy', () => {
  const rule = riskRule({ need: 2, approvers: ['@team:acme/ops'] })
  const { need, approvers } = assessed({ policyAtHead: policyOf({ risk: [rule] }) })
  assert.deepEqual([need, approvers], [2, ['@team:acme/ops']])
  const few = policyOf({ approvals: { need: 3 }, risk: [rule] })
  assert.equal(assessed({ policyAtHead: few }).need, 3)
})

test('of several rules the highest one names the people', () => {
  const rules = [
    riskRule({ atLeast: 'medium', approvers: ['@eve'] }),
    riskRule({ id: 'risk[1]', atLeast: 'high', approvers: ['@ana'] }),
  ]
  assert.deepEqual(assessed({ policyAtHead: policyOf({ risk: rules }) }).approvers, ['@ana'])
})

test('a rule whose condition is false asks for nobody', () => {
  const when = expressionOf('amount', (scope) => Number(inputOf(scope)['count'] ?? 0) > 5)
  const policyAtHead = policyOf({ risk: [riskRule({ when, need: 4 })] })
  assert.equal(assessed({ policyAtHead }).need, 1)
})
