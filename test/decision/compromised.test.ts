// The model, or whoever stands between, is fully compromised: it can say anything. It can still only choose.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { readAnswer } from '../../runner/decision/answer.ts'
import { answerSchema } from '../../runner/decision/schema.ts'
import { priorities, type Answer } from '../../runner/model/decision.ts'
import { risks } from '../../runner/model/risk.ts'
import { picoUsd } from '../../runner/model/money.ts'
import { type Reply, reply as replied } from '../fakes/claude/reply.ts'
import { question, says } from './ask.ts'
import { setup } from './setup.ts'

const asked = question()
const schema = answerSchema(asked)
const offered = asked.choices.map((choice) => choice.name)

const keys = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'choice',
  'Choice',
  'reason',
  'body',
  'approve',
)
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '\0',
    '\ud800',
    'APPROVE_ALL',
    'skip',
    'SKIP',
    'reply',
    'unsure',
    'urgent',
    'HIGH',
    '../..',
    '$(id)',
  ),
)
const figures = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-1, 0, 1, 2, 1e26, -0))
const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(texts, figures, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(keys, texts), tie('value'), { maxKeys: 4 }),
  ),
})).value

/** Mostly what was asked for, sometimes anything. */
const mostly = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary: good }, { weight: 1, arbitrary: anything })
const words = mostly(fc.string({ unit: 'grapheme', maxLength: 90 }))

/** Near misses: the right shape with something wrong somewhere, or nothing wrong at all. */
const parameters = {
  skip: mostly(fc.constant({})),
  run: mostly(fc.constant({})),
  reply: mostly(fc.record({ body: words })),
  assign: mostly(
    fc.record({
      title: words,
      assignee: mostly(fc.constantFrom(0, 1, 1, 2)),
      tone: mostly(fc.constantFrom('Friendly', 'FORMAL', 'rude')),
    }),
  ),
}
const nearMiss = fc.constantFrom(...offered, 'Reply', 'ASSIGN', 'unsure', '__proto__').chain((choice) => {
  const own = Object.entries(parameters).find(([name]) => name === choice.toLowerCase())?.[1] ?? anything
  const approved = fc.oneof(
    { weight: 8, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ approved: anything }) },
  )
  return fc
    .tuple(
      fc.record({
        reason: words,
        choice: mostly(fc.constant(choice)),
        parameters: own,
        priority: mostly(fc.constantFrom(...priorities, 'Urgent')),
        risk: mostly(fc.constantFrom(...risks, 'LOW')),
      }),
      approved,
    )
    .map(([answer, more]) => ({ ...answer, ...more }))
})
const written = fc.oneof(
  { weight: 5, arbitrary: nearMiss.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: anything.map((value) => JSON.stringify(value) ?? '') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 1, arbitrary: nearMiss.map((value) => `${JSON.stringify(value)}${JSON.stringify(value)}`) },
)

/** All that an answer may ever be. */
function assertHarmless(answer: Answer): void {
  const chosen = asked.choices.find((choice) => choice.name === answer.choice)
  assert.ok(chosen, `chose ${answer.choice}`)
  assert.deepEqual(Object.keys(answer.parameters).sort(), Object.keys(chosen.ask).sort())
  const { body, title, assignee, tone } = answer.parameters
  for (const [text, max] of [
    [body, 200],
    [title, 80],
  ] as const)
    assert.ok(text === undefined || (typeof text === 'string' && Array.from(text).length <= max))
  assert.ok([undefined, '@ana', '@ben'].includes(assignee as string | undefined))
  assert.ok([undefined, 'Friendly', 'Formal'].includes(tone as string | undefined))
  assert.ok(priorities.includes(answer.priority) && risks.includes(answer.risk))
  assert.ok(Array.from(answer.reason).length <= 280)
  const whole = JSON.stringify(answer)
  assert.doesNotMatch(whole, /\\u0000|\\ud[89a-f]/)
  for (const name of ['body', 'title']) assert.notEqual(answer.provenance[name], 'trusted')
}

test('whatever the model writes is one of the offered choices in its shape, or no answer', () => {
  let valid = 0
  fc.assert(
    fc.property(written, (text) => {
      const read = readAnswer(text, schema, 'untrusted')
      if (read.is === 'invalid') return
      if (read.answer.choice === 'unsure') return
      valid++
      assertHarmless(read.answer)
    }),
    { numRuns: 3_000 },
  )
  assert.ok(valid > 300, `only ${valid} of the generated answers were valid: they prove too little`)
})

const statuses = fc.constantFrom(200, 200, 200, 200, 201, 301, 400, 401, 402, 404, 418, 429, 500, 503, 529)
const replies: fc.Arbitrary<object | Reply> = fc.oneof(
  { weight: 4, arbitrary: written.map((text) => replied({ text })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(written, anything)
      .map(([text, usage]) => replied({ text, usage: { ...(usage as object) } })),
  },
  { weight: 1, arbitrary: fc.tuple(statuses, anything).map(([status, body]) => replied({ status, body })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(statuses, fc.string({ unit: 'binary' }))
      .map(([status, raw]) => replied({ status, raw })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ content: anything, stop_reason: texts, usage: anything, model: texts })
      .map((body) => replied({ body })),
  },
  { weight: 1, arbitrary: fc.constant(says('skip')) },
)

test('whatever comes back from the API, the decision is valid, recorded and within the cap', async (t) => {
  const parts = await setup(t)
  const max = picoUsd(0.05)
  const caps = [{ window: 'usd:month:2026-11', unit: 'pico_usd' as const, max }]
  let decisions = 0
  await fc.assert(
    fc.asyncProperty(fc.array(replies, { minLength: 1, maxLength: 3 }), async (script) => {
      parts.clock.pass(3_600_000)
      parts.claude.answerWith(() => script[parts.claude.calls.length % script.length] ?? {})
      const decided = await parts.ask({ caps })
      if (decided.is === 'answered') assertHarmless(decided.answer)
      else assert.equal(decided.is, 'people')
      decisions++
      const { monthSettled, monthHeld, monthPresumed } = await parts.spent()
      assert.equal(monthHeld, 0n)
      assert.ok(monthSettled + monthPresumed <= max)
    }),
    { numRuns: 200, endOnFailure: true },
  )
  assert.equal((await parts.records()).length, decisions)
})
