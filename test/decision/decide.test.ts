// The ladder, from a rule to people, over the real SDK.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { apiVersion } from '../../runner/decision/claude-version.ts'
import { written } from '../../runner/decision/schema.ts'
import { priceOf, worstCase } from '../../runner/decision/price.ts'
import { noteDecisionEvent, readDecision } from '../../runner/store/decisions.ts'
import { refusal, reply as replied, truncated } from '../fakes/claude/reply.ts'
import { assign, says, skip } from './ask.ts'
import { answered, setup, startMs } from './setup.ts'

interface Sent {
  readonly model: string
  readonly max_tokens: number
  readonly thinking: unknown
  readonly output_config: { readonly effort?: string }
}

test('the small model decides', async (t) => {
  const { ask, claude } = await setup(t)
  claude.script(says('reply', { body: 'We open at nine.' }))
  const decided = answered(await ask())
  assert.equal(decided.route, 'small')
  assert.deepEqual(decided.answer.parameters, { body: 'We open at nine.' })
  assert.deepEqual(claude.refused, [])
})

test('the small model is asked without thinking and with low effort', async (t) => {
  const { ask, claude } = await setup(t)
  await ask()
  const sent = claude.calls[0]?.body as Sent
  assert.equal(sent.model, 'claude-haiku-5-5')
  assert.deepEqual([sent.thinking, sent.output_config.effort], [{ type: 'disabled' }, 'low'])
  assert.equal(claude.calls[0]?.headers['anthropic-version'], apiVersion)
})

test('what it cost is settled from the usage and told', async (t) => {
  const { ask, claude, spent } = await setup(t)
  claude.script(replied({ answer: says('skip'), usage: { input_tokens: 900, output_tokens: 40 } }))
  const decided = answered(await ask())
  assert.equal(decided.costPicoUsd, 900n * 100_000n + 40n * 500_000n)
  assert.deepEqual(await spent(), {
    monthSettled: decided.costPicoUsd,
    monthHeld: 0n,
    monthPresumed: 0n,
    callsToday: 1,
  })
})

test('the worst case is reserved before anything leaves', async (t) => {
  const { ask, claude, database } = await setup(t)
  let held: Promise<{ held: bigint }[]> = Promise.resolve([])
  claude.answerWith(() => {
    held = database.query('select held from ledger_window where name = $1', ['usd:month:2026-11'])
    return says('skip')
  })
  await ask()
  const [call] = claude.calls
  assert.ok(call)
  const { max_tokens } = call.body as Sent
  const price = priceOf('claude-haiku-5-5', startMs)
  assert.ok(price)
  const least = { promptTokensMax: Buffer.byteLength(call.raw), outputTokensMax: max_tokens, cacheTtl: null }
  assert.ok(((await held)[0]?.held ?? 0n) >= worstCase(price, least))
})

test('a usage beyond what the request could use is presumed and the answer not taken', async (t) => {
  const { ask, claude, spent } = await setup(t)
  claude.answerWith(() =>
    replied({ answer: says('skip'), usage: { input_tokens: 1_000_000, output_tokens: 1 } }),
  )
  assert.equal((await ask()).is, 'people')
  const { monthSettled, monthPresumed } = await spent()
  assert.equal(monthSettled, 0n)
  assert.ok(monthPresumed < 500_000_000_000n)
})

test('a rule that matches costs no token', async (t) => {
  const { ask, claude, spent } = await setup(t)
  const decided = answered(await ask({ ruled: { choice: 'skip', rule: 0 } }))
  assert.deepEqual([decided.route, decided.answer.choice, decided.costPicoUsd], ['rule', 'skip', 0n])
  assert.equal(claude.calls.length, 0)
  assert.equal((await spent()).callsToday, 0)
})

test('a rule that chooses something with parameters fails the step', async (t) => {
  const { ask } = await setup(t)
  const decided = await ask({ ruled: { choice: 'reply', rule: 0 } })
  assert.ok(decided.is === 'failed' && decided.error.kind === 'invalid')
})

