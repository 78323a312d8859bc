import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promptCharactersMax } from '../../runner/flow/compile-prompt.ts'
import type { DecideWork } from '../../runner/model/flow.ts'
import { flowIn, load, head, problemsIn, short, stepIn, emptyScope } from './bring.ts'

const prompt = { 'prompts/p.md': 'Decide.' }
const policy = {
  'policy.yaml':
    'apiVersion: watchbill/v1\nkind: Policy\nname: policy\nlists: { shops: [acme, globex] }\nteams: { support: ["@ana"] }\n',
}

/** A decision with these choices (lines below `choose:`) and more words. */
function deciding(choices: string, more = ''): string {
  const lines = choices.split('\n').map((line) => `        ${line}\n`)
  return `on: { hook: { webhook: {} } }\nsteps:\n  - id: t\n    decide:\n      prompt: prompts/p.md\n      choose:\n${lines.join('')}${more}`
}

const order =
  'order: { means: Buy it, uses: shop.order, with: { to: acme }, ask: { note: { type: string, maxLength: 20 } } }'
const drop = 'drop: { means: Nothing }'
const both = `${order}\n${drop}`

function workOf(body: string, beside = { ...prompt, ...policy }): DecideWork {
  const { work } = stepIn(flowIn(body, beside), 't')
  assert.ok(work.is === 'decide')
  return work
}

test('a decision has its prompt, its choices and its defaults', () => {
  const work = workOf(deciding(both))
  assert.deepEqual(work.prompt, { path: 'prompts/p.md', text: 'Decide.' })
  assert.deepEqual(
    work.choices.map(({ name, means, uses }) => [name, means, uses]),
    [
      ['order', 'Buy it', 'shop.order'],
      ['drop', 'Nothing', null],
    ],
  )
  assert.deepEqual(
    [work.ask, work.rules, work.risk, work.onOutage],
    [{}, [], [], ['rules', 'park', 'people']],
  )
})

test('the prompt is part of the version, so that changing it changes the version', () => {
  const one = flowIn(deciding(both), prompt)
  const other = flowIn(deciding(both), { 'prompts/p.md': 'Decide well.' })
  assert.notEqual(one.version, other.version)
})

test('a step that only writes has no choices', () => {
  const work = workOf(
    'steps:\n  - id: t\n    decide: { prompt: prompts/p.md, ask: { summary: { type: string } } }\n',
  )
  assert.deepEqual([work.choices, work.ask], [[], { summary: { schema: { type: 'string' } } }])
})

test('what is written can be read later', () => {
  const read = (name: string): readonly string[] =>
    problemsIn(
      `steps:\n  - id: t\n    decide: { prompt: prompts/p.md, ask: { summary: { type: string } } }\n  - id: u\n    uses: log.record\n    with: { message: "\${ steps.t.parameters.${name} }" }\n`,
      prompt,
    )
  assert.deepEqual([read('summary'), read('sumary')], [[], ['reference-unknown 6:45']])
})

const wrong: Readonly<Record<string, readonly [body: string, problems: readonly string[]]>> = {
  'a choice called unsure': [deciding('unsure: { means: x }'), ['decide 7:9']],
  'a choice called done': [deciding('done: { means: x }'), ['decide 7:9']],
  'a rule for a choice that does not exist': [
    deciding(both, '      rules: [{ when: flow == "x", choose: dorp }]\n'),
    ['decide 9:44'],
  ],
  'a rule for a choice that Claude has to fill in': [
    deciding(both, '      rules: [{ when: flow == "x", choose: order }]\n'),
    ['decide 9:44'],
  ],
  'an action that does not exist': [
    deciding('x: { means: x, uses: shop.oder, with: { to: acme } }'),
    ['action-unknown 7:30'],
  ],
  'an input missing from with and ask': [
    deciding('x: { means: x, uses: shop.order, ask: { note: { type: string } } }'),
    ['action-input 7:24'],
  ],
  'an ask that the action does not have': [
    deciding('x: { means: x, uses: shop.order, with: { to: acme }, ask: { nota: { type: string } } }'),
    ['action-input 7:69'],
  ],
  'an ask of another type': [
    deciding('x: { means: x, uses: shop.order, with: { to: acme }, ask: { count: { type: string } } }'),
    ['action-input 7:69'],
  ],
  'an ask that is already fixed': [
    deciding('x: { means: x, uses: shop.order, with: { to: acme }, ask: { to: { type: string } } }'),
    ['decide 7:69'],
  ],
  'an ask with a word that is no shape': [
    deciding('x: { means: x, ask: { note: { type: string, pattern: a } } }'),
    ['unknown-key 7:53'],
  ],
  'an ask without a type': [
    deciding('x: { means: x, ask: { note: { maxLength: 5 } } }'),
    ['missing-key 7:39'],
  ],
  'an ask that is a word of the language': [
    deciding('x: { means: x, ask: { in: { type: string } } }'),
    ['schema 7:31'],
  ],
  'a from that is no expression': [
    deciding('x: { means: x, ask: { who: { from: people } } }'),
    ['decide 7:38'],
  ],
  'a from that is no list': [
    deciding('x: { means: x, ask: { who: { from: "${ flow }" } } }'),
    ['expression-type 7:48'],
  ],
  'a from that is not trusted': [
    deciding('x: { means: x, ask: { who: { from: "${ event.webhook.body.names }" } } }'),
    ['decide 7:38'],
  ],
  'an answer that cannot fit': [
    deciding('x: { means: x, ask: { a: { type: string, maxLength: 9000 } } }'),
    ['decide 7:24'],
  ],
  'with without uses': [deciding('x: { means: x, with: { a: 1 } }'), ['missing-key 7:24']],
  'both choose and ask': [deciding(drop, '      ask: { a: { type: string } }\n'), ['schema 4:5']],
}

