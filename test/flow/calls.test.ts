import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callsDeepMax } from '../../runner/flow/callee.ts'
import { trustOfValue } from '../../runner/flow/value.ts'
import { compileVersion } from '../../runner/flow/version.ts'
import type { Trust } from '../../runner/model/trust.ts'
import { callDepthMax } from '../../runner/run/call.ts'
import { actions, head, load, policyHead, short } from './bring.ts'

const named = (name: string): string => head.replace('demo', name)
const step = 'steps:\n  - { id: a, uses: log.record, with: { message: x } }\n'
const calling = (with_: string, after = ''): string =>
  `${head}steps:\n  - id: c\n    call: other\n    with: ${with_}\n${after}`
const reads = (expression: string): string =>
  `  - id: z\n    uses: log.record\n    with: { message: x, fields: { value: ${JSON.stringify(`\${ ${expression} }`)} } }\n`

const other = `${named('other')}inputs:
  shop: { type: string, maxLength: 5 }
  count: { type: integer, default: 1 }
steps:
  - { id: a, uses: shop.order, with: { to: acme } }
outputs:
  number: \${ steps.a.output.number }
  at: \${ steps.a.output.placed_at }
  total: \${ steps.a.output.total }
  lines: \${ steps.a.output.lines }
  note: \${ steps.a.output.?note.orValue("") }
  word: done
  both: { one: "\${ flow }", two: 2 }
`

const problems = (files: Readonly<Record<string, string>>): readonly string[] =>
  load(files).problems.map((problem) => `${problem.place.file} ${short(problem)}`)

test('a call is compiled: the flow, and what it is given', () => {
  const revision = load({ 'demo.yaml': calling('{ shop: "${ flow }" }'), 'other.yaml': other })
  assert.deepEqual(revision.problems, [])
  const work = revision.flows.find(({ flow }) => flow.name === 'demo')?.flow.steps[0]?.work
  assert.ok(work?.is === 'call')
  assert.deepEqual(
    [work.flow, Object.keys(work.with), work.with['shop']?.is],
    ['other', ['shop'], 'expression'],
  )
})

const fits: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'a required input that is missing': ['{}', ['demo.yaml call-input 6:5']],
  'an input that there is not': ['{ shop: a, shopp: b }', ['demo.yaml call-input 7:22']],
  'a literal of another type': ['{ shop: 1 }', ['demo.yaml call-input 7:19']],
  'a literal that is too long': ['{ shop: abcdef }', ['demo.yaml call-input 7:19']],
  'an expression of another type': ['{ shop: a, count: "${ flow }" }', ['demo.yaml call-input 7:29']],
  everything: ['{ shop: a, count: 3 }', []],
}
for (const [name, [given, found]] of Object.entries(fits)) {
  test(`what a call gives is checked: ${name}`, () => {
    const files = { 'demo.yaml': calling(given), 'other.yaml': other }
    assert.deepEqual(problems(files), found)
  })
}

const outputs: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'a number': ['steps.c.output.number + 1', []],
  'a text': ['steps.c.output.word + "!"', []],
  'a time, which arrives as text': ['timestamp(steps.c.output.at) > run.started_at', []],
  'a list of maps': ['steps.c.output.lines[0].sku + "!"', []],
  'a map that is written out': ['steps.c.output.both.two + 1', []],
  'an output that there is not': ['steps.c.output.nmber', ['demo.yaml reference-unknown 10:61']],
  'an output as another type': ['steps.c.output.word + 1', ['demo.yaml expression-type 10:46']],
  'a time as a time': ['steps.c.output.at > run.started_at', ['demo.yaml expression-type 10:46']],
}
for (const [name, [expression, found]] of Object.entries(outputs)) {
  test(`the output of a call has the types of the called flow: ${name}`, () => {
    const files = { 'demo.yaml': calling('{ shop: a }', reads(expression)), 'other.yaml': other }
    assert.deepEqual(problems(files), found)
  })
}

