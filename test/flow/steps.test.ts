import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowIn, problemsIn, stepIn } from './bring.ts'

/** A step per line: `id`, and more keys after a blank. */
function steps(...lines: readonly string[]): string {
  const written = lines.map((line) => {
    const [id, ...more] = line.split(' | ')
    const uses = more.some((one) => /^(wait|approve|uses|decide):/.test(one))
      ? []
      : ['uses: log.record', 'with: { message: x }']
    return `  - id: ${id}\n${[...uses, ...more].map((one) => `    ${one}\n`).join('')}`
  })
  return `steps:\n${written.join('')}`
}

test('without needs a step waits for every step written before', () => {
  const flow = flowIn(steps('a', 'b', 'c'))
  assert.deepEqual(
    flow.steps.map((step) => step.needs),
    [[], ['a'], ['a', 'b']],
  )
})

test('needs are kept as written, and none means none', () => {
  const flow = flowIn(steps('a', 'b | needs: []', 'c | needs: [a]'))
  assert.deepEqual(
    flow.steps.map((step) => step.needs),
    [[], [], ['a']],
  )
})

test('steps stand after what they need, whatever their order in the file', () => {
  const flow = flowIn(steps('a | needs: [c]', 'b | needs: []', 'c | needs: [b]'))
  assert.deepEqual(
    flow.steps.map((step) => step.id),
    ['b', 'c', 'a'],
  )
})

test('steps of on_failure have a path of their own', () => {
  const flow = flowIn(`${steps('a')}on_failure:\n  ${steps('b').replaceAll('\n', '\n  ')}\n`)
  assert.equal(stepIn(flow, 'b').path, 'on_failure.b')
})

test('words of a step that are left out have their defaults', () => {
  const { name, when, each, retry, timeoutMs, onError } = stepIn(flowIn(steps('a')), 'a')
  assert.deepEqual(
    { name, when, each, retry, timeoutMs, onError },
    { name: 'a', when: null, each: null, retry: null, timeoutMs: null, onError: 'fail' },
  )
})

test('a retry has pauses and the kinds that pass', () => {
  const { retry } = stepIn(flowIn(steps('a | retry: { times: 2 }')), 'a')
  assert.deepEqual(retry, {
    times: 2,
    fromMs: 1_000,
    toMs: 60_000,
    on: ['timeout', 'unavailable', 'rate_limited'],
  })
})

test('each runs one after the other under the name item', () => {
  const { each } = stepIn(flowIn(steps('a | each: [1, 2]')), 'a')
  assert.deepEqual([each?.as, each?.maxParallel], ['item', 1])
})

const order: Readonly<Record<string, readonly [body: string, problems: readonly string[]]>> = {
  'needs that do not exist': [steps('a', 'b | needs: [x]'), ['reference-unknown 8:13']],
  'a step that needs itself': [steps('a | needs: [a]'), ['reference-cycle 5:13']],
  'two steps that need each other': [steps('a | needs: [b]', 'b | needs: [a]'), ['reference-cycle 5:5']],
  'a need on a step that waits for this one by its order': [
    steps('a | needs: [b]', 'b'),
    ['reference-cycle 5:5'],
  ],
  'an id twice': [steps('a', 'a'), ['schema 5:9']],
  'an id twice over on_failure': [
    `${steps('a')}on_failure:\n  steps: [{ id: a, uses: log.record, with: { message: x } }]\n`,
    ['schema 6:17'],
  ],
  'an id that is a word of the language': [steps('in'), ['schema 2:9']],
  'as without each': [steps('a | as: x'), ['schema 5:5']],
  'max_parallel without each': [steps('a | max_parallel: 3'), ['schema 5:5']],
  'with without uses': ['steps:\n  - id: a\n    wait: { for: 1s }\n    with: { a: 1 }\n', ['schema 4:5']],
  'a name of each that is taken': [steps('a | each: [1] | as: event'), ['schema 6:9']],
}

for (const [name, [body, problems]] of Object.entries(order)) {
  test(`${name}: told in its place`, () => {
    assert.deepEqual(problemsIn(body), problems)
  })
}

/** The problem of reading an expression in the step `z` after others. */
function reading(expression: string, ...before: readonly string[]): readonly string[] {
  const body = steps(...before, `z | when: ${expression}`)
  const line = body.split('\n').length - 1
  return problemsIn(body).map((problem) => problem.replace(`${line}:`, 'z:'))
}

test('a step that ran for sure is read freely', () => {
  assert.deepEqual(reading('steps.a.output.message == "x"', 'a'), [])
})

test('a step with when may not have run', () => {
  assert.deepEqual(reading('steps.a.status == "succeeded"', 'a | when: inputs.x == 1').slice(1), [
    'reference-unguarded z:17',
  ])
})

