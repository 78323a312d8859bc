// Every limit of a question and of its answer: what is at the limit passes, what is one beyond does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readAnswer } from '../../runner/decision/answer.ts'
import {
  askedDepthMax,
  enumValuesMax,
  listItemsDefault,
  numberDefault,
  propertiesMax,
  textCharactersDefault,
} from '../../runner/decision/asked.ts'
import { answerTokensMax } from '../../runner/decision/bounds.ts'
import { checkChoices } from '../../runner/decision/choices.ts'
import { priceOf } from '../../runner/decision/price.ts'
import { answerSchema, choicesMax, optionsMax, shapesMax, unionsMax } from '../../runner/decision/schema.ts'
import { settle, usageTokensMax } from '../../runner/decision/settle.ts'
import { answerCharactersMax, answerDepthMax, strictJson } from '../../runner/decision/strict-json.ts'
import type { AskedParameter } from '../../runner/model/decision.ts'
import type { Json, JsonObject } from '../../runner/model/json.ts'
import { schemaRefusal } from '../fakes/claude/schema.ts'
import { says, skip } from './ask.ts'

const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index))

function oneAsking(ask: Readonly<Record<string, AskedParameter>>) {
  return { choices: [{ ...skip, ask }], ask: {} }
}

const boolean: AskedParameter = { schema: { type: 'boolean' } }
const nullable: AskedParameter = { schema: { type: ['boolean', 'null'] } }

function nested(depth: number): JsonObject {
  let schema: JsonObject = { type: 'boolean' }
  for (let at = 0; at < depth; at++) schema = { type: 'array', items: schema, maxItems: 1 }
  return schema
}

/** Each makes a question with so many of what is limited. */
const countable: Readonly<
  Record<string, readonly [number, (count: number) => Parameters<typeof checkChoices>[0]]>
> = {
  choices: [
    choicesMax,
    (count) => ({ choices: times(count, (at) => ({ ...skip, name: `c${at}` })), ask: {} }),
  ],
  options: [optionsMax, (count) => oneAsking({ who: { options: times(count, (at) => `@${at}`) } })],
  'values of a set': [
    enumValuesMax,
    (count) => oneAsking({ it: { schema: { enum: times(count, (at) => at) } } }),
  ],
  'properties of an object': [
    propertiesMax,
    (count) => {
      const properties = Object.fromEntries(times(count, (at) => [`p${at}`, { type: 'boolean' }]))
      return oneAsking({ it: { schema: { type: 'object', properties } } })
    },
  ],
  'levels of nesting': [askedDepthMax, (count) => oneAsking({ it: { schema: nested(count) } })],
  unions: [
    unionsMax,
    (count) => oneAsking(Object.fromEntries(times(count - 1, (at) => [`p${at}`, nullable]))),
  ],
  // `unsure` has a set of its own, an empty one.
  'sets of parameters': [
    shapesMax,
    (count) => ({
      choices: times(count - 1, (at) => ({ ...skip, name: `c${at}`, ask: { [`p${at}`]: boolean } })),
      ask: {},
    }),
  ],
}

for (const [name, [max, make]] of Object.entries(countable)) {
  test(`${max} ${name} can be asked`, () => {
    assert.deepEqual(checkChoices(make(max)), [])
    assert.equal(schemaRefusal(answerSchema(make(max)).output), null)
  })
  test(`${max + 1} ${name} are a problem`, () => {
    assert.ok(checkChoices(make(max + 1)).length > 0)
  })
}

test('an answer that could take more tokens than the limit is a problem that says how many', () => {
  const [problem] = checkChoices(oneAsking({ it: { schema: { type: 'string', maxLength: 8_000 } } }))
  assert.match(problem ?? '', new RegExp(`at most ${answerTokensMax}`))
})

/** Whether a value passes where the author gave no bound. */
function passes(schema: JsonObject, value: Json): boolean {
  const text = JSON.stringify(says('skip', { it: value }))
  return readAnswer(text, answerSchema(oneAsking({ it: { schema } })), 'trusted').is === 'valid'
}

const defaults: Readonly<Record<string, readonly [JsonObject, Json, Json]>> = {
  text: [{ type: 'string' }, 'x'.repeat(textCharactersDefault), 'x'.repeat(textCharactersDefault + 1)],
  list: [
    { type: 'array', items: { type: 'boolean' } },
    times(listItemsDefault, () => true),
    times(listItemsDefault + 1, () => true),
  ],
  integer: [{ type: 'integer' }, numberDefault, numberDefault + 1],
  number: [{ type: 'number' }, -numberDefault, -numberDefault - 1],
}
for (const [name, [schema, within, beyond]] of Object.entries(defaults)) {
  test(`a ${name} without a bound of its own has one`, () => {
    assert.deepEqual([passes(schema, within), passes(schema, beyond)], [true, false])
  })
}

test('an answer may be as long as the limit and not longer', () => {
  const text = (characters: number): string => `"${'x'.repeat(characters - 2)}"`
  assert.equal(strictJson(text(answerCharactersMax)).ok, true)
  assert.deepEqual(strictJson(text(answerCharactersMax + 1)), { ok: false, why: 'too-long' })
})

test('an answer may be nested as deep as the limit and not deeper', () => {
  const text = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  assert.equal(strictJson(text(answerDepthMax)).ok, true)
  assert.deepEqual(strictJson(text(answerDepthMax + 1)), { ok: false, why: 'too-deep' })
})

test('a usage may count as many tokens as the limit and not more', () => {
  const price = priceOf('claude-haiku-5-5', Date.UTC(2026, 10, 22))
  assert.ok(price)
  const usage = (tokens: number) => ({ input_tokens: tokens - 1, output_tokens: 1 })
  assert.equal(settle(usage(usageTokensMax), price).is, 'settled')
  assert.equal(settle(usage(usageTokensMax + 1), price).is, 'unusable')
})
