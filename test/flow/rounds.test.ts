import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyScope, flowIn, problemsIn } from './bring.ts'

const rounds = (repeat: string, words = ''): string =>
  `steps:\n  - id: a\n    repeat: ${repeat}\n${words}    uses: shop.order\n    with: { to: acme }\n`
const reads = (expression: string): string =>
  `  - id: z\n    uses: log.record\n    with: { message: x, fields: { value: ${JSON.stringify(`\${ ${expression} }`)} } }\n`

test('repeat is compiled, and its end sees the result of the step', () => {
  const repeat = flowIn(rounds('{ until: steps.a.output.state == "paid", every: 1m, within: 2h }')).steps[0]
    ?.repeat
  assert.deepEqual([repeat?.everyMs, repeat?.withinMs], [60_000, 7_200_000])
  const after = (state: string) => ({
    ...emptyScope,
    steps: { a: { status: 'succeeded', output: { state } } },
  })
  assert.deepEqual(
    [repeat?.until.evaluate(after('open')), repeat?.until.evaluate(after('paid'))],
    [false, true],
  )
})

test('the result that repeat sees is that of a success, and of one element', () => {
  const until =
    '{ until: "steps.a.output.number > 1 && steps.a.status == \\"succeeded\\"", every: 1m, within: 2h }'
  assert.deepEqual(problemsIn(rounds(until, '    on_error: continue\n')), [])
  assert.deepEqual(problemsIn(rounds(until.replace('> 1', '> item'), '    each: [1]\n')), [])
})

const wrong: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'an end that is no condition': [
    '{ until: steps.a.output.number, every: 1m, within: 2h }',
    ['expression-type 3:22'],
  ],
  'a status that the step cannot have': [
    '{ until: steps.a.status == "failed", every: 1m, within: 2h }',
    ['expression-type 3:40'],
  ],
  'a field that the result does not have': [
    '{ until: steps.a.outptu.number == 1, every: 1m, within: 2h }',
    ['reference-unknown 3:30'],
  ],
  'a step that comes later': ['{ until: has(steps.z), every: 1m, within: 2h }', ['reference-unknown 3:32']],
  'no pause': ['{ until: steps.a.output.number == 1, every: 0s, within: 2h }', ['schema 3:57']],
  'more than a year': ['{ until: steps.a.output.number == 1, every: 1m, within: 366d }', ['schema 3:69']],
  'no second round': ['{ until: steps.a.output.number == 1, every: 2h, within: 1h }', ['schema 3:57']],
  'no end of the time': ['{ until: steps.a.output.number == 1, every: 1m }', ['missing-key 3:5']],
}
for (const [name, [repeat, problems]] of Object.entries(wrong)) {
  test(`repeat is refused: ${name}`, () =>
    assert.deepEqual(problemsIn(rounds(repeat) + reads('1')), problems))
}

const order = 'uses: shop.order\n    with: { to: acme }\n'
const early = (words: string, after = ''): string =>
  `steps:\n  - id: a\n    ${order}  - id: e\n    ${words}\n  - id: b\n    ${order}${after}`

test('an end is compiled, with its reason', () => {
  const work = flowIn(early('when: flow == "x"\n    end: failed\n    reason: no ${ steps.a.output.number }'))
    .steps[1]?.work
  assert.ok(work?.is === 'end')
  assert.deepEqual([work.status, work.reason?.is], ['failed', 'text'])
  const bare = flowIn('steps: [{ id: e, end: succeeded }]\n').steps[0]?.work
  assert.deepEqual(bare, { is: 'end', status: 'succeeded', reason: null })
})

test('in outputs a step that an end may have left out is asked for', () => {
  const ends = 'when: flow == "x"\n    end: succeeded'
  const output = (expression: string): string => `outputs: { o: "\${ ${expression} }" }\n`
  assert.deepEqual(problemsIn(early(ends, output('steps.a.output.number'))), [])
  assert.deepEqual(problemsIn(early(ends, output('steps.b.output.number'))), ['reference-unguarded 11:25'])
  assert.deepEqual(problemsIn(early(ends, output('has(steps.b) ? steps.b.output.number : 0'))), [])
  assert.deepEqual(
    problemsIn(early(ends.replace('succeeded', 'failed'), output('steps.b.output.number'))),
    [],
  )
  const inside = 'steps: [{ id: x, when: flow == "x", end: succeeded }]'
  assert.deepEqual(problemsIn(early(inside, output('steps.b.output.number'))), ['reference-unguarded 10:25'])
})

test('a step after an end without `when` can never run', () => {
  assert.deepEqual(problemsIn(early('end: succeeded')), ['unreachable 7:9'])
  assert.deepEqual(problemsIn(early('steps: [{ id: x, end: failed }]')), ['unreachable 7:9'])
  assert.deepEqual(problemsIn(early('steps: [{ id: x, end: failed }]\n    when: flow == "x"')), [])
  assert.deepEqual(problemsIn(early('end: succeeded', '    needs: []\n')), [])
})

const refused: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'another status': ['steps: [{ id: e, end: cancelled }]\n', ['schema 1:23']],
  'a reason without an end': [
    'steps: [{ id: e, uses: log.record, with: { message: x }, reason: y }]\n',
    ['schema 1:58'],
  ],
  'words that mean nothing beside it': [
    'steps: [{ id: e, end: failed, each: [1], retry: { times: 1 }, on_error: continue }]\n',
    ['schema 1:31', 'schema 1:42', 'schema 1:63'],
  ],
  'an end after a failure': [
    'steps: [{ id: a, uses: log.record, with: { message: x } }]\non_failure: { steps: [{ id: e, end: succeeded }] }\n',
    ['schema 2:32'],
  ],
}
for (const [name, [text, problems]] of Object.entries(refused)) {
  test(`an end is refused: ${name}`, () => assert.deepEqual(problemsIn(text), problems))
}
