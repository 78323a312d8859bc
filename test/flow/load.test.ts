import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileVersion, closureHash } from '../../runner/flow/version.ts'
import { Stop } from '../../runner/model/error.ts'
import { actions, head, load, policyHead, short } from './bring.ts'

function flow(name: string, message = 'x'): string {
  return `apiVersion: watchbill/v1\nkind: Flow\nname: ${name}\nsteps:\n  - id: a\n    uses: log.record\n    with: { message: ${JSON.stringify(message)} }\n`
}

function namesOf(files: Readonly<Record<string, string>>): readonly string[] {
  return load(files).flows.map((version) => version.flow.name)
}

test('flows stand at the top and in folders, in the order of their paths', () => {
  assert.deepEqual(namesOf({ 'b.yaml': flow('b'), 'a.yaml': flow('a'), 'shop/c.yaml': flow('c') }), [
    'a',
    'b',
    'c',
  ])
})

test('tests, templates, prompts, knowledge and fixtures are not flows', () => {
  const other = 'kind: Nothing\n'
  const paths = [
    'a.test.yaml',
    'templates/a.yaml',
    'prompts/a.yaml',
    'knowledge/a.yaml',
    'shop/fixtures/a.yaml',
  ]
  const files = Object.fromEntries(paths.map((path) => [path, other]))
  assert.deepEqual([load(files).problems, load(files).broken], [[], []])
})

test('a file with another ending than .yaml is said not to be read', () => {
  const { problems } = load({ 'a.yml': flow('a') })
  assert.deepEqual(
    problems.map((problem) => [problem.place.file, short(problem), problem.severity]),
    [['a.yml', 'file-name 1:1', 'warning']],
  )
})

test('a broken flow breaks no other', () => {
  const { flows, broken, problems } = load({ 'a.yaml': 'kind: Flow\n', 'b.yaml': flow('b'), 'c.yaml': '{' })
  assert.deepEqual([flows.map((version) => version.flow.name), broken], [['b'], ['a.yaml', 'c.yaml']])
  assert.deepEqual([...new Set(problems.map((problem) => problem.place.file))], ['a.yaml', 'c.yaml'])
})

test('a broken policy breaks no flow, and is no policy', () => {
  const { flows, policy, broken } = load({ 'policy.yaml': `${policyHead}suspend: 3\n`, 'b.yaml': flow('b') })
  assert.deepEqual([flows.length, policy, broken], [1, null, ['policy.yaml']])
})

test('a policy comes with its text', () => {
  assert.equal(load({ 'policy.yaml': policyHead }).policy?.text, policyHead)
})

test('of two flows with one name neither is taken', () => {
  const { flows, broken, problems } = load({ 'a.yaml': flow('x'), 'b.yaml': flow('x'), 'c.yaml': flow('c') })
  assert.deepEqual([flows.map((version) => version.flow.name), broken], [['c'], ['a.yaml', 'b.yaml']])
  assert.deepEqual(
    problems.map((problem) => problem.code),
    ['name-mismatch', 'name-mismatch'],
  )
})

test('problems come in the order of files, lines and columns', () => {
  const two = `${head}owner: ana\nsuspend: maybe\nsteps:\n  - id: a\n    uses: log.record\n    with: { message: x }\n`
  const { problems } = load({ 'b.yaml': two, 'a.yaml': two })
  assert.deepEqual(
    problems.map(({ place }) => `${place.file}:${place.line}`),
    ['a.yaml:4', 'a.yaml:5', 'b.yaml:4', 'b.yaml:5'],
  )
})

test('the closure holds the flow and every file it reads, and nothing else', () => {
  const [version] = load({
    'demo.yaml': flow('demo', '${ file("knowledge/faq.md") }'),
    'knowledge/faq.md': 'faq',
    'other.md': 'x',
  }).flows
  assert.deepEqual(Object.keys(version?.closure ?? {}), ['demo.yaml', 'knowledge/faq.md'])
  assert.equal(version?.flow.version, closureHash(version?.closure ?? {}))
})

