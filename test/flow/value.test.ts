import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationMs } from '../../runner/flow/duration.ts'
import { offsetInFile } from '../../runner/flow/offset.ts'
import { parse } from '../../runner/flow/parse.ts'
import { closest } from '../../runner/flow/suggest.ts'
import { takeApart } from '../../runner/flow/template.ts'
import { renderValue, sourcesOf, textCharactersMax, trustOfValue } from '../../runner/flow/value.ts'
import { Failure } from '../../runner/model/error.ts'
import type { Value } from '../../runner/model/flow.ts'
import type { Json } from '../../runner/model/json.ts'
import { emptyScope, flowIn, problemsIn, stepIn } from './bring.ts'

/** The value of `fields` of a step, as YAML. */
function valueOf(yaml: string): Value {
  const flow = flowIn(
    `on: { hook: { webhook: {} } }\nsteps:\n  - id: a\n    uses: log.record\n    with:\n      message: x\n      fields:\n${yaml
      .split('\n')
      .map((line) => `        ${line}`)
      .join('\n')}\n`,
  )
  const { work } = stepIn(flow, 'a')
  const value = work.is === 'uses' ? work.with['fields'] : undefined
  if (value === undefined) throw new Error('no fields')
  return value
}

const event = {
  kind: 'webhook',
  webhook: { body: { n: 3, s: 'text', nothing: null, list: [1, 2], flag: true }, headers: {}, id: 'i' },
}

function render(yaml: string): Json {
  return renderValue(valueOf(yaml), { ...emptyScope, event })
}

const rendered: Readonly<Record<string, readonly [yaml: string, value: Json]>> = {
  'a literal as it stands': ['v: [1, x, { y: true }, null]', { v: [1, 'x', { y: true }, null] }],
  'a lone expression keeps its type': ['v: ${ event.webhook.body.list }', { v: [1, 2] }],
  'blanks around a lone expression do not count': ['v: |\n  ${ event.webhook.body.n + 1 }\n', { v: 4 }],
  'inside a text it becomes text': [
    'v: "n=${ event.webhook.body.n }, ${ event.webhook.body.flag }"',
    { v: 'n=3, true' },
  ],
  'null inside a text is nothing': ['v: "[${ event.webhook.body.nothing }]"', { v: '[]' }],
  'two dollars are a literal': ['v: "$${ x } and ${ flow }"', { v: '${ x } and demo' }],
  'a lone literal too': ['v: "$${ x }"', { v: '${ x }' }],
  'maps and lists are rendered inside': [
    'v: { a: ["${ flow }", 1], b: "${ event.webhook.body.s }" }',
    { v: { a: ['demo', 1], b: 'text' } },
  ],
  'braces and quotes inside an expression': [`v: '\${ {"a": "}"}.a + "{" }'`, { v: '}{' }],
  'the result of an expression is not evaluated again': ['v: ${ "$" + "{ flow }" }', { v: '${ flow }' }],
}

for (const [name, [yaml, value]] of Object.entries(rendered)) {
  test(`render: ${name}`, () => {
    assert.deepEqual(render(yaml), value)
  })
}

test('data that looks like an expression stays data', () => {
  const hostile = { ...event, webhook: { ...event.webhook, body: { s: '${ flow }' } } }
  assert.deepEqual(
    renderValue(valueOf('v: "<${ event.webhook.body.s }>"'), { ...emptyScope, event: hostile }),
    { v: '<${ flow }>' },
  )
})

test('a list that turns up inside a text fails, with the place', () => {
  assert.throws(
    () => render('v: "x ${ event.webhook.body.list }"'),
    (thrown) =>
      thrown instanceof Failure && thrown.kind === 'invalid' && thrown.message.includes('demo.yaml:11:18'),
  )
})

test('a text that grows beyond the limit fails', () => {
  const long = { ...event, webhook: { ...event.webhook, body: { s: 'x'.repeat(textCharactersMax / 2) } } }
  const twice = valueOf('v: "${ event.webhook.body.s }${ event.webhook.body.s }"')
  assert.equal(
    JSON.stringify(renderValue(twice, { ...emptyScope, event: long })).length,
    textCharactersMax + 8,
  )
  const more = valueOf('v: "${ event.webhook.body.s }${ event.webhook.body.s }!"')
  assert.throws(() => renderValue(more, { ...emptyScope, event: long }), Failure)
})

