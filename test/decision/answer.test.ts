// What counts as an answer: the whole text, the whole shape, one of the offered choices; nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readAnswer } from '../../runner/decision/answer.ts'
import { answerSchema, written } from '../../runner/decision/schema.ts'
import type { Answer } from '../../runner/model/decision.ts'
import type { JsonObject } from '../../runner/model/json.ts'
import { assign, question, reply, says, skip } from './ask.ts'

const schema = answerSchema(question())

function read(text: unknown): ReturnType<typeof readAnswer> {
  return readAnswer(typeof text === 'string' ? text : JSON.stringify(text), schema, 'untrusted')
}

function valid(text: unknown): Answer {
  const found = read(text)
  assert.ok(found.is === 'valid', found.is === 'invalid' ? found.why : '')
  return found.answer
}

function codeOf(text: unknown): string {
  const found = read(text)
  return found.is === 'invalid' ? found.code : 'valid'
}

const drafted = { title: 'A mail', assignee: 1, tone: 'Formal' }

test('a whole answer is taken as it is', () => {
  assert.deepEqual(valid(says('reply', { body: 'We open at nine.' })), {
    choice: 'reply',
    parameters: { body: 'We open at nine.' },
    reason: 'because',
    priority: 'normal',
    risk: 'low',
    provenance: { body: 'untrusted' },
  })
})

test('an option is answered by its index and given as its value', () => {
  assert.equal(valid(says('assign', drafted)).parameters['assignee'], '@ben')
})

test('picked options and closed sets are trusted, free text is labelled like what the model saw', () => {
  const { provenance } = valid(says('assign', drafted))
  assert.deepEqual(provenance, { title: 'untrusted', assignee: 'trusted', tone: 'trusted' })
})

test('known words are written as the author wrote them, whatever their case', () => {
  const answer = valid({
    ...says('Assign', { ...drafted, tone: 'FORMAL' }),
    priority: 'Urgent',
    risk: 'HIGH',
  })
  assert.deepEqual(
    [answer.choice, answer.parameters['tone'], answer.priority, answer.risk],
    ['assign', 'Formal', 'urgent', 'high'],
  )
})

test('a letter that only looks alike in lower case is another letter', () => {
  assert.equal(codeOf(says('s\u212Aip')), 'unknown-choice')
})

test('`unsure` is always a choice', () => {
  assert.equal(valid(says('unsure')).choice, 'unsure')
})

test('a reason that is too long is cut to 280 characters, not refused', () => {
  const { reason } = valid({ ...says('skip'), reason: '🙂'.repeat(300) })
  assert.equal(Array.from(reason).length, 280)
  assert.ok(reason.isWellFormed())
})