const passedOn = {
  unsure: says('unsure'),
  invalid: says('APPROVE_ALL'),
  refused: refusal(),
  'cut off': truncated('{"reason":"x","choice":"ru'),
}
for (const [name, first] of Object.entries(passedOn)) {
  test(`the large model is asked when the small one is ${name}`, async (t) => {
    const { ask, claude } = await setup(t)
    claude.script(first, says('assign', { title: 'A mail', assignee: 0, tone: 'formal' }))
    const decided = answered(await ask())
    assert.equal(decided.route, 'large')
    assert.deepEqual(decided.answer.parameters, { title: 'A mail', assignee: '@ana', tone: 'Formal' })
    const [small, large] = claude.calls.map((call) => call.body as Sent)
    assert.ok(small && large)
    assert.equal(large.model, 'claude-sonnet-5-5')
    assert.ok(large.max_tokens > small.max_tokens)
    assert.deepEqual(claude.refused, [])
  })
}

test('people are asked when the large model does not know either', async (t) => {
  const { ask, claude, reservations } = await setup(t)
  claude.script(says('unsure'), says('unsure'))
  const decided = await ask()
  assert.equal(decided.is, 'people')
  assert.deepEqual(await reservations(), ['settled', 'settled'])
})

test('the same model is not asked twice when small and large are one', async (t) => {
  const { ask, claude } = await setup(t)
  claude.script(says('unsure'))
  const decided = await ask({ models: { small: 'claude-haiku-5-5', large: 'claude-haiku-5-5' } })
  assert.equal(decided.is, 'people')
  assert.equal(claude.calls.length, 1)
})