for (const [name, [body, problems]] of Object.entries(wrong)) {
  test(`a decision cannot be asked: ${name}`, () => {
    assert.deepEqual(problemsIn(body, prompt), problems)
  })
}

test('a prompt that is not in the commit', () => {
  assert.deepEqual(problemsIn(deciding(drop)), ['file-missing 5:15'])
})

test('a prompt with an expression, told where it stands in the prompt', () => {
  const { problems } = load({
    'demo.yaml': head + deciding(drop),
    'prompts/p.md': 'Decide\nabout ${ event }.',
  })
  assert.deepEqual(
    problems.map((problem) => [problem.place.file, short(problem)]),
    [['prompts/p.md', 'decide 2:7']],
  )
})

test('a prompt with hidden characters, and one with nothing in it', () => {
  assert.deepEqual(problemsIn(deciding(drop), { 'prompts/p.md': 'x\u200b' }), ['hidden-characters -2:2'])
  assert.deepEqual(problemsIn(deciding(drop), { 'prompts/p.md': ' \n' }), ['decide 5:15'])
})

test('a prompt longer than the limit', () => {
  const of = (length: number): readonly string[] =>
    problemsIn(deciding(drop), { 'prompts/p.md': 'x'.repeat(length) })
  assert.deepEqual([of(promptCharactersMax), of(promptCharactersMax + 1)], [[], ['decide 5:15']])
})

test('an element picked from the policy is trusted, what Claude writes is not', () => {
  const to =
    'x: { means: x, uses: shop.order, ask: { to: { from: "${ policy.lists.shops }" }, note: { type: string, maxLength: 9 } } }'
  assert.deepEqual(problemsIn(deciding(to), { ...prompt, ...policy }), [])
  const written = 'x: { means: x, uses: shop.order, ask: { to: { type: string, maxLength: 9 } } }'
  assert.deepEqual(problemsIn(deciding(written), { ...prompt, ...policy }), ['trust 7:49'])
})

test('a list of the policy that does not exist', () => {
  const body = deciding('x: { means: x, ask: { who: { from: "${ policy.lists.shop }" } } }')
  assert.deepEqual(problemsIn(body, { ...prompt, ...policy }), ['reference-unknown 7:61'])
})

function after(when: string, message: string): readonly string[] {
  const more = `  - id: u\n    when: ${when}\n    uses: log.record\n    with: { message: ${JSON.stringify(message)} }\n`
  return problemsIn(deciding(both, more), prompt)
}

test('the output of a choice is there once the choice is known', () => {
  assert.deepEqual(
    after('steps.t.choice == "order"', '${ steps.t.output.number } ${ steps.t.parameters.note }'),
    [],
  )
  assert.deepEqual(after('steps.t.choice != "drop"', '${ steps.t.output.number }'), [
    'reference-unguarded 12:34',
  ])
})

test('a choice that nobody can make is never compared with', () => {
  assert.deepEqual(after('steps.t.choice == "ordr"', 'x'), ['expression-type 10:29'])
  assert.deepEqual(after('steps.t.choice == "done"', 'x'), [])
})

test('rules about the answer see choice and parameters', () => {
  const risk = (when: string): readonly string[] =>
    problemsIn(deciding(both, `      risk: [{ when: '${when}', at_least: high }]\n`), prompt)
  assert.deepEqual(risk('choice == "order" && parameters.note != ""'), [])
  assert.deepEqual(risk('parameters.note != ""'), ['reference-unguarded 9:34'])
  assert.deepEqual(risk('choice == "oder"'), ['expression-type 9:33'])
})

test('rules are compiled in their order, with when they hold', () => {
  const work = workOf(
    deciding(
      both,
      '      rules:\n        - { when: flow == "demo", choose: drop, only: outage }\n        - { when: "false", choose: drop }\n',
    ),
  )
  assert.deepEqual(
    work.rules.map(({ choose, only }) => [choose, only]),
    [
      ['drop', 'outage'],
      ['drop', 'always'],
    ],
  )
  assert.deepEqual(
    work.rules.map(({ when }) => when.evaluate(emptyScope)),
    [true, false],
  )
})
