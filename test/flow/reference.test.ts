import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actions } from '../../actions/index.ts'
import { loadRevision } from '../../runner/flow/load.ts'
import { renderValue } from '../../runner/flow/value.ts'
import { commit } from '../../runner/model/id.ts'
import type { Flow, Step } from '../../runner/model/flow.ts'
import type { Revision } from '../../runner/model/revision.ts'
import { emptyScope } from './bring.ts'

/** A flow with every word of this version. */
const everyWord = `apiVersion: watchbill/v1
kind: Flow
name: every-word
description: Uses every word of the language once.
owner: "@team:acme/ops"
on:
  clock:
    schedule: { cron: "0 9 * * MON#1", timezone: Asia/Seoul, missed: { run: all, within: 2h, max: 3 }, overlap: queue, while_waiting: release }
  rhythm:
    schedule: { every: 15m }
  call:
    webhook: { secret: SHOP_TOKEN, auth: hmac, id: event.webhook.body.id, body: { type: object, properties: { id: { type: string } }, required: [id] } }
  push:
    git: { paths: ["src/**"] }
inputs:
  shops: { type: array, items: { type: string }, default: [acme] }
limits:
  concurrency: { key: event.kind, max: 2, when_full: replace, while_waiting: release }
  rate: { key: event.kind, max: 9, per: 1h, when_full: drop }
  timeout: 30m
  budget: { per_run_usd: 0.05, per_day_usd: 2 }
steps:
  - id: look
    name: Look at each shop
    when: shop != "closed"
    each: \${ inputs.shops }
    as: shop
    max_parallel: 3
    retry: { times: 4, backoff: { from: 2s, to: 30s }, on: [timeout] }
    timeout: 20s
    on_error: continue
    uses: http.request
    with: { url: "https://api.example.com/shops/\${ shop }", connection: shop_api }
    risk:
      - { when: shop == "acme", at_least: medium }
      - { at_least: low }
  - id: choose
    needs: [look]
    decide:
      prompt: prompts/choose.md
      given:
        seen: \${ steps.look.items.filter(one, one.status == "succeeded") }
        faq: \${ file("knowledge/faq.md") }
      choose:
        tell:
          means: Somebody should know.
          uses: github.issue.create
          with: { repository: acme/ops }
          ask:
            title: { type: string, maxLength: 80 }
            assignees: { from: "\${ policy.teams.desks }" }
        drop: { means: Nothing to do. }
      rules:
        - { when: size(steps.look.items) == 0, choose: drop, only: always }
        - { when: "true", choose: drop, only: outage }
      risk:
        - { when: choice == "tell" && parameters.title.contains("refund"), at_least: high }
      on_outage: [rules, park, people]
  - id: write
    needs: []
    decide: { prompt: prompts/write.md, ask: { text: { type: string, maxLength: 500 } } }
  - id: sure
    when: steps.choose.choice == "tell"
    approve: { show: "Close \${ steps.choose.output.number }?", approvers: ["@ana"], need: 1, expires: 2h }
    on_error: continue
  - id: pause
    wait: { for: 5m }
  - id: until
    wait: { until: 'run.started_at + duration("1d")' }
  - id: paid
    wait:
      event: { webhook: { auth: hmac, body: { type: object, properties: { shop: { type: string } }, required: [shop] } } }
      match: event.webhook.body.shop in inputs.shops
      for: 2h
  - id: both
    each: \${ inputs.shops }
    max_parallel: 2
    repeat: { until: steps.both.steps.ask.output.note != "", every: 1m, within: 1h }
    retry: { times: 1 }
    timeout: 10m
    on_error: continue
    steps:
      - id: ask
        call: little
        with: { shop: "\${ item }" }
      - id: say
        uses: log.record
        with: { message: "\${ steps.ask.output.note }" }
  - id: stop
    when: steps.both.failed + steps.both.denied + steps.both.timed_out > 0
    end: failed
    reason: "\${ steps.both.failed } of \${ steps.both.count } went wrong"
on_failure:
  steps:
    - id: tell
      uses: log.record
      with: { message: "\${ failure.summary } (\${ failure.error.kind } at \${ failure.step })" }
outputs:
  choice: \${ steps.choose.choice }
  answer: |
    \${ has(steps.sure) ? steps.sure.output.answer : "not asked" }
suspend: false
`

