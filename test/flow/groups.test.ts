import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepAt } from '../../runner/model/flow.ts'
import { flowIn, load, head, problemsIn } from './bring.ts'

const order = 'uses: shop.order\n        with: { to: acme }\n'
const group = `steps:
  - id: g
    steps:
      - id: a
        ${order}      - id: b
        ${order}`

/** A step after the group that reads an expression. */
const reads = (expression: string): string =>
  `  - id: z\n    uses: log.record\n    with: { message: x, fields: { value: ${JSON.stringify(`\${ ${expression} }`)} } }\n`

test('the steps of a group have paths and needs of their own', () => {
  const flow = flowIn(
    `${group}on_failure:\n  steps:\n    - id: f\n      steps: [{ id: c, uses: log.record, with: { message: x } }]\n`,
  )
  const inner = stepAt(flow, 'g.b')
  assert.deepEqual([inner?.id, inner?.needs], ['b', ['a']])
  assert.equal(stepAt(flow, 'on_failure.f.c')?.id, 'c')
})

test('every word of a step works on a group', () => {
  const flow = flowIn(`steps:
  - id: g
    when: flow == "demo"
    needs: []
    each: [1, 2]
    as: one
    max_parallel: 2
    repeat: { until: steps.g.steps.a.status == "succeeded", every: 1m, within: 2h }
    retry: { times: 2 }
    timeout: 5m
    on_error: continue
    steps: [{ id: a, uses: log.record, with: { message: "\${ one }" } }]
`)
  const step = stepAt(flow, 'g')
  assert.deepEqual(
    [step?.each?.as, step?.each?.maxParallel, step?.repeat?.everyMs, step?.retry?.times],
    ['one', 2, 60_000, 2],
  )
  assert.deepEqual(
    [step?.timeoutMs, step?.onError, step?.needs, step?.when?.source],
    [300_000, 'continue', [], 'flow == "demo"'],
  )
})

const fine: Readonly<Record<string, string>> = {
  'a sibling by its id': `${group}        when: steps.a.output.number > 1\n`,
  'what stands before the group': `steps:\n  - id: first\n    uses: shop.order\n    with: { to: acme }\n${group.slice(7)}        when: steps.first.output.number > 1\n`,
  'a step of the group from outside': group + reads('steps.g.steps.a.output.number'),
  'a group in a group': `steps:\n  - id: o\n    steps:\n      - id: g\n        steps:\n          - id: a\n            uses: shop.order\n            with: { to: acme }\n${reads('steps.o.steps.g.steps.a.output.number')}`,
  'an element and its steps': `steps:\n  - id: g\n    each: [1]\n    steps:\n      - id: a\n        ${order}${reads('steps.g.items[0].steps.a.output.number + steps.g.items[0].item')}`,
  'a group that may fail, when it has not': `steps:\n  - id: g\n    on_error: continue\n    steps:\n      - id: a\n        ${order}${reads('steps.g.status == "succeeded" ? steps.g.steps.a.output.number : 0')}`,
  'what `when` of the group has asked':
    'steps:\n  - id: a\n    when: flow == "x"\n    uses: shop.order\n    with: { to: acme }\n  - id: g\n    when: has(steps.a)\n    steps: [{ id: b, uses: log.record, with: { message: "n: ${ steps.a.output.number }" } }]\n',
  'a step of a group that has `when`, asked for': `steps:\n  - id: g\n    steps:\n      - id: a\n        when: flow == "x"\n        ${order}${reads('has(steps.g.steps.a) ? steps.g.steps.a.output.number : 0')}`,
  'a grant of a step of the group': `steps:\n  - id: g\n    steps:\n      - id: a\n        on_error: continue\n        ${order}${reads('steps.g.steps.a.status == "succeeded" ? steps.g.steps.a.output.number : 0')}`,
}
for (const [name, body] of Object.entries(fine)) {
  test(`an expression reads ${name}`, () => assert.deepEqual(problemsIn(body), []))
}

const wrong: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'a step inside by its bare id': [group + reads('steps.a.output'), ['reference-unknown 12:52']],
  'the group from inside': [`${group}        when: has(steps.g.steps.a)\n`, ['reference-unknown 10:25']],
  'a sibling that stands below': [
    `steps:\n  - id: g\n    steps:\n      - id: a\n        when: has(steps.b)\n        ${order}      - id: b\n        ${order}`,
    ['reference-unknown 5:25'],
  ],
  'steps of a group that may have failed': [
    `steps:\n  - id: g\n    on_error: continue\n    steps:\n      - id: a\n        ${order}${reads('steps.g.steps.a.output.number')}`,
    ['reference-unguarded 10:60'],
  ],
  'output of a step that may have failed with its group': [
    `steps:\n  - id: g\n    on_error: continue\n    steps:\n      - id: a\n        ${order}${reads('has(steps.g.steps.a) ? steps.g.steps.a.output.number : 0')}`,
    ['reference-unguarded 10:85'],
  ],
  'the steps of a group with each': [
    `steps:\n  - id: g\n    each: [1]\n    steps:\n      - id: a\n        ${order}${reads('steps.g.steps.a')}`,
    ['reference-unknown 10:54'],
  ],
  'the element outside of its group': [
    `steps:\n  - id: g\n    each: [1]\n    steps:\n      - id: a\n        ${order}${reads('item')}`,
    ['reference-unknown 10:46'],
  ],
}
for (const [name, [body, problems]] of Object.entries(wrong)) {
  test(`an expression cannot read ${name}`, () => assert.deepEqual(problemsIn(body), problems))
}