test('what a called flow gives is not trusted', () => {
  const order = '  - { id: o, uses: shop.order, with: { to: "${ steps.c.output.word }" } }\n'
  const files = { 'demo.yaml': calling('{ shop: a }', order), 'other.yaml': other }
  assert.deepEqual(problems(files), ['demo.yaml trust 8:44'])
})

test('a flow that is not there is told with what was meant', () => {
  const { problems: found } = load({ 'demo.yaml': calling('{}'), 'othr.yaml': named('othr') + step })
  assert.deepEqual(
    found.map(({ code, place, message, hint }) => [code, place.line, place.column, message, hint]),
    [['flow-unknown', 6, 11, 'there is no flow other', 'did you mean othr?']],
  )
})

test('a call of a flow with a mistake, or of one whose file cannot be read, breaks no other file', () => {
  const broken = { 'demo.yaml': calling('{ any: 1 }', reads('steps.c.output.any')) }
  assert.deepEqual(load({ ...broken, 'other.yaml': `${named('other')}steps: []\n` }).broken, ['other.yaml'])
  assert.deepEqual(load({ ...broken, 'some.yaml': 'a: b: c' }).broken, ['some.yaml'])
  const twice = { 'one.yaml': named('other') + step, 'two.yaml': named('other') + step }
  assert.deepEqual(load({ ...broken, ...twice }).broken, ['one.yaml', 'two.yaml'])
})

test('flows that call each other in a circle are told the way, and who only calls them is left alone', () => {
  const calls = (name: string, to: string): string => `${named(name)}steps: [{ id: s, call: ${to} }]\n`
  const revision = load({
    'a.yaml': calls('a', 'b'),
    'b.yaml': calls('b', 'c'),
    'c.yaml': `${named('c')}steps: [{ id: g, steps: [{ id: s, call: a }] }]\n`,
    'd.yaml': calls('d', 'a'),
  })
  assert.deepEqual(revision.broken, ['a.yaml', 'b.yaml', 'c.yaml'])
  assert.deepEqual(
    revision.problems.map(({ code, message }) => [code, message]),
    [
      ['call-cycle', 'the flow calls itself: a calls b calls c calls a'],
      ['call-cycle', 'the flow calls itself: b calls c calls a calls b'],
      ['call-cycle', 'the flow calls itself: c calls a calls b calls c'],
    ],
  )
})

test('five calls in a row are fine, one more is told where it begins, and thousands do no harm', () => {
  const chain = (length: number): Readonly<Record<string, string>> =>
    Object.fromEntries(
      [...Array(length + 1).keys()].map((n) => [
        `f${n}.yaml`,
        named(`f${n}`) + (n === 0 ? step : `steps: [{ id: a, call: f${n - 1} }]\n`),
      ]),
    )
  assert.equal(callsDeepMax, callDepthMax)
  assert.deepEqual(problems(chain(callsDeepMax)), [])
  assert.deepEqual(problems(chain(callsDeepMax + 1)), ['f6.yaml call-depth 4:24'])
  assert.equal(load(chain(2_000)).broken.length, 2_000 - callsDeepMax)
})

test('a call in on_failure may not lead back either', () => {
  const itself = `${head}${step}on_failure: { steps: [{ id: f, call: demo }] }\n`
  assert.deepEqual(problems({ 'demo.yaml': itself }), ['demo.yaml call-cycle 6:38'])
})

const hook = (expression: string): string =>
  `${named('other')}on: { h: { webhook: {} } }\n${step.replace('}\n', `}\n${reads(expression)}`)}`

test('a flow that reads what only its trigger brings cannot be called, unless it asks before', () => {
  const caller = { 'demo.yaml': calling('{}') }
  const bare = load({ ...caller, 'other.yaml': hook('event.webhook.id') }).problems
  assert.deepEqual(
    bare.map((problem) => `${problem.place.file} ${short(problem)}`),
    ['demo.yaml call-input 6:11'],
  )
  assert.match(bare[0]?.message ?? '', /other\.yaml:9:\d+: event\.webhook may not be there/)
  const asked = hook('has(event.webhook) ? event.webhook.id : ""')
  assert.deepEqual(problems({ ...caller, 'other.yaml': asked }), [])
})