test('the version changes with any file of the closure, and with no other', () => {
  const versionOf = (faq: string, other: string): string | undefined =>
    load({
      'demo.yaml': flow('demo', '${ file("knowledge/faq.md") }'),
      'knowledge/faq.md': faq,
      'other.md': other,
    }).flows[0]?.flow.version
  assert.equal(versionOf('a', 'x'), versionOf('a', 'y'))
  assert.notEqual(versionOf('a', 'x'), versionOf('b', 'x'))
})

test('what did not change is compiled once', () => {
  const files = { 'a.yaml': flow('a'), 'b.yaml': flow('b') }
  const before = load(files).flows
  const after = load({ ...files, 'b.yaml': flow('b', 'y') }).flows
  assert.equal(after[0], before[0])
  assert.notEqual(after[1], before[1])
})

test('a file that appears mends a flow that looked for it', () => {
  const files = { 'demo.yaml': flow('demo', '${ file("knowledge/faq.md") }') }
  assert.deepEqual(
    load(files).problems.map((problem) => problem.code),
    ['file-missing'],
  )
  assert.deepEqual(load({ ...files, 'knowledge/faq.md': 'x' }).problems, [])
  assert.deepEqual(
    load(files).problems.map((problem) => problem.code),
    ['file-missing'],
  )
})

test('a policy that changes what is known is seen by flows that did not change', () => {
  const files = { 'demo.yaml': flow('demo', '${ policy.lists.shops[0] }') }
  const policy = (list: string): Record<string, string> => ({
    ...files,
    'policy.yaml': `${policyHead}lists: { ${list}: [acme] }\n`,
  })
  assert.deepEqual(load(policy('shops')).problems, [])
  assert.deepEqual(
    load(policy('shop')).problems.map((problem) => problem.code),
    ['reference-unknown'],
  )
})

test('a knowledge file that is no text is told in its own place', () => {
  const { problems, broken } = load({
    'demo.yaml': flow('demo', '${ file("knowledge/faq.md") }'),
    'knowledge/faq.md': new Uint8Array([0xff]),
  })
  assert.deepEqual(
    [problems.map((problem) => [problem.place.file, short(problem)]), broken],
    [[['knowledge/faq.md', 'encoding 1:1']], ['demo.yaml']],
  )
})

test('hidden characters in knowledge are a warning', () => {
  const { problems, flows } = load({
    'demo.yaml': flow('demo', '${ file("knowledge/faq.md") }'),
    'knowledge/faq.md': 'a\u200bb',
  })
  assert.deepEqual(
    [problems.map(({ code, severity }) => [code, severity]), flows.length],
    [[['hidden-characters', 'warning']], 1],
  )
})

test('a pinned version compiles to the same flow from its closure alone', () => {
  const [version] = load({
    'demo.yaml': flow('demo', '${ file("knowledge/faq.md") }'),
    'knowledge/faq.md': 'faq',
  }).flows
  assert.ok(version !== undefined)
  const pinned = compileVersion({ file: 'demo.yaml', closure: version.closure }, actions)
  assert.equal(JSON.stringify(pinned), JSON.stringify(version.flow))
})

test('a pinned version is compiled once', () => {
  const closure = { 'demo.yaml': flow('demo') }
  assert.equal(
    compileVersion({ file: 'demo.yaml', closure }, actions),
    compileVersion({ file: 'demo.yaml', closure: { ...closure } }, actions),
  )
})

test('a pinned version does not ask the policy of today', () => {
  const closure = { 'demo.yaml': flow('demo', '${ policy.lists.gone[0] }') }
  assert.equal(compileVersion({ file: 'demo.yaml', closure }, actions).name, 'demo')
})

test('a pinned version that does not compile any more stops what needs it', () => {
  assert.throws(
    () =>
      compileVersion(
        { file: 'demo.yaml', closure: { 'demo.yaml': flow('demo').replace('log.record', 'log.gone') } },
        actions,
      ),
    (thrown) => thrown instanceof Stop && thrown.exitCode === 1 && thrown.message.includes('demo.yaml:6:11'),
  )
})

test('a name of JavaScript is only a name', () => {
  for (const name of ['constructor', 'toString', 'hasownproperty', 'valueof']) {
    const { flows } = load({ 'a.yaml': flow(name.toLowerCase()) })
    assert.deepEqual(
      flows.map((version) => version.flow.name),
      [name.toLowerCase()],
    )
  }
})
