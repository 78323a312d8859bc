import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { test } from 'node:test'
import { showProblem } from '../../runner/model/problem.ts'
import { load, policyProblemsIn, problemsIn } from './bring.ts'

const step = 'steps:\n  - id: a\n    uses: log.record\n    with: { message: x }\n'

const found: Readonly<Record<string, readonly [body: string, problems: readonly string[]]>> = {
  'a mistyped key of the flow': [`stepss:${step.slice(6)}`, ['unknown-key 1:1']],
  'a mistyped key of a step': ['steps:\n  - id: a\n    usess: log.record\n', ['unknown-key 3:5']],
  'a mistyped key deep inside': [
    `on:\n  t:\n    schedule: { cron: "* * * * *", timezne: UTC }\n${step}`,
    ['unknown-key 3:36'],
  ],
  'a missing key': ['steps:\n  - uses: log.record\n    with: { message: x }\n', ['missing-key 2:5']],
  'no steps': ['description: x\n', ['missing-key -2:1']],
  'an empty list of steps': ['steps: []\n', ['schema 1:1']],
  'two kinds of work in one step': [`${step}    wait: { for: 1m }\n`, ['schema 2:5']],
  'no work in a step': ['steps:\n  - id: a\n', ['schema 2:5']],
  'two kinds of trigger in one': [`on:\n  t: { git: {}, webhook: {} }\n${step}`, ['schema 2:3']],
  'a number where a text is due': [`description: 5\n${step}`, ['schema 1:14']],
  'a key without a value': [`description:\n${step}`, ['schema 1:1']],
  'a word that is not one of the few': [`${step}    on_error: ignore\n`, ['schema 5:15']],
  'a time span without a unit': [`${step}    timeout: "30"\n`, ['schema 5:14']],
  'an id that expressions cannot say': [step.replace('id: a', 'id: a-b'), ['schema 2:9']],
  'a number above its bound': [`${step}    retry: { times: 99 }\n`, ['schema 5:21']],
  'an id of a trigger with capitals': [`on: { Sweep: { git: {} } }\n${step}`, ['schema 1:7']],
  'two faults of one file': [`owner: ana\nsuspend: maybe\n${step}`, ['schema 1:8', 'schema 2:10']],
}

for (const [name, [body, problems]] of Object.entries(found)) {
  test(`${name}: one problem in its place`, () => {
    assert.deepEqual(problemsIn(body), problems)
  })
}

test('a typo in a key is told with file, line, column and what was meant', () => {
  const [problem] = load({
    'demo.yaml': `apiVersion: watchbill/v1\nkind: Flow\nname: demo\nstepss: []\n`,
  }).problems
  assert.ok(problem !== undefined)
  const [first, line, caret] = showProblem(problem).split('\n')
  assert.equal(first, 'demo.yaml:4:1: the key stepss is not known here — did you mean steps? [unknown-key]')
  assert.deepEqual([line, caret], ['  stepss: []', '  ^'])
})

const later = [
  'on:\n  t: { mail: { connection: support } }\n',
  'on:\n  t: { github: {} }\n',
  'on:\n  t: { schedule: { every: 1h, except: {} } }\n',
  'on_failure:\n  analyse: true\n  steps: [{ id: z, uses: log.record, with: { message: x } }]\n',
]
for (const body of later) {
  test(`a word of a later version is refused and said to come: ${JSON.stringify(body.slice(0, 40))}`, () => {
    const { problems } = load({
      'demo.yaml': `apiVersion: watchbill/v1\nkind: Flow\nname: demo\n${body}${step}`,
    })
    assert.deepEqual(
      problems.map(({ code, hint }) => [code, hint?.includes('later version')]),
      [['unknown-key', true]],
    )
  })
}

for (const word of ['template', 'approve_together', 'covers']) {
  test(`the step word ${word} is refused and said to come`, () => {
    const { problems } = load({
      'demo.yaml': `apiVersion: watchbill/v1\nkind: Flow\nname: demo\n${step}    ${word}: x\n`,
    })
    assert.deepEqual(
      problems.map(({ code, hint }) => [code, hint?.includes('later version')]),
      [['unknown-key', true]],
    )
  })
}

