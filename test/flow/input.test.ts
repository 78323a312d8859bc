import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actions as realActions } from '../../actions/index.ts'
import { loadRevision } from '../../runner/flow/load.ts'
import { commit } from '../../runner/model/id.ts'
import { head, load, problemsIn, short } from './bring.ts'

/** A step that orders with these words, in a flow whose webhook brings untyped data, after another order. */
function ordering(words: string, more = ''): string {
  return `on: { hook: { webhook: {} } }\nsteps:\n  - id: a\n    uses: shop.order\n    with: { to: acme }\n  - id: b\n    uses: shop.order\n    with: { to: acme, ${words} }\n${more}`
}

/** Problems except the warnings about trust. */
function misfits(words: string): readonly string[] {
  return problemsIn(ordering(words)).filter((problem) => !problem.startsWith('trust'))
}

const wrong: Readonly<Record<string, readonly [words: string, problem: string]>> = {
  'an input that the action does not have': ['coutn: 3', 'action-input 8:23'],
  'a text for a whole number': ['count: three', 'action-input 8:30'],
  'a number beyond its bound': ['count: 10', 'action-input 8:30'],
  'a text that is too long': [`note: ${'x'.repeat(21)}`, 'action-input 8:29'],
  'a word that is not one of the few': ['speed: medium', 'action-input 8:30'],
  'a number for a text': ['note: 5', 'action-input 8:29'],
  'a text for a list': ['tags: x', 'action-input 8:29'],
  'a wrong element of a list': ['tags: [x, 5]', 'action-input 8:33'],
  'a wrong key deep inside': ['lines: [{ sku: x }, { skuu: y }]', 'action-input 8:45'],
  'a missing key deep inside': ['lines: [{ sku: x }, {}]', 'action-input 8:43'],
  'an expression of another type': ['count: "${ steps.a.output.id }"', 'action-input 8:30'],
  'a number where a whole one is due': ['count: "${ steps.a.output.total }"', 'action-input 8:30'],
  'a list for a text': ['note: "${ steps.a.output.lines }"', 'action-input 8:29'],
  'an absent value for a text': ['note: "${ steps.a.output.?note }"', 'action-input 8:29'],
  'a list of another type': ['tags: "${ steps.a.output.lines }"', 'action-input 8:29'],
  'a wrong expression deep inside': ['lines: [{ sku: "${ steps.a.output.number }" }]', 'action-input 8:38'],
  'a text around an expression where a number is due': [
    'count: "n${ steps.a.output.number }"',
    'action-input 8:30',
  ],
  'words that can come but are not taken': ['speed: "${ steps.a.output.state }"', 'action-input 8:30'],
  'a list inside a text': ['note: "x ${ steps.a.output.lines }"', 'expression-type 8:35'],
  'an expression that is not closed': ['note: "${ steps.a"', 'expression-syntax 8:29'],
}

for (const [name, [words, problem]] of Object.entries(wrong)) {
  test(`an input does not fit: ${name}`, () => {
    assert.deepEqual(misfits(words), [problem])
  })
}

const fine: Readonly<Record<string, string>> = {
  'every kind of literal':
    'note: x, count: 9, price: 1.5, urgent: true, speed: fast, tags: [x], lines: [{ sku: y }]',
  'a whole number where a number is due': 'price: "${ steps.a.output.number }"',
  'a rounded number': 'count: "${ round(steps.a.output.total) }"',
  'a time for a text': 'note: "${ steps.a.output.placed_at }"',
  'data whose type is not known': 'note: "${ event.webhook.body.note }", count: "${ steps.a.output.raw.n }"',
  'a list made by an expression': 'tags: "${ steps.a.output.lines.map(line, line.sku) }"',
  'a dollar with braces that is none': 'note: "$${ x }"',
}

for (const [name, words] of Object.entries(fine)) {
  test(`an input fits: ${name}`, () => {
    assert.deepEqual(misfits(words), [])
  })
}

test('an input that is missing is told at the action', () => {
  assert.deepEqual(problemsIn('steps:\n  - id: a\n    uses: shop.order\n    with: { note: x }\n'), [
    'action-input 3:5',
  ])
})

test('an action that does not exist is told with the one that was meant', () => {
  const { problems } = load({ 'demo.yaml': `${head}steps:\n  - id: a\n    uses: shop.oder\n    with: {}\n` })
  assert.deepEqual(
    problems.map((problem) => [short(problem), problem.hint]),
    [['action-unknown 6:11', 'did you mean shop.order?']],
  )
})

