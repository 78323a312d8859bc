import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cronFinding } from '../../runner/flow/cron.ts'
import { flowIn, load, head, problemsIn } from './bring.ts'

const step = 'steps:\n  - id: a\n    uses: log.record\n    with: { message: x }\n'

function scheduled(words: string): string {
  return `on:\n  t:\n    schedule: { ${words} }\n${step}`
}

const wrong: Readonly<Record<string, readonly [words: string, problem: string]>> = {
  'a zone that does not exist': ['cron: "0 9 * * *", timezone: Asia/Soul', 'cron 3:46'],
  'an offset instead of a zone': ['cron: "0 9 * * *", timezone: "+09:00"', 'cron 3:46'],
  'a cron without a zone': ['cron: "0 9 * * *"', 'missing-key 3:17'],
  'the thirtieth of February': ['cron: "0 9 30 2 *", timezone: UTC', 'cron 3:23'],
  'a date': ['cron: "2026-11-22T09:00:00", timezone: UTC', 'cron 3:23'],
  'six fields': ['cron: "0 0 9 * * MON", timezone: UTC', 'cron 3:23'],
  'four fields': ['cron: "0 9 * *", timezone: UTC', 'cron 3:23'],
  'a nickname': ['cron: "@daily", timezone: UTC', 'cron 3:23'],
  'a minute beyond the hour': ['cron: "61 9 * * *", timezone: UTC', 'cron 3:23'],
  'a word that is no day': ['cron: "0 9 * * MOO", timezone: UTC', 'cron 3:23'],
  'every nth day together with a weekday': ['cron: "0 9 */2 * MON", timezone: UTC', 'cron 3:23'],
  'a rhythm that is too quick': ['every: 5s', 'cron 3:24'],
  'a rhythm that is too slow': ['every: 366d', 'cron 3:24'],
  'both cron and every': ['cron: "0 9 * * *", every: 1h, timezone: UTC', 'schema 3:5'],
  'neither cron nor every': ['timezone: UTC', 'schema 3:5'],
}

for (const [name, [words, problem]] of Object.entries(wrong)) {
  test(`a schedule is refused: ${name}`, () => {
    assert.deepEqual(problemsIn(scheduled(words)), [problem])
  })
}

const fine = [
  '*/15 8-18 * * MON-FRI',
  '0 9 L * *',
  '0 9 15W * *',
  '0 9 * * MON#1',
  '0 9 29 2 *',
  '0 9 1,15 * MON',
  '0 0 * * 0',
  '5 4 */2 * *',
]

for (const cron of fine) {
  test(`a schedule is taken: ${cron}`, () => {
    assert.equal(cronFinding(cron, 'Europe/Berlin'), null)
  })
}

test('a mistyped zone is told with the one that was meant', () => {
  const { problems } = load({ 'demo.yaml': head + scheduled('cron: "0 9 * * *", timezone: Asia/Soul') })
  assert.equal(problems[0]?.hint, 'did you mean Asia/Seoul?')
})

test('words of a schedule that are left out have their defaults', () => {
  const [trigger] = flowIn(scheduled('cron: " 0 9 * * * ", timezone: UTC')).triggers
  assert.ok(trigger?.kind === 'schedule')
  const { rhythm, timezone, missed, overlap } = trigger
  assert.deepEqual(
    { rhythm, timezone, missed, overlap },
    {
      rhythm: { cron: '0 9 * * *' },
      timezone: 'UTC',
      missed: { run: 'latest', withinMs: null, max: 100 },
      overlap: 'skip',
    },
  )
})

test('every is a rhythm in milliseconds', () => {
  const [trigger] = flowIn(scheduled('every: 1h30m')).triggers
  assert.ok(trigger?.kind === 'schedule')
  assert.deepEqual(trigger.rhythm, { everyMs: 5_400_000 })
})

test('a trigger knows its place', () => {
  assert.deepEqual(flowIn(scheduled('every: 1h')).triggers[0]?.place, {
    file: 'demo.yaml',
    line: 5,
    column: 3,
  })
})

test('a webhook without words uses the key of the runner', () => {
  const [trigger] = flowIn(`on: { hook: { webhook: {} } }\n${step}`).triggers
  assert.ok(trigger?.kind === 'webhook')
  const { secret, auth, slot, body } = trigger
  assert.deepEqual({ secret, auth, slot, body }, { secret: null, auth: 'bearer', slot: null, body: null })
})

test('a webhook may be written without a value', () => {
  assert.equal(flowIn(`on:\n  hook:\n    webhook:\n${step}`).triggers[0]?.kind, 'webhook')
})

test('the id of a webhook sees its own event, although the flow has other triggers', () => {
  const [trigger] = flowIn(
    `on: { hook: { webhook: { id: event.webhook.body.order } }, g: { git: {} } }\n${step}`,
  ).triggers
  assert.ok(trigger?.kind === 'webhook')
  assert.equal(trigger.slot?.evaluate({ ...scope, event: { webhook: { body: { order: 'o1' } } } }), 'o1')
})

const scope = { event: {}, inputs: {}, steps: {}, run: {}, flow: 'demo', policy: {} }

test('the body of a webhook types the event', () => {
  const body = 'body: { type: object, properties: { n: { type: integer } }, required: [n] }'
  const flow = `on: { hook: { webhook: { ${body} } } }\n${step}    when: event.webhook.body.`
  assert.deepEqual(problemsIn(`${flow}n > 1\n`), [])
  assert.deepEqual(problemsIn(`${flow}n == "x"\n`), ['expression-type 6:11'])
  assert.deepEqual(problemsIn(`${flow}m > 1\n`), ['reference-unknown 6:30'])
})