const invalid: Readonly<Record<string, readonly [unknown, string]>> = {
  'prose around the JSON': [`Sure! ${JSON.stringify(says('skip'))} I also approved it.`, 'not-json'],
  'two values': [`${JSON.stringify(says('skip'))}${JSON.stringify(says('run'))}`, 'not-json'],
  'JSON in a fence': [`\`\`\`json\n${JSON.stringify(says('skip'))}\n\`\`\``, 'not-json'],
  'nothing at all': ['', 'not-json'],
  'a cut text': ['{"reason":"x","choice":"ru', 'not-json'],
  'the same key twice': [
    '{"reason":"x","choice":"skip","choice":"run","parameters":{},"priority":"low","risk":"low"}',
    'duplicate-key',
  ],
  'the same key twice, once escaped': [
    '{"reason":"x","choice":"skip","\\u0063hoice":"run","parameters":{},"priority":"low","risk":"low"}',
    'duplicate-key',
  ],
  'the same key twice inside': [
    '{"reason":"x","choice":"reply","parameters":{"body":"a","body":"b"},"priority":"low","risk":"low"}',
    'duplicate-key',
  ],
  'a choice that was not offered': [says('APPROVE_ALL'), 'unknown-choice'],
  'the name of a JavaScript property': [says('constructor'), 'unknown-choice'],
  'the name of the prototype': [says('__proto__'), 'unknown-choice'],
  'a choice that is no text': [{ ...says('skip'), choice: ['skip'] }, 'unknown-choice'],
  'a list': [[says('skip')], 'wrong-shape'],
  'a text': ['"skip"', 'wrong-shape'],
  'a missing field': [{ ...says('skip'), risk: undefined }, 'wrong-shape'],
  'a field too many': [{ ...says('skip'), approved: true }, 'wrong-shape'],
  'a prototype key': [
    '{"__proto__":{"a":1},"reason":"x","choice":"skip","parameters":{},"priority":"low","risk":"low"}',
    'wrong-shape',
  ],
  'a prototype key in the parameters': [
    '{"reason":"x","choice":"skip","parameters":{"__proto__":{"body":"x"}},"priority":"low","risk":"low"}',
    'wrong-shape',
  ],
  "another choice's parameters": [says('skip', { body: 'x' }), 'wrong-shape'],
  'a missing parameter': [says('reply'), 'wrong-shape'],
  'a text beyond its bound': [says('reply', { body: 'x'.repeat(201) }), 'wrong-shape'],
  'an index beyond the options': [says('assign', { ...drafted, assignee: 2 }), 'wrong-shape'],
  'a negative index': [says('assign', { ...drafted, assignee: -1 }), 'wrong-shape'],
  'half an index': [says('assign', { ...drafted, assignee: 0.5 }), 'wrong-shape'],
  'an option by its value': [says('assign', { ...drafted, assignee: '@ana' }), 'wrong-shape'],
  'a word that is not in the set': [says('assign', { ...drafted, tone: 'rude' }), 'wrong-shape'],
  'a risk that does not exist': [{ ...says('skip'), risk: 'none' }, 'wrong-shape'],
  NUL: [says('reply', { body: 'a\0b' }), 'unstorable'],
  'half a surrogate pair': [
    '{"reason":"\\ud800","choice":"skip","parameters":{},"priority":"low","risk":"low"}',
    'unstorable',
  ],
  'a huge text': [says('reply', { body: 'x'.repeat(200_000) }), 'too-long'],
  'nesting without end': [`${'['.repeat(60_000)}${']'.repeat(60_000)}`, 'too-deep'],
}

for (const [name, [text, code]] of Object.entries(invalid)) {
  test(`${name} is no answer`, () => {
    assert.equal(codeOf(text), code)
  })
}

test('a number that no bound was given for is bounded all the same', () => {
  const amount = answerSchema({
    choices: [{ name: 'pay', means: 'Pay.', ask: { amount: { schema: { type: 'number', minimum: 0 } } } }],
    ask: {},
  })
  const text = JSON.stringify(says('pay', { amount: 1e26 }))
  assert.equal(readAnswer(text, amount, 'trusted').is, 'invalid')
})

test('a step that only writes answers with the choice `written`', () => {
  const writing = answerSchema({
    choices: [],
    ask: { summary: { schema: { type: 'string', maxLength: 50 } } },
  })
  const found = readAnswer(JSON.stringify(says(written, { summary: 'All is well.' })), writing, 'trusted')
  assert.ok(found.is === 'valid')
  assert.deepEqual(found.answer.parameters, { summary: 'All is well.' })
  assert.deepEqual(found.answer.provenance, { summary: 'trusted' })
})

test('an optional value inside a parameter can be null where the author allows it', () => {
  const due: JsonObject = { type: ['string', 'null'], format: 'date' }
  const nullable = answerSchema({
    choices: [{ ...skip, ask: { due: { schema: due } } }, reply, assign],
    ask: {},
  })
  for (const [value, is] of [
    ['2026-11-22', 'valid'],
    [null, 'valid'],
    ['soon', 'invalid'],
  ] as const)
    assert.equal(readAnswer(JSON.stringify(says('skip', { due: value })), nullable, 'trusted').is, is)
})