test('who reads a step inside a group from outside is told how', () => {
  const { problems } = load({ 'demo.yaml': head + group + reads('steps.a.output') })
  assert.deepEqual(
    problems.map(({ hint }) => hint),
    ['it stands in the group g: read steps.g.steps.a'],
  )
})

const refused: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'an id that stands inside another group': [
    `${group}  - id: h\n    steps: [{ id: a, uses: log.record, with: { message: x } }]\n`,
    ['schema 11:19'],
  ],
  'needs of a step outside of the group': [`${group}        needs: [g]\n`, ['reference-unknown 10:17']],
  'an each inside an each': [
    'steps:\n  - id: g\n    each: [1]\n    as: x\n    steps:\n      - id: h\n        steps:\n          - { id: a, each: [1], uses: log.record, with: { message: x } }\n',
    ['each-nested 8:22'],
  ],
  'a name of an element that is taken': [
    'steps:\n  - id: g\n    each: [1]\n    steps: [{ id: a, each: [2], uses: log.record, with: { message: x } }]\n',
    ['each-nested 4:22', 'schema 4:28'],
  ],
  'a group without steps': ['steps:\n  - id: g\n    steps: []\n', ['schema 3:5']],
  'a group that also does something': [
    'steps:\n  - id: g\n    uses: log.record\n    with: { message: x }\n    steps: [{ id: a, end: failed }]\n',
    ['schema 2:5'],
  ],
  'input beside a group': [
    'steps:\n  - id: g\n    with: { message: x }\n    steps: [{ id: a, uses: log.record, with: { message: x } }]\n',
    ['schema 3:5'],
  ],
  'a group with the name of the steps after a failure': [
    'steps:\n  - id: on_failure\n    steps: [{ id: a, uses: log.record, with: { message: x } }]\n',
    ['schema 2:9'],
  ],
  'an unknown word inside': [
    'steps:\n  - id: g\n    steps: [{ id: a, use: log.record }]\n',
    ['unknown-key 3:22'],
  ],
}
for (const [name, [body, problems]] of Object.entries(refused)) {
  test(`a group is refused: ${name}`, () => assert.deepEqual(problemsIn(body), problems))
}

test('groups stand at most 8 deep, and a flow has at most 500 steps', () => {
  const deep = (levels: number): string =>
    levels === 0
      ? '{ id: a, uses: log.record, with: { message: x } }'
      : `{ id: g${levels}, steps: [${deep(levels - 1)}] }`
  assert.deepEqual(problemsIn(`steps: [${deep(8)}]\n`), [])
  assert.deepEqual(
    problemsIn(`steps: [${deep(9)}]\n`).map((one) => one.split(' ')[0]),
    ['schema'],
  )
  const many = (count: number): string =>
    [...Array(count).keys()]
      .map((n) => `{ id: s${n}, needs: [], uses: log.record, with: { message: x } }`)
      .join(',')
  const flow = (count: number): string => {
    const [first, second, third] = [many(200), many(400), many(count)].map((list, index) =>
      list
        .split('},{')
        .slice(index === 0 ? 0 : index === 1 ? 200 : 400)
        .join('},{')
        .replace(/^(?!\{)/, '{'),
    )
    return `steps: [{ id: g1, steps: [${first}] }, { id: g2, steps: [${second}] }, { id: g3, steps: [${third}] }]\n`
  }
  assert.deepEqual(problemsIn(flow(497)), [])
  assert.deepEqual(
    problemsIn(flow(498)).map((one) => one.split(' ')[0]),
    ['schema'],
  )
})

test('an action inside a group is checked like any other: its name, its input, its trust, its place in the policy', () => {
  const inside = (step: string): string =>
    `on: { push: { git: {} } }\nsteps:\n  - id: g\n    steps:\n      - ${step}\n`
  const policy = { 'policy.yaml': 'apiVersion: watchbill/v1\nkind: Policy\nname: policy\n' }
  assert.deepEqual(problemsIn(inside('{ id: a, uses: shop.oder }')), ['action-unknown 5:24'])
  assert.deepEqual(problemsIn(inside('{ id: a, uses: shop.order, with: { too: x, to: y } }')), [
    'action-input 5:44',
  ])
  assert.deepEqual(problemsIn(inside('{ id: a, uses: shop.order, with: { to: "${ event.git.author }" } }')), [
    'trust 5:48',
  ])
  assert.deepEqual(
    problemsIn(inside('{ id: a, uses: shop.order, with: { to: y, connection: none } }'), policy),
    ['policy 5:63'],
  )
  assert.deepEqual(
    problemsIn(inside('{ id: a, uses: shell.run, with: { command: [sh, -c, "${ flow }"] } }')),
    ['script-template 5:61'],
  )
})

test('a list of steps says how its elements ended, in numbers', () => {
  const list = 'steps:\n  - id: l\n    each: [1]\n    uses: log.record\n    with: { message: x }\n'
  const sum =
    'steps.l.count + steps.l.succeeded + steps.l.failed + steps.l.denied + steps.l.skipped + steps.l.timed_out'
  assert.deepEqual(problemsIn(list + reads(`${sum} > 1`)), [])
  assert.deepEqual(problemsIn(list + reads('steps.l.items.size() + steps.l.count')), [])
  assert.deepEqual(problemsIn(list + reads('steps.l.failed == "x"')), ['expression-type 8:46'])
})