for (const kind of ['Template', 'FlowTest', 'Flo', 'null', '[]']) {
  test(`the kind ${kind} is not read`, () => {
    const { problems, broken } = load({
      'demo.yaml': `apiVersion: watchbill/v1\nkind: ${kind}\nname: demo\n`,
    })
    assert.deepEqual(
      [problems.map(({ code, place }) => [code, place.line, place.column]), broken],
      [[['kind-unknown', 2, 7]], ['demo.yaml']],
    )
  })
}

test('a document of another version of the language is refused', () => {
  const { problems } = load({ 'demo.yaml': `apiVersion: watchbill/v2\nkind: Flow\nname: demo\n${step}` })
  assert.deepEqual(
    problems.map(({ code, place }) => [code, place.line, place.column]),
    [['schema', 1, 13]],
  )
})

test('a mistyped key of the policy', () => {
  assert.deepEqual(policyProblemsIn('approvals: { approver: ["@ana"] }\n'), ['unknown-key 1:14'])
})

test('words of the policy that come later', () => {
  assert.deepEqual(policyProblemsIn('notify: []\nbudget: { warn_at: [70%] }\n'), [
    'unknown-key 1:1',
    'unknown-key 2:11',
  ])
})

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly definitions?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly description?: string
  readonly $ref?: string
  readonly enum?: unknown
  readonly type?: unknown
}

const folder = join(import.meta.dirname, '../../schema')
const schemas = new Map(
  readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Schema]),
)

function target(file: string, reference: string): Schema {
  const [other = '', path = ''] = reference.split('#')
  const start = schemas.get(other === '' ? file : other)
  const found = path
    .split('/')
    .filter(Boolean)
    .reduce<Schema | undefined>((at, key) => (at as Record<string, Schema> | undefined)?.[key], start)
  if (found === undefined) throw new Error(`${file}: nothing at ${reference}`)
  return found
}

/** Words without a description of their own, which a list of values or their parent explains. */
function undescribed(file: string, schema: Schema, path: string): readonly string[] {
  const own = Object.entries({ ...schema.properties, ...schema.definitions }).flatMap(([name, inner]) => {
    const said =
      inner.description ?? (inner.$ref === undefined ? undefined : target(file, inner.$ref).description)
    const inside = undescribed(file, inner, `${path}.${name}`)
    return name in (schema.properties ?? {}) &&
      said === undefined &&
      inner.enum === undefined &&
      path.split('.').length <= 3
      ? [`${path}.${name}`, ...inside]
      : inside
  })
  const others = [schema.items, schema.additionalProperties].filter(
    (one): one is Schema => typeof one === 'object',
  )
  return [...own, ...others.flatMap((inner) => undescribed(file, inner, path))]
}

test('the schemas are schemas', () => {
  const ajv = new Ajv()
  for (const [file, schema] of schemas) assert.ok(ajv.validateSchema(schema), `${file}: ${ajv.errorsText()}`)
})

test('every reference between the schemas leads somewhere', () => {
  for (const [file] of schemas) {
    const text = readFileSync(join(folder, file), 'utf8')
    for (const [, reference = ''] of text.matchAll(/"\$ref": "([^"]+)"/g)) assert.ok(target(file, reference))
  }
})

test('every word of a flow and of the policy has a description that an editor can show', () => {
  const missing = ['flow.schema.json', 'policy.schema.json'].flatMap((file) => {
    const schema = schemas.get(file)
    return Object.entries(schema?.properties ?? {}).flatMap(([name, inner]) => {
      const said =
        inner.description ?? (inner.$ref === undefined ? undefined : target(file, inner.$ref).description)
      return said === undefined ? [`${file} ${name}`] : []
    })
  })
  const steps = undescribed('step.schema.json', target('step.schema.json', '#/definitions/step'), 'step')
  assert.deepEqual([...missing, ...steps], [])
})