test('a connection or secret that the policy does not have', () => {
  const policy = {
    'policy.yaml':
      'apiVersion: watchbill/v1\nkind: Policy\nname: policy\nsecrets: { SHOP_TOKEN: { hosts: [a.example.com] } }\nconnections: { shop: { kind: http, base: "https://a.example.com" } }\n',
  }
  assert.deepEqual(problemsIn(ordering('connection: shop, bearer: SHOP_TOKEN'), policy), [])
  assert.deepEqual(problemsIn(ordering('connection: shopp, bearer: SHOP_TOKN'), policy), [
    'policy 8:35',
    'policy 8:50',
  ])
  assert.deepEqual(problemsIn(ordering('connection: shopp')), [])
})

const trusted = [
  'flow',
  'inputs.to',
  'policy.teams.x[0]',
  'steps.a.output.id',
  'steps.a.status',
  'run.id',
  'event.kind',
  'text(event.fired_at)',
  'file("knowledge/to.md")',
]
const untrusted = [
  'event.webhook.body.to',
  'event.webhook.id',
  'event.webhook.headers["x"]',
  'steps.a.output.state',
  'steps.a.output.raw',
  'text(steps)',
  'text(event)',
  '"a" + event.webhook.id',
]

function sending(expression: string): readonly string[] {
  const body = `inputs: { to: { type: string, default: x } }\n${ordering('note: x', `  - id: c\n    uses: shop.order\n    with: { to: ${JSON.stringify(`\${ ${expression} }`)} }\n`)}`
  return problemsIn(body, { 'knowledge/to.md': 'acme' })
}

for (const expression of trusted)
  test(`${expression} may decide where an action goes`, () => {
    assert.deepEqual(sending(expression), [])
  })

for (const expression of untrusted)
  test(`${expression} may not decide where an action goes, and it is told`, () => {
    assert.deepEqual(sending(expression), ['trust 12:17'])
  })

test('untrusted data in a text or a quantity is fine', () => {
  assert.deepEqual(
    problemsIn(ordering('note: "${ event.webhook.body.note }", count: "${ event.webhook.body.n }"')),
    [],
  )
})

test('a rule of the policy for this flow and action takes the warning away', () => {
  const allow = (flow: string): Record<string, string> => ({
    'policy.yaml': `apiVersion: watchbill/v1\nkind: Policy\nname: policy\nallow: [{ flow: ${flow}, uses: shop.order, lower_to: medium }]\n`,
  })
  const body =
    'on: { hook: { webhook: {} } }\nsteps:\n  - id: a\n    uses: shop.order\n    with: { to: "${ event.webhook.body.to }" }\n'
  assert.deepEqual(problemsIn(body, allow('demo')), [])
  assert.deepEqual(
    problemsIn(body, allow('other')).filter((problem) => problem.startsWith('trust')),
    ['trust 5:17'],
  )
})

const scripts: Readonly<Record<string, readonly [command: string, column: number | null]>> = {
  'sh -c': ['["sh", "-c", "echo ${ flow }"]', 35],
  'bash with several options': ['["/bin/bash", "-e", "-lc", "echo ${ flow }"]', 49],
  python: ['["python3", "-c", "${ flow }"]', 40],
  node: ['["env", "node", "-e", "${ flow }"]', 44],
  sed: ['["sed", "-n", "s/x/${ flow }/p", "file"]', 36],
  'a shell behind sudo': ['["sudo", "sh", "-c", "${ flow }"]', 43],
  'an argument after a fixed script': ['["sh", "-c", "echo \\"$1\\"", "sh", "${ flow }"]', null],
  'a program that runs no text': ['["grep", "-c", "${ flow }"]', null],
  'a fixed script': ['["sh", "-c", "uptime"]', null],
}

for (const [name, [command, column]] of Object.entries(scripts))
  test(`an expression inside a command: ${name}`, () => {
    const problems = problemsIn(`steps:\n  - id: a\n    uses: shell.run\n    with: { command: ${command} }\n`)
    assert.deepEqual(problems, column === null ? [] : [`script-template 4:${column}`])
  })

test('the real actions can be used', () => {
  const text = `${head}on: { hook: { webhook: {} } }
steps:
  - id: ask
    uses: http.request
    with: { url: "https://api.example.com/x", body: { n: "\${ event.webhook.body.n }" } }
  - id: run
    uses: shell.run
    with: { command: [df, "-P"], env: { NAME: "\${ flow }" } }
  - id: read
    uses: file.read
    with: { path: README.md }
  - id: tell
    uses: github.issue.create
    with: { repository: acme/ops, title: "\${ steps.ask.output.status }: \${ steps.read.output.bytes }", body: "\${ steps.run.output.stdout }" }
  - id: more
    uses: github.issue.comment
    with: { repository: acme/ops, issue: 3, body: "\${ steps.tell.output.url }" }
  - id: note
    uses: log.record
    with: { message: done, fields: { id: "\${ steps.tell.output.id }" } }
`
  const files = new Map([['demo.yaml', new TextEncoder().encode(text)]])
  const { problems, flows } = loadRevision({ commit: commit('a'.repeat(40)), files }, realActions)
  assert.deepEqual([problems, flows.length], [[], 1])
})
