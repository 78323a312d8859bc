import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonSchema } from '../../runner/model/json.ts'
import { compiledIn, faultsIn, viewOf } from './expressions.ts'

const shapes: Readonly<Record<string, JsonSchema>> = {
  order: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      count: { type: 'integer' },
      price: { type: 'number' },
      paid: { type: 'boolean' },
      state: { enum: ['open', 'paid', 'sent'] },
      at: { type: 'string', format: 'date-time' },
      note: { type: 'string' },
      lines: {
        type: 'array',
        items: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] },
      },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      open: { type: 'object' },
      raw: {},
    },
    required: ['id', 'count', 'price', 'paid', 'state', 'at', 'lines', 'labels', 'open', 'raw'],
  },
  un_mail: { type: 'object', properties: { from: { type: 'string' } }, required: ['from'] },
}
const view = viewOf(shapes, ['knowledge/faq.md'])

const types: Readonly<Record<string, string>> = {
  'order.count': 'int',
  'order.price': 'double',
  'order.count + 1': 'int',
  'order.count * order.price': 'double',
  '-order.price': 'double',
  'order.id + "x"': 'text',
  'order.at': 'time',
  'order.at + duration("1h")': 'time',
  'order.at - order.at': 'duration',
  'order.paid && order.count > 1': 'bool',
  '!order.paid': 'bool',
  'order.lines': 'list',
  'order.lines[0].sku': 'text',
  'order.lines.map(x, x.sku)': 'list',
  'order.lines.filter(x, x.sku == "a")[0].sku': 'text',
  'order.lines.exists(x, x.sku == "a")': 'bool',
  'order.labels["a"]': 'text',
  'order.labels.anything': 'text',
  'order.open.whatever': 'any',
  'order.raw.a.b + 1': 'any',
  'order.raw + "x"': 'text',
  'order.?note': 'maybe',
  'order.?note.orValue("none")': 'text',
  'order.?note.hasValue()': 'bool',
  'has(order.note) ? order.note : "none"': 'text',
  'order.paid ? 1 : 2.5': 'any',
  '{"a": order.count}.a': 'int',
  '[order.count, order.price]': 'list',
  'size(order.lines)': 'int',
  'order.id.size()': 'int',
  'text(order.count)': 'text',
  'json(order.id)': 'any',
  'date(order.at, "UTC").weekday': 'text',
  'file("knowledge/faq.md")': 'text',
  'type(order.raw) == int': 'bool',
  'order.id in ["a", "b"]': 'bool',
  '"a" in order.labels': 'bool',
  'order.raw == null': 'bool',
  'sum(order.lines.map(x, 1))': 'any',
}

for (const [source, type] of Object.entries(types)) {
  test(`the type of ${source}`, () => {
    if (source === 'order.paid ? 1 : 2.5') assert.equal(faultsIn(source, view)[0]?.code, 'expression-type')
    else
      assert.ok(
        [type, ...(type === 'any' ? ['int', 'double'] : [])].includes(compiledIn(source, view).type.is),
      )
  })
}