test('any flow can ask who called it', () => {
  const reading = hook('has(event.called_by) ? event.called_by.flow : event.kind')
  assert.deepEqual(problems({ 'other.yaml': reading }), [])
  assert.deepEqual(problems({ 'other.yaml': hook('event.kind == "call" || event.kind == "manual"') }), [])
  assert.deepEqual(problems({ 'other.yaml': hook('event.called_by.flow') }), [
    'other.yaml reference-unguarded 9:52',
  ])
})

test('what is known of a caller follows what it calls', () => {
  const files = (called: string): Readonly<Record<string, string>> => ({
    'demo.yaml': calling('{ shop: a }', reads('steps.c.output.number + 1')),
    'other.yaml': called,
  })
  const changed = other.replace('number: ${ steps.a.output.number }', 'number: none')
  assert.deepEqual(problems(files(other)), [])
  assert.deepEqual(problems(files(changed)), ['demo.yaml expression-type 10:46'])
  assert.deepEqual(problems(files(other.replace('  shop', '  place'))), [
    'demo.yaml call-input 6:5',
    'demo.yaml call-input 7:13',
  ])
  assert.deepEqual(problems({ 'demo.yaml': files('')['demo.yaml'] ?? '' }), ['demo.yaml flow-unknown 6:11'])
  assert.deepEqual(problems(files(other)), [])
})

test('a change two calls away is seen too', () => {
  const pass = (name: string, to: string): string =>
    `${named(name)}steps: [{ id: s, call: ${to} }]\noutputs: { n: "\${ steps.s.output.n }" }\n`
  const last = (value: string): string => `${named('c')}${step}outputs: { n: ${value} }\n`
  const files = (value: string): Readonly<Record<string, string>> => ({
    'a.yaml': `${named('a')}steps:\n  - { id: s, call: b }\n${reads('steps.s.output.n + 1')}`,
    'b.yaml': pass('b', 'c'),
    'c.yaml': last(value),
  })
  assert.deepEqual(problems(files('1')), [])
  assert.deepEqual(problems(files('one')), ['a.yaml expression-type 8:46'])
  assert.deepEqual(problems(files('1')), [])
})

test('what did not change is not compiled again', () => {
  const files = { 'demo.yaml': calling('{ shop: a }'), 'other.yaml': other, 'policy.yaml': policyHead }
  const [one, two] = [load(files), load(files)]
  assert.ok(one.flows.length === 2 && one.flows.every((version, index) => version === two.flows[index]))
})

test('an input that the called flow takes for trusted cannot be given what comes from outside', () => {
  const picks = `${named('other')}inputs: { desks: { type: array, items: { type: string } } }
steps:
  - id: d
    decide:
      prompt: p.md
      choose:
        ask: { means: x, uses: shop.order, ask: { to: { from: "\${ inputs.desks }" } } }
`
  const caller = (desks: string): string =>
    `${head}on: { g: { git: {} } }\nsteps: [{ id: c, call: other, with: { desks: "\${ ${desks} }" } }]\n`
  const files = (desks: string): Readonly<Record<string, string>> => ({
    'demo.yaml': caller(desks),
    'other.yaml': picks,
    'p.md': 'Choose.',
  })
  assert.deepEqual(problems(files('[flow]')), [])
  assert.deepEqual(problems(files('event.git.files')), ['demo.yaml call-input 5:24'])
})

test('the inputs of a run can be read as untrusted', () => {
  const closure = {
    'other.yaml': `${named('other')}inputs: { a: { type: string }, b: { type: string } }
steps: [{ id: o, uses: shop.order, with: { to: "\${ inputs.a }", note: "\${ inputs.b }" } }]\n`,
  }
  const labels = (untrusted: readonly string[]): readonly Trust[] => {
    const [step] = compileVersion({ file: 'other.yaml', closure }, actions, untrusted).steps
    return step?.work.is === 'uses' ? Object.values(step.work.with).map(trustOfValue) : []
  }
  assert.deepEqual(
    [labels([]), labels(['a'])],
    [
      ['trusted', 'trusted'],
      ['untrusted', 'trusted'],
    ],
  )
})