const little = `apiVersion: watchbill/v1
kind: Flow
name: little
inputs: { shop: { type: string } }
steps: [{ id: none, end: succeeded, reason: nothing to do }]
outputs: { note: "\${ inputs.shop }" }
`

const policy = `apiVersion: watchbill/v1
kind: Policy
name: policy
secrets: { SHOP_TOKEN: { hosts: [api.example.com] } }
connections: { shop_api: { kind: http, base: "https://api.example.com", auth: { bearer: { secret: SHOP_TOKEN } } } }
teams: { desks: ["@ana", "@ben"] }
`

function revision(): Revision {
  const files = {
    'every-word.yaml': everyWord,
    'little.yaml': little,
    'policy.yaml': policy,
    'prompts/choose.md': 'Choose.',
    'prompts/write.md': 'Write.',
    'knowledge/faq.md': 'We open at nine.',
  }
  const encoder = new TextEncoder()
  const entries = Object.entries(files).map(([path, text]): [string, Uint8Array] => [
    path,
    encoder.encode(text),
  ])
  return loadRevision({ commit: commit('a'.repeat(40)), files: new Map(entries) }, actions)
}

function setup(): { readonly flow: Flow; readonly step: (id: string) => Step } {
  const flow = revision().flows[0]?.flow
  assert.ok(flow !== undefined)
  const step = (id: string): Step => flow.steps.find((one) => one.id === id) ?? assert.fail(`no step ${id}`)
  return { flow, step }
}

test('a flow with every word compiles without a problem', () => {
  const { problems, flows, policy, broken } = revision()
  assert.deepEqual([problems, flows.length, policy !== null, broken], [[], 2, true, []])
})

test('its triggers are what was written', () => {
  const { flow } = setup()
  assert.deepEqual(
    flow.triggers.map(({ id, kind }) => [id, kind]),
    [
      ['clock', 'schedule'],
      ['rhythm', 'schedule'],
      ['call', 'webhook'],
      ['push', 'git'],
    ],
  )
})

test('its steps are what was written', () => {
  const { step } = setup()
  const look = step('look')
  assert.deepEqual(
    [look.name, look.each?.as, look.each?.maxParallel, look.timeoutMs, look.onError],
    ['Look at each shop', 'shop', 3, 20_000, 'continue'],
  )
  assert.deepEqual(look.retry, { times: 4, fromMs: 2_000, toMs: 30_000, on: ['timeout'] })
  assert.deepEqual(look.work.is === 'uses' ? look.work.risk.map((rule) => rule.atLeast) : null, [
    'medium',
    'low',
  ])
  assert.deepEqual([step('choose').needs, step('write').needs], [['look'], []])
})

test('what is said of people and of time is what was written', () => {
  const { step } = setup()
  const sure = step('sure').work
  assert.ok(sure.is === 'approve')
  assert.deepEqual([sure.approvers, sure.need, sure.expiresMs], [['@ana'], 1, 7_200_000])
  assert.deepEqual(step('pause').work, { is: 'wait', wait: { forMs: 300_000 } })
  const until = step('until').work
  assert.ok(until.is === 'wait' && 'until' in until.wait)
  assert.equal(until.wait.until.evaluate(emptyScope), '2026-11-23T09:30:00.000Z')
})

test('its values are rendered against a run', () => {
  const { flow, step } = setup()
  const choose = step('choose').work
  assert.ok(choose.is === 'decide')
  const seen = { item: 'acme', status: 'succeeded', output: { status: 200 } }
  const items = [seen, { item: 'globex', status: 'failed', output: null }]
  const scope = { ...emptyScope, steps: { look: { status: 'failed', items }, choose: { choice: 'drop' } } }
  const given = Object.entries(choose.given).map(([name, value]) => [name, renderValue(value, scope)])
  assert.deepEqual(Object.fromEntries(given), { seen: [seen], faq: 'We open at nine.' })
  const outputs = Object.entries(flow.outputs).map(([name, value]) => [name, renderValue(value, scope)])
  assert.deepEqual(Object.fromEntries(outputs), { choice: 'drop', answer: 'not asked' })
})