for (const model of ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-4-5'])
  test(`the API takes how ${model} is asked`, async (t) => {
    const { ask, claude } = await setup(t)
    answered(await ask({ models: { small: model, large: model } }))
    assert.deepEqual(claude.refused, [])
  })

test('a step without choices lets Claude write', async (t) => {
  const { ask, claude } = await setup(t)
  claude.script(says(written, { summary: 'All is well.' }))
  const decided = answered(
    await ask({ choices: [], ask: { summary: { schema: { type: 'string', maxLength: 100 } } } }),
  )
  assert.deepEqual(decided.answer.parameters, { summary: 'All is well.' })
})

test('choices that cannot be asked fail the step with the reason, and nothing is sent', async (t) => {
  const { ask, claude } = await setup(t)
  const decided = await ask({ choices: [{ ...skip, ask: { who: { options: [] } } }] })
  assert.ok(decided.is === 'failed' && decided.error.kind === 'invalid')
  assert.match(decided.error.message, /skip\.who/)
  assert.equal(claude.calls.length, 0)
})

test('a question that is too large fails the step, and nothing is sent or reserved', async (t) => {
  const { ask, claude, reservations } = await setup(t)
  const given = [{ name: 'mail', value: 'x'.repeat(300_000), trust: 'untrusted' as const }]
  const decided = await ask({ given })
  assert.ok(decided.is === 'failed' && decided.error.kind === 'invalid')
  assert.equal(claude.calls.length, 0)
  assert.deepEqual(await reservations(), [])
})

test('a decision that is given up before it began sends nothing', async (t) => {
  const { ask, claude } = await setup(t)
  const decided = await ask({}, AbortSignal.abort())
  assert.ok(decided.is === 'failed' && decided.error.kind === 'cancelled')
  assert.equal(claude.calls.length, 0)
})

test('a decision that is given up on the way ends at once, and its cost is presumed', async (t) => {
  const { ask, claude, reservations } = await setup(t)
  const giveUp = new AbortController()
  claude.answerWith(() => {
    giveUp.abort()
    return replied({ delayMs: Number.POSITIVE_INFINITY })
  })
  const decided = await ask({}, giveUp.signal)
  assert.ok(decided.is === 'failed' && decided.error.kind === 'cancelled')
  assert.deepEqual(await reservations(), ['presumed'])
})

test('the record says what was asked, which way it went and what it cost', async (t) => {
  const { ask, claude, records } = await setup(t)
  claude.script(says('unsure'), says('skip'))
  const decided = answered(await ask())
  const [record] = await records()
  assert.ok(record)
  assert.equal(record['route'], 'large')
  assert.deepEqual(
    (record['tries'] as { model: string; outcome: { stop: string } }[]).map((one) => [
      one.model,
      one.outcome.stop,
    ]),
    [
      ['claude-haiku-5-5', 'answered'],
      ['claude-sonnet-5-5', 'answered'],
    ],
  )
  assert.equal((record['money'] as { cost_pico: string }).cost_pico, `${decided.costPicoUsd}`)
  assert.equal((record['given'] as { trust: string }[])[0]?.trust, 'untrusted')
})

test('the bodies stand apart from the record, by their hash', async (t) => {
  const { ask, database } = await setup(t)
  const decided = answered(await ask())
  const found = await readDecision(database, decided.decision)
  assert.ok(found)
  const [event] = found.events
  assert.equal(event?.kind, 'bodies')
  const { tries } = found.record as unknown as { tries: { request: { user: string } }[] }
  const body = event.body[tries[0]?.request.user ?? '']
  assert.ok(typeof body === 'string')
  assert.match(body, /When do you open\?/)
})

test('nothing that is stored holds a secret, and the answer that is used keeps its text', async (t) => {
  const { ask, claude, database } = await setup(t, { redact: (text) => text.replaceAll('hunter2', '***') })
  claude.script({ ...says('reply', { body: 'It is hunter2.' }), reason: 'hunter2' })
  const given = [{ name: 'mail', value: { hunter2: 'my password is hunter2' }, trust: 'untrusted' as const }]
  const decided = answered(await ask({ given }))
  assert.deepEqual(decided.answer.parameters, { body: 'It is hunter2.' })
  const [stored] = await database.query<{ text: string }>(
    `select (select json_agg(d)::text from decision d) || (select json_agg(e)::text from decision_event e)
       || (select json_agg(r)::text from reservation r) as text`,
  )
  assert.ok(stored)
  assert.doesNotMatch(stored.text, /hunter2/)
})

test('data that the store refuses is sent as it is and recorded without it', async (t) => {
  const { ask, records } = await setup(t)
  const given = [{ name: 'mail', value: { text: 'NUL \0 and \ud800' }, trust: 'untrusted' as const }]
  answered(await ask({ given }))
  assert.equal((await records()).length, 1)
})

test('a decision row is written even when it failed', async (t) => {
  const { ask, records } = await setup(t)
  await ask({ choices: [{ ...assign, name: 'unsure' }] })
  const [record] = await records()
  assert.ok(record)
  assert.equal((record['error'] as { kind: string }).kind, 'invalid')
})

test('reservations of dead runners are cleared up', async (t) => {
  const { ask, claude, decider, database, reservations } = await setup(t)
  claude.script(says('skip'))
  await ask()
  await database.query(`update reservation set state = 'sent', owner = 'runner-0'`)
  await database.query(`update ledger_window set held = 1000000000000`)
  await decider.recover(['runner-0'])
  assert.deepEqual(await reservations(), ['presumed'])
})

test('what is learned later is added to a decision, in its order', async (t) => {
  const { ask, database } = await setup(t)
  const { decision } = answered(await ask({ ruled: { choice: 'skip', rule: 0 } }))
  for (const kind of ['execution', 'override'])
    await noteDecisionEvent(database, { decision, atMs: startMs, kind, body: { by: 'ana' } })
  const found = await readDecision(database, decision)
  assert.deepEqual(
    found?.events.map((event) => event.kind),
    ['execution', 'override'],
  )
})