/** Code, and the text that the fault points at. */
const faults: Readonly<Record<string, readonly [code: string, at: string]>> = {
  'ordr.id': ['reference-unknown', 'ordr.id'],
  'order.ids': ['reference-unknown', 'ids'],
  'order.lines[0].sk': ['reference-unknown', 'sk'],
  'order.lines.sku': ['expression-type', 'sku'],
  'order.id.length': ['expression-type', 'length'],
  'order.note': ['reference-unguarded', 'note'],
  'order.id == "x" && order.note == "y"': ['reference-unguarded', 'note == "y"'],
  'has(order.nothing)': ['reference-unknown', 'nothing)'],
  'order.count + order.id': ['expression-type', 'order.count + order.id'],
  'order.id > 3': ['expression-type', 'order.id > 3'],
  'order.count == "1"': ['expression-type', 'order.count == "1"'],
  '"a" in order.id': ['expression-type', '"a" in order.id'],
  'order.count && true': ['expression-type', 'order.count && true'],
  '!order.count': ['expression-type', 'order.count'],
  '-order.id': ['expression-type', '-order.id'],
  'order.state == "opne"': ['expression-type', '"opne"'],
  'order.state in ["open", "payd"]': ['expression-type', '"payd"]'],
  'order.?note == "x"': ['expression-type', 'order.?note == "x"'],
  'order.id.orValue("x")': ['expression-type', 'order.id.orValue("x")'],
  'order.?note.orValue(1)': ['expression-type', 'order.?note.orValue(1)'],
  'order.at.getYear()': ['reference-unknown', 'order.at.getYear()'],
  'order.count.startsWith("x")': ['expression-type', 'order.count.startsWith("x")'],
  'siez(order.lines)': ['reference-unknown', 'siez(order.lines)'],
  'order.id.matches("^(a+)+$")': ['expression-syntax', 'order.id.matches("^(a+)+$")'],
  'cel.bind(x, 1, x)': ['reference-unknown', 'cel.bind(x, 1, x)'],
  'span("1h")': ['reference-unknown', 'span("1h")'],
  'bytes(order.id)': ['reference-unknown', 'bytes(order.id)'],
  'order.lines.map(x, x.skus)': ['reference-unknown', 'skus)'],
  'order.lines.filter(x, x.sku)': ['expression-type', 'order.lines.filter(x, x.sku)'],
  'order.lines.map(order, 1)': ['expression-syntax', 'order, 1)'],
  'order.id.all(x, true)': ['expression-type', 'order.id.all(x, true)'],
  'file(order.id)': ['expression-syntax', 'file(order.id)'],
  'file("knowledge/fax.md")': ['file-missing', '"knowledge/fax.md")'],
  'has(order.lines[0])': ['expression-syntax', 'has(order.lines[0])'],
  'order.paid ? order.note : ""': ['reference-unguarded', 'note : ""'],
  'order.': ['expression-syntax', ''],
  'order.id = "x"': ['expression-syntax', '= "x"'],
  'order.in': ['expression-syntax', 'in'],
  'order.id == "a" and true': ['expression-syntax', 'and true'],
}

for (const [source, [code, at]] of Object.entries(faults)) {
  test(`a fault in its place: ${source}`, () => {
    const [first] = faultsIn(source, view)
    assert.deepEqual([first?.code, source.slice(first?.start)], [code, at])
    assert.notEqual(first?.hint, '')
  })
}

const guarded: readonly string[] = [
  'has(order.note) && order.note == "x"',
  '!has(order.note) || order.note == "x"',
  '!(has(order.note) && order.paid) || order.note == "x"',
  'has(order.note) ? order.note == "x" : false',
  '!has(order.note) ? false : order.note == "x"',
  '(has(order.note) && order.paid) || (has(order.note) && !order.paid) ? order.note == "x" : true',
]

for (const source of guarded) {
  test(`asked for before it is read: ${source}`, () => {
    assert.deepEqual(faultsIn(source, view), [])
  })
}

test('a guard does not reach the other branch', () => {
  assert.equal(faultsIn('has(order.note) ? "" : order.note', view)[0]?.code, 'reference-unguarded')
})

test('suggestions name what was meant', () => {
  const hints = ['ordr.id', 'order.pric', 'order.state == "opne"', 'siez(order.lines)'].map(
    (source) => faultsIn(source, view)[0]?.hint,
  )
  assert.deepEqual(hints, [
    'did you mean order?',
    'did you mean price?',
    'did you mean "open"?',
    'did you mean size?',
  ])
})

test('what is read is known, each path as long as it is constant', () => {
  const { expression } = compiledIn(
    'order.id == un_mail.from && order.lines[0].sku == order.labels["x"]',
    view,
  )
  assert.deepEqual([...expression.reads].sort(), [
    'order.id',
    'order.labels.x',
    'order.lines',
    'un_mail.from',
  ])
})

test('the label is the join of what is read', () => {
  assert.equal(compiledIn('order.id + "x"', view).expression.trust, 'trusted')
  assert.equal(compiledIn('order.id + un_mail.from', view).expression.trust, 'untrusted')
  assert.equal(compiledIn('un_mail.from == "a" ? 1 : 2', view).expression.trust, 'untrusted')
  assert.equal(compiledIn('[un_mail].exists(x, x.from == "a")', view).expression.trust, 'untrusted')
  assert.equal(compiledIn('"constant"', view).expression.trust, 'trusted')
})
