// The schema that Claude is held to: always one the API takes, or a problem in words.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { checkChoices } from '../../runner/decision/choices.ts'
import { answerSchema } from '../../runner/decision/schema.ts'
import type { JsonObject } from '../../runner/model/json.ts'
import { schemaRefusal } from '../fakes/claude/schema.ts'
import { question, run, skip } from './ask.ts'

function asking(schema: JsonObject) {
  return { choices: [{ name: 'do', means: 'Do it.', ask: { it: { schema } } }], ask: {} }
}

function problems(schema: JsonObject): readonly string[] {
  return checkChoices(asking(schema))
}

const rich: JsonObject = {
  type: 'object',
  description: 'A visit',
  properties: {
    when: { type: 'string', format: 'date-time' },
    people: { type: 'integer', minimum: 1, maximum: 12 },
    notes: { type: 'array', items: { type: 'string', maxLength: 40 }, minItems: 2, maxItems: 3 },
    table: { anyOf: [{ enum: ['inside', 'outside'] }, { type: 'null' }] },
    email: { type: ['string', 'null'], format: 'email' },
    quiet: { type: 'boolean' },
  },
  required: ['when'],
}

test('the API takes the schema of several choices with parameters', () => {
  assert.equal(schemaRefusal(answerSchema(question()).output), null)
})

test('the API takes what an author can ask for', () => {
  assert.deepEqual(problems(rich), [])
  assert.equal(schemaRefusal(answerSchema(asking(rich)).output), null)
})

test('the fields come out in the order reason, choice, parameters, priority, risk', () => {
  const { output } = answerSchema(question())
  assert.deepEqual(Object.keys(output['properties'] as object), [
    'reason',
    'choice',
    'parameters',
    'priority',
    'risk',
  ])
})

test('choices that ask for the same share one variant, and one variant needs no union', () => {
  const properties = answerSchema({ choices: [skip, run], ask: {} }).output['properties'] as JsonObject
  assert.deepEqual(properties['parameters'], {
    type: 'object',
    properties: {},
    required: [],
    additionalProperties: false,
  })
})

test('bounds that the API does not know are said in the description', () => {
  const text = JSON.stringify(answerSchema(asking(rich)).output)
  assert.match(text, /minimum 1, maximum 12/)
  assert.match(text, /2 to 3 items/)
})

const refused: Readonly<Record<string, JsonObject>> = {
  'a pattern': { type: 'string', pattern: '^(a+)+$' },
  'a reference': { $ref: '#/x' },
  'no type': { maxLength: 3 },
  'an unknown type': { type: 'date' },
  'the name of a JavaScript property as type': { type: 'constructor' },
  'an unknown format': { type: 'string', format: 'regex' },
  'free properties': { type: 'object', additionalProperties: { type: 'string' } },
  'a required property that is not there': { type: 'object', properties: {}, required: ['a'] },
  'a property named like the prototype': JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"string"}}}',
  ) as JsonObject,
  'a list of anything': { type: 'array' },
  'an empty set': { enum: [] },
  'a set of objects': { enum: [{ a: 1 }] },
  'a negative length': { type: 'string', maxLength: -1 },
  'a length that is no number': { type: 'string', maxLength: 'many' },
  'a text that is too short and too long': { type: 'string', minLength: 5, maxLength: 2 },
  'an answer that cannot fit': { type: 'string', maxLength: 9_000 },
  'a list whose answer cannot fit': {
    type: 'array',
    maxItems: 100,
    items: { type: 'string', maxLength: 500 },
  },
}

for (const [name, schema] of Object.entries(refused)) {
  test(`${name} is a problem`, () => {
    assert.ok(problems(schema).length > 0)
  })
}

test('nesting deeper than the limit is a problem, and does not crash', () => {
  let deep: JsonObject = { type: 'string' }
  for (let depth = 0; depth < 5_000; depth++) deep = { type: 'array', items: deep, maxItems: 1 }
  assert.ok(problems(deep).length > 0)
})

test('`unsure` as a name of a choice is a problem', () => {
  assert.ok(checkChoices({ choices: [{ ...skip, name: 'Unsure' }], ask: {} }).length > 0)
})

test('two choices that differ in case are a problem', () => {
  assert.ok(checkChoices({ choices: [skip, { ...skip, name: 'Skip' }], ask: {} }).length > 0)
})

test('nothing to choose and nothing to write is a problem', () => {
  assert.ok(checkChoices({ choices: [], ask: {} }).length > 0)
})

test('an empty list to pick from is a problem', () => {
  assert.ok(checkChoices({ choices: [{ ...skip, ask: { who: { options: [] } } }], ask: {} }).length > 0)
})