test('the label of a value is the join of its parts', () => {
  assert.equal(trustOfValue(valueOf('v: 1')), 'trusted')
  assert.equal(trustOfValue(valueOf('v: ["${ flow }"]')), 'trusted')
  assert.equal(trustOfValue(valueOf('v: ["${ flow }", { a: "x ${ event.webhook.id }" }]')), 'untrusted')
})

test('where a value comes from is said in words', () => {
  assert.equal(sourcesOf(valueOf('v: 1')), 'the flow itself')
  assert.equal(
    sourcesOf(valueOf('v: ["${ flow }", "${ event.webhook.id + event.webhook.body.s }"]')),
    'flow, event.webhook.id, event.webhook.body.s',
  )
})

test('a text is taken apart with the place of each expression', () => {
  assert.deepEqual(takeApart('a ${ b } c${d}'), {
    pieces: [
      { is: 'text', text: 'a ' },
      { is: 'expression', source: 'b', start: 5 },
      { is: 'text', text: ' c' },
      { is: 'expression', source: 'd', start: 12 },
    ],
  })
  assert.deepEqual(takeApart('a ${ "}" '), { unclosed: 2 })
  assert.deepEqual(takeApart(String.raw`\${ r"\" }`), {
    pieces: [
      { is: 'text', text: '\\' },
      { is: 'expression', source: String.raw`r"\"`, start: 4 },
    ],
  })
})

/** The column of the first problem of a value written in different ways; the mistake is `nope`. */
const places: Readonly<Record<string, readonly [yaml: string, place: string]>> = {
  plain: ['message: a ${ nope }', '5:21'],
  'single quotes with a quote inside': ["message: 'it''s ${ nope }'", '5:26'],
  'double quotes with escapes': ['message: "a\\tb\\u0041 \\"${ nope }\\""', '5:33'],
  'a block text': ['message: |\n  first\n  second ${ nope }', '7:19'],
  'a block text with deeper lines': ['message: |\n  first\n    ${ nope }', '7:14'],
  'a folded text': ['message: >\n  first\n  second ${ nope }', '7:19'],
  'a plain text over lines': ['message: first\n  second ${ nope }', '6:19'],
  'a second expression': ['message: ${ flow } ${ nope }', '5:29'],
  'inside a list': ['message: x\nfields: { a: [1, "${ nope }"] }', '6:28'],
}

for (const [name, [yaml, place]] of Object.entries(places)) {
  test(`the place of a mistake inside ${name}`, () => {
    const lines = yaml.split('\n').map((line) => `      ${line}\n`)
    assert.deepEqual(problemsIn(`steps:\n  - id: a\n    uses: log.record\n    with:\n${lines.join('')}`), [
      `reference-unknown ${place}`,
    ])
  })
}

test('an escape is the place of the character it stands for', () => {
  const text = 'a: "\\u0041\\u0042"'
  const { parsed } = parse('a.yaml', new TextEncoder().encode(text))
  const node = parsed?.spots.get(parsed.root)?.get('a')?.node
  assert.ok(node)
  assert.equal(offsetInFile(text, node, 1), 10)
})

test('time spans', () => {
  const spans = ['500ms', '30s', '5m', '1h30m', '7d', '-1h', '1.5h'].map(durationMs)
  assert.deepEqual(spans, [500, 30_000, 300_000, 5_400_000, 604_800_000, -3_600_000, 5_400_000])
  assert.deepEqual(['', '-', '5', 'm', '5 m', '1h-1m', '5mm'].map(durationMs), [
    null,
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})

test('the closest word is near or none', () => {
  const known = ['steps', 'schedule', 'timeout']
  assert.deepEqual(
    ['stpes', 'shedule', 'timeuot', 'Steps', 'x', 'something'].map((word) => closest(word, known)),
    ['steps', 'schedule', 'timeout', 'steps', null, null],
  )
})
