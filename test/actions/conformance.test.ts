// What every action owes to the rest of the program, for every action that there is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import Ajv2020 from 'ajv/dist/2020.js'
import { actions } from '../../actions/index.ts'
import type { Json, JsonObject, JsonSchema } from '../../runner/model/json.ts'
import { risks } from '../../runner/model/risk.ts'
import { completed } from './surroundings.ts'

/** One input for each action with nothing but what is required, and one with strange text in every place. */
const examples: Readonly<Record<string, JsonObject>> = {
  'http.request': { url: 'https://api.test/v1' },
  'shell.run': { command: ['df', '-P'] },
  'file.read': { path: 'out/a.txt' },
  'file.write': { path: 'out/a.txt', content: 'hello' },
  'log.record': { message: 'hello' },
  'state.read': { name: 'seen' },
  'state.write': { name: 'seen', value: [1] },
  'state.append': { name: 'seen', value: 1 },
  'state.take': { name: 'seen' },
  'github.issue.create': { repository: 'acme/ops', title: 'hello' },
  'github.issue.comment': { repository: 'acme/ops', issue: 7, body: 'hello' },
}
const strange = 'a\nb\r\u2028\u202E\u200B\0"${ x }`@you'

const sinks: ReadonlySet<string> = new Set([
  'text',
  'quantity',
  'identifier',
  'recipient',
  'url',
  'path',
  'command',
])

test('names are unique and say family and verb', () => {
  const names = actions.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  for (const name of names) assert.match(name, /^[a-z]+(\.[a-z]+){1,2}$/)
})

test('there is an example for every action', () => {
  assert.deepEqual(Object.keys(examples).toSorted(), actions.map(({ name }) => name).toSorted())
})

for (const action of actions) {
  const properties = Object.entries(action.input['properties'] as Record<string, JsonSchema>)
  const example = completed(action, examples[action.name] ?? {})

  test(`${action.name}: both schemas are valid and strict`, () => {
    const ajv = new Ajv2020.default({ strict: true, strictRequired: true, allErrors: true })
    for (const schema of [action.input, action.output]) {
      assert.equal(typeof ajv.compile(schema), 'function')
      assert.equal(schema['type'], 'object')
      assert.equal(schema['additionalProperties'], false)
    }
  })

  test(`${action.name}: every input is described and has a sink, and no sink is without an input`, () => {
    assert.deepEqual(Object.keys(action.sinks).toSorted(), properties.map(([name]) => name).toSorted())
    for (const sink of Object.values(action.sinks)) assert.ok(sinks.has(sink), sink)
    for (const [name, schema] of properties) assert.equal(typeof schema['description'], 'string', name)
  })

  test(`${action.name}: everything that comes in or goes out has a bound`, () => {
    for (const [name, schema] of properties) assertBounded(schema, name)
    assertNumbersBounded(action.output)
  })

  test(`${action.name}: inputs that are not required have a default or may be absent`, () => {
    const required = action.input['required'] as string[]
    for (const [name, schema] of properties)
      if (required.includes(name)) assert.equal(schema['default'], undefined, name)
    const ajv = new Ajv2020.default({ strict: true })
    for (const [name, schema] of properties)
      if (schema['default'] !== undefined) assert.ok(ajv.validate(schema, schema['default']), name)
  })

  test(`${action.name}: unknown inputs are refused, those of prototypes too`, () => {
    const validate = new Ajv2020.default({ strict: true }).compile(action.input)
    assert.equal(validate({ ...example, nonsense: 1 }), false)
    assert.equal(validate(JSON.parse(JSON.stringify(example).replace('{', '{"__proto__":{},'))), false)
  })

  test(`${action.name}: repetition and floor answer for the example, with and without defaults`, () => {
    for (const input of [example, examples[action.name] ?? {}]) {
      assert.ok(['read', 'idempotent', 'keyed', 'once'].includes(action.repetition(input)))
      assert.ok(risks.includes(action.floor(input)))
    }
  })

  test(`${action.name}: what it says of itself is one line, whatever its input holds`, () => {
    const validate = new Ajv2020.default({ strict: true }).compile(action.input)
    const hostile = Object.fromEntries(
      Object.entries(example).map(([name, value]) => [
        name,
        twisted(value, (text) => validate({ ...example, [name]: text })),
      ]),
    )
    assert.ok(validate(hostile))
    for (const input of [example, hostile]) {
      const sentence = action.describe(input)
      assert.doesNotMatch(sentence, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      assert.ok(sentence.length > 5 && sentence.length < 6_000)
      assert.doesNotMatch(sentence, /\.$/)
    }
    assert.doesNotMatch(action.summary, /\n/)
  })

  test(`${action.name}: it says how it is taken back, or why not`, () => {
    if ('none' in action.undo) assert.ok(action.undo.none.length > 5)
    else assert.ok(actions.some(({ name }) => 'uses' in action.undo && name === action.undo.uses))
  })

  test(`${action.name}: a repetition that would happen twice is never low`, () => {
    assert.ok(action.repetition(example) !== 'once' || action.floor(example) !== 'low')
  })
}

/** Strange text in every place that takes it. */
function twisted(value: Json, takes: (value: Json) => boolean): Json {
  if (typeof value === 'string') return takes(value + strange) ? value + strange : value
  if (Array.isArray(value))
    return takes([...(value as Json[]), strange]) ? [...(value as Json[]), strange] : value
  return value
}

function assertBounded(schema: JsonSchema, name: string): void {
  if (schema['enum'] !== undefined || schema['type'] === undefined) return
  const needed = {
    string: 'maxLength',
    array: 'maxItems',
    object: 'maxProperties',
    integer: 'maximum',
    number: 'maximum',
    boolean: 'type',
  }
  const keyword = needed[schema['type'] as keyof typeof needed]
  assert.notEqual(schema[keyword], undefined, `${name} needs ${keyword}`)
  for (const inner of ['items', 'additionalProperties'])
    if (typeof schema[inner] === 'object') assertBounded(schema[inner] as JsonSchema, `${name}.${inner}`)
}

function assertNumbersBounded(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return
  const { type, maximum } = schema as JsonSchema
  if (type === 'integer' || type === 'number') assert.equal(typeof maximum, 'number')
  for (const inner of Object.values(schema)) assertNumbersBounded(inner)
}
