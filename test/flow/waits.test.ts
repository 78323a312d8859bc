import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepAt } from '../../runner/model/flow.ts'
import { emptyScope, flowIn, head, load, problemsIn } from './bring.ts'

const reads = (expression: string): string =>
  `  - id: z\n    uses: log.record\n    with: { message: x, fields: { value: ${JSON.stringify(`\${ ${expression} }`)} } }\n`

const body = '{ type: object, properties: { order: { type: string } }, required: [order] }'
const wait = (words: string): string => `steps:\n  - id: w\n    wait: ${words}\n`
const paid = wait(
  `{ event: { webhook: { auth: hmac, body: ${body} } }, match: event.webhook.body.order == flow, for: 2h }`,
)

test('a wait for an event is a trigger with the path of its step', () => {
  const flow = flowIn(
    `steps:\n  - id: g\n    steps:\n      - id: w\n        wait: { event: { git: { paths: ["src/**"] } }, for: 90m }\n`,
  )
  const work = stepAt(flow, 'g.w')?.work
  assert.ok(work?.is === 'wait' && 'event' in work.wait)
  const { event, match, forMs } = work.wait
  assert.deepEqual(
    [event.id, event.kind === 'git' && event.paths, match, forMs],
    ['g.w', ['src/**'], null, 5_400_000],
  )
  assert.deepEqual([event.place.line, event.place.column], [8, 26])
})

test('`match` sees the event that came, and everything else', () => {
  const work = flowIn(paid).steps[0]?.work
  assert.ok(work?.is === 'wait' && 'event' in work.wait && work.wait.event.kind === 'webhook')
  const seen = (order: string) => ({ ...emptyScope, event: { webhook: { body: { order } } } })
  const { match, event } = work.wait
  assert.deepEqual(
    [match?.evaluate(seen('demo')), match?.evaluate(seen('x')), match?.trust],
    [true, false, 'untrusted'],
  )
  assert.deepEqual([event.auth, event.secret, event.body?.['type']], ['hmac', null, 'object'])
})

const fine: Readonly<Record<string, string>> = {
  'its status': paid + reads('steps.w.status == "timed_out"'),
  'its event behind its status':
    paid + reads('steps.w.status == "succeeded" ? steps.w.output.webhook.body.order : ""'),
  'its event behind has': paid + reads('has(steps.w.output) ? steps.w.output.webhook.body.order : ""'),
  'its event behind its status, when it may fail':
    paid.replace('    wait', '    on_error: continue\n    wait') +
    reads('steps.w.status == "succeeded" ? steps.w.output.webhook.body.order : steps.w.status'),
  'a trusted commit': `${wait('{ event: { git: {} }, for: 1h }')}  - id: o\n    when: steps.w.status == "succeeded"\n    uses: shop.order\n    with: { to: "\${ steps.w.output.git.commit }" }\n`,
}
for (const [name, text] of Object.entries(fine)) {
  test(`of a wait for an event is read ${name}`, () => assert.deepEqual(problemsIn(text), []))
}

const wrong: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'its event without asking': [paid + reads('steps.w.output.webhook.id'), ['reference-unguarded 6:54']],
  'its event as trusted': [
    `${paid}  - id: o\n    when: steps.w.status == "succeeded"\n    uses: shop.order\n    with: { to: "\${ steps.w.output.webhook.body.order }" }\n`,
    ['trust 7:17'],
  ],
  'another status': [paid + reads('steps.w.status == "timedout"'), ['expression-type 6:64']],
  'the event of the flow in match': [
    `on: { push: { git: {} } }\n${wait('{ event: { webhook: {} }, match: event.git.commit == "", for: 1h }')}`,
    ['reference-unknown 4:50'],
  ],
  'a field of the body that there is not': [
    paid.replace('body.order', 'body.ordr'),
    ['reference-unknown 3:159'],
  ],
  'no end of the wait': [wait('{ event: { webhook: {} } }'), ['schema 3:5']],
  'an end of no time': [wait('{ event: { webhook: {} }, for: 0s }'), ['schema 3:42']],
  'an event and a time': [wait('{ event: { webhook: {} }, for: 1h, until: run.started_at }'), ['schema 3:5']],
  'two events': [wait('{ event: { webhook: {}, git: {} }, for: 1h }'), ['schema 3:13']],
  'match without an event': [wait('{ for: 1h, match: event.kind == "x" }'), ['schema 3:22']],
  'match that is no condition': [
    wait('{ event: { webhook: {} }, match: event.kind, for: 1h }'),
    ['expression-type 3:44'],
  ],
  'a secret that the policy does not have': [
    wait('{ event: { webhook: { secret: NONE } }, for: 1h }'),
    ['policy 3:41'],
  ],
  'a shape that makes no sense': [
    wait('{ event: { webhook: { body: { type: object, required: [x] } } }, for: 1h }'),
    ['schema 3:66'],
  ],
  'the id of a trigger': [`on: { w: { webhook: {} } }\n${paid}`, ['schema 3:9']],
  'repeat beside it': [
    wait('{ for: 1h }').replace(
      '    wait',
      '    repeat: { until: flow == "", every: 1m, within: 1h }\n    wait',
    ),
    ['schema 3:5'],
  ],
}
for (const [name, [text, problems]] of Object.entries(wrong)) {
  test(`a wait is refused: ${name}`, () => {
    const policy = { 'policy.yaml': 'apiVersion: watchbill/v1\nkind: Policy\nname: policy\n' }
    assert.deepEqual(problemsIn(text, policy), problems)
  })
}

for (const kind of ['schedule', 'mail', 'github', 'flow']) {
  test(`waiting for ${kind} is refused and said to come`, () => {
    const { problems } = load({ 'demo.yaml': head + wait(`{ event: { ${kind}: {} }, for: 1h }`) })
    assert.deepEqual(
      problems.map(({ code, place, hint }) => [code, place.column, hint?.includes('later version')]),
      [['unknown-key', 22, true]],
    )
  })
}

test('of elements that wait, one may have timed out', () => {
  const each = paid.replace('    wait', '    each: [1]\n    wait')
  assert.deepEqual(
    problemsIn(each + reads('steps.w.items[0].status == "timed_out" && steps.w.timed_out > 0')),
    [],
  )
})