test('a step with when is read behind has', () => {
  assert.deepEqual(reading('has(steps.a) && steps.a.output.message == "x"', 'a | when: flow == "x"'), [])
})

test('a step that is not needed may not have ended', () => {
  assert.deepEqual(reading('steps.b.status == "x" | needs: [a]', 'a', 'b'), ['reference-unknown 11:17'])
})

test('a step behind another need is known to have ended', () => {
  assert.deepEqual(reading('steps.a.status == "succeeded" | needs: [b]', 'a', 'b'), [])
})

test('a step cannot read itself', () => {
  assert.deepEqual(reading('steps.z.status == "succeeded"', 'a'), ['reference-unknown z:17'])
})

test('a step cannot read a later one', () => {
  assert.deepEqual(problemsIn(steps('a | when: steps.b.status == "x"', 'b')), ['reference-unknown 5:17'])
})

test('when makes certain what the rest of the step reads', () => {
  const body = steps('a | when: flow == "x"', 'b | when: has(steps.a) | each: "${ [1] }" | as: y').replace(
    /message: x }\n(?=.*when: has)/s,
    'message: x }\n',
  )
  assert.deepEqual(
    problemsIn(body.replace(/(id: b\n.*\n.*)message: x/, '$1message: "${ steps.a.output.message }"')),
    [],
  )
})

test('after on_error continue the output is only there when it succeeded', () => {
  assert.deepEqual(reading('steps.a.output.message == "x"', 'a | on_error: continue'), [
    'reference-unguarded z:19',
  ])
  assert.deepEqual(
    reading('steps.a.status == "succeeded" && steps.a.output.message == "x"', 'a | on_error: continue'),
    [],
  )
  assert.deepEqual(reading('steps.a.status == "failed" && has(steps.a.error)', 'a | on_error: continue'), [])
})

test('of a step that can only succeed no other status is expected', () => {
  assert.deepEqual(reading('steps.a.status == "failed"', 'a'), ['expression-type z:29'])
})

test('a step with each gives items, not an output', () => {
  assert.deepEqual(reading('steps.a.items[0].output.message == "x"', 'a | each: [1]'), [])
  assert.deepEqual(reading('steps.a.output.message == "x"', 'a | each: [1]'), ['reference-unknown z:19'])
})

test('the elements of each have the type of the list', () => {
  const search = 's | uses: shop.search | with: { query: x }'
  assert.deepEqual(
    reading('steps.a.items[0].item.startsWith("x")', search, 'a | each: "${ steps.s.output.found }"'),
    [],
  )
  assert.deepEqual(reading('steps.a.items[0].item > 3', search, 'a | each: "${ steps.s.output.found }"'), [
    'expression-type z:11',
  ])
})

test('of an element that may have been skipped only item and status are certain', () => {
  assert.deepEqual(reading('steps.a.items[0].output.message == "x"', 'a | each: [1, 2] | when: item > 1'), [
    'reference-unguarded z:28',
  ])
})

test('an answer of people is there, also when a no lets the run go on', () => {
  assert.deepEqual(
    reading('steps.a.output.answer == "no"', 'a | approve: { show: x } | on_error: continue'),
    [],
  )
  assert.deepEqual(reading('steps.a.output.answer == "nope"', 'a | approve: { show: x }'), [
    'expression-type z:36',
  ])
})

test('in on_failure any step may be missing, and failure says what happened', () => {
  const failing = (message: string): readonly string[] =>
    problemsIn(
      `${steps('a')}on_failure:\n  steps:\n    - id: b\n      uses: log.record\n      with: { message: ${JSON.stringify(message)} }\n`,
    )
  assert.deepEqual(failing('${ failure.summary } ${ failure.error.kind } ${ failure.step }'), [])
  assert.deepEqual(failing('${ steps.a.output.message }'), ['reference-unguarded 9:34'])
  assert.deepEqual(
    failing('${ has(steps.a) && steps.a.status == "failed" ? steps.a.error.message : "" }'),
    [],
  )
  assert.deepEqual(failing('${ has(steps.a) && has(steps.a.output) ? steps.a.output.message : "" }'), [])
})

test('failure is only known in on_failure', () => {
  assert.deepEqual(reading('failure.summary == ""', 'a'), ['reference-unknown z:11'])
})

test('outputs see every step, with a guard where it may not have run', () => {
  assert.deepEqual(
    problemsIn(
      `${steps('a', 'b | when: flow == "x"')}outputs:\n  a: "\${ steps.a.status }"\n  b: "\${ steps.b.status }"\n`,
    ),
    ['reference-unguarded 11:16'],
  )
})