test('a shape that contradicts itself', () => {
  const shaped = (words: string): readonly string[] =>
    problemsIn(`on: { hook: { webhook: { body: { ${words} } } } }\n${step}`)
  assert.deepEqual(shaped('type: object, properties: { n: { type: integer } }, required: [m]'), [
    'schema 1:97',
  ])
  assert.deepEqual(shaped('type: string, minLength: 5, maxLength: 3'), ['schema 1:48'])
  assert.deepEqual(shaped('type: string, pattern: "^(a+)+$"'), ['unknown-key 1:48'])
})

test('an event of several kinds has for certain only what all have', () => {
  const flow = `on: { hook: { webhook: {} }, g: { git: {} } }\n${step}    when: `
  assert.deepEqual(problemsIn(`${flow}event.git.commit == "x"\n`), ['reference-unguarded 6:17'])
  assert.deepEqual(problemsIn(`${flow}has(event.git) && event.git.commit == "x"\n`), [])
  assert.deepEqual(problemsIn(`${flow}event.kind == "schedule"\n`), ['expression-type 6:25'])
  assert.deepEqual(problemsIn(`${flow}event.fired_at > event.scheduled_at\n`), [])
})

test('an input without a default may be missing when a trigger starts the flow', () => {
  const body = `inputs: { n: { type: integer }, m: { type: integer, default: 1 } }\n${step}    when: inputs.m > 0 && inputs.n > 1\n`
  assert.deepEqual(problemsIn(body), [])
  assert.deepEqual(problemsIn(`on: { g: { git: {} } }\n${body}`), ['reference-unguarded 7:34'])
})

test('a default that does not fit its own shape', () => {
  const given = (words: string): readonly string[] => problemsIn(`inputs: { n: { ${words} } }\n${step}`)
  assert.deepEqual(given('type: integer, default: x'), ['schema 1:40'])
  assert.deepEqual(given('type: array, items: { type: string }, default: [1]'), ['schema 1:63'])
  assert.deepEqual(given('enum: [a, b], type: string, default: c'), ['schema 1:53'])
  assert.deepEqual(given('type: string, default: x'), [])
})

test('the paths of a git trigger are kept', () => {
  const [trigger] = flowIn(`on: { g: { git: { paths: ["src/**", "*.md"] } } }\n${step}`).triggers
  assert.deepEqual(trigger?.kind === 'git' ? trigger.paths : null, ['src/**', '*.md'])
})

test('limits are compiled, with their defaults', () => {
  assert.deepEqual(flowIn(step).limits, {
    concurrency: null,
    rate: null,
    timeoutMs: 3_600_000,
    budget: { perRunUsd: null, perDayUsd: null },
  })
  const { concurrency, timeoutMs, budget } = flowIn(
    `limits: { concurrency: { key: flow, max: 2 }, timeout: 30m, budget: { per_run_usd: 0.05 } }\n${step}`,
  ).limits
  assert.deepEqual([concurrency?.key?.source, concurrency?.max, concurrency?.whenFull], ['flow', 2, 'queue'])
  assert.deepEqual([timeoutMs, budget], [1_800_000, { perRunUsd: 0.05, perDayUsd: null }])
})

test('a rate is compiled, and whether waiting runs count', () => {
  const { concurrency, rate } = flowIn(
    `limits:\n  rate: { key: flow, max: 5, per: 1h, when_full: drop }\n  concurrency: { max: 1, while_waiting: release }\n${step}`,
  ).limits
  assert.deepEqual(
    [rate?.key?.source, rate?.max, rate?.perMs, rate?.whenFull],
    ['flow', 5, 3_600_000, 'drop'],
  )
  assert.equal(concurrency?.whileWaiting, 'release')
  const [trigger] = flowIn(
    `on: { t: { schedule: { every: 1h, overlap: skip, while_waiting: release } } }\n${step}`,
  ).triggers
  assert.equal(trigger?.kind === 'schedule' ? trigger.whileWaiting : null, 'release')
})

test('a waiting run counts, and one run too many waits, unless the file says otherwise', () => {
  const { concurrency, rate } = flowIn(
    `limits: { concurrency: { max: 1 }, rate: { max: 5, per: 1s } }\n${step}`,
  ).limits
  assert.deepEqual([concurrency?.whileWaiting, rate?.whenFull, rate?.key], ['hold', 'queue', null])
})

const rates: Readonly<Record<string, readonly [string, string]>> = {
  'within no time': ['{ max: 5, per: 0s }', 'schema 1:32'],
  'within more than a year': ['{ max: 5, per: 366d }', 'schema 1:32'],
  'of nothing': ['{ max: 0, per: 1h }', 'schema 1:24'],
  'without its span': ['{ max: 5 }', 'missing-key 1:11'],
  'by what has not run': ['{ key: steps.a.status, max: 5, per: 1h }', 'reference-unknown 1:24'],
}
for (const [name, [rate, problem]] of Object.entries(rates)) {
  test(`a rate is refused: ${name}`, () => {
    assert.deepEqual(problemsIn(`limits: { rate: ${rate} }\n${step}`), [problem])
  })
}

test('the key of concurrency is known before the first step', () => {
  assert.deepEqual(problemsIn(`limits: { concurrency: { key: steps.a.status, max: 2 } }\n${step}`), [
    'reference-unknown 1:31',
  ])
})
