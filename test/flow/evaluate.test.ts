import assert from 'node:assert/strict'
import { test } from 'node:test'
import { astNodesMax, depthMax } from '../../runner/flow/cel.ts'
import { listItemsMax, readCharactersMax, resultCharactersMax, valuesMax } from '../../runner/flow/convert.ts'
import { sourceCharactersMax } from '../../runner/flow/expression.ts'
import { Failure } from '../../runner/model/error.ts'
import type { Json } from '../../runner/model/json.ts'
import { faultsIn, valueOf, viewOf } from './expressions.ts'

const gives: Readonly<
  Record<string, readonly [source: string, values: Readonly<Record<string, Json>>, result: Json]>
> = {
  'whole numbers stay numbers outside': ['a + 1', { a: 2 }, 3],
  'numbers mix': ['a + 0.5', { a: 2 }, 2.5],
  'numbers of two kinds compare': ['a == 2.0 && 2.5 > a', { a: 2 }, true],
  'large whole numbers are exact': ['a + 1', { a: 9007199254740990 }, 9007199254740991],
  'a list keeps its order': ['[a, "x", true]', { a: 1.5 }, [1.5, 'x', true]],
  'a map comes back as JSON': ['{"n": a, "m": {"x": null}}', { a: 1 }, { n: 1, m: { x: null } }],
  'a map of the data comes back': ['a.b', { a: { b: { c: [1, { d: 'e' }] } } }, { c: [1, { d: 'e' }] }],
  'a key with a hyphen is read with brackets': ['a["content-type"]', { a: { 'content-type': 'x' } }, 'x'],
  'a key of the objects of JavaScript is only a key': [
    'has(a.constructor) || has(a.toString)',
    { a: {} },
    false,
  ],
  'data may have such a key': ['a.constructor.b', { a: { constructor: { b: 1 } } }, 1],
  'an optional that is there': ['a.?b.orValue(0)', { a: { b: 4 } }, 4],
  'an optional that is not there': ['a.?b.c.orValue("none")', { a: {} }, 'none'],
  'has on a name that is there': ['has(a.b)', { a: { b: null } }, true],
  'in a list': ['"x" in a', { a: ['y', 'x'] }, true],
  'a loop filters and maps': [
    'a.filter(x, x.n > 1).map(x, x.n * 2)',
    { a: [{ n: 1 }, { n: 2 }, { n: 3.5 }] },
    [4, 7],
  ],
  'a loop over the keys of a map': ['a.exists(key, key == "b")', { a: { b: 1 } }, true],
  'a short circuit hides an error': ['a == 1 || a.b.c == 2', { a: 1 }, true],
  'sum of whole numbers': ['sum(a)', { a: [1, 2, 3] }, 6],
  'sum of mixed numbers': ['sum(a)', { a: [1, 2.5] }, 3.5],
  'sum of nothing': ['sum([])', {}, 0],
  avg: ['avg(a)', { a: [1, 2] }, 1.5],
  round: ['round(a)', { a: 2.5 }, 3],
  'round to digits': ['round(a, 2)', { a: 2.345678 }, 2.35],
  join: ['join(a, ", ")', { a: ['x', 1, true] }, 'x, 1, true'],
  'join as a method': ['a.split(" ").join("-")', { a: 'x y' }, 'x-y'],
  replace: ['replace(a, "b", "$&c")', { a: 'abab' }, 'a$&ca$&c'],
  'replace as a method': ['a.replace("b", "c")', { a: 'abab' }, 'acac'],
  'replace of nothing changes nothing': ['replace(a, "", "x")', { a: 'ab' }, 'ab'],
  json: ['json(a).n + 1', { a: '{"n": 41}' }, 42],
  'text of a number': ['text(a) + "!"', { a: 3 }, '3!'],
  'text of a list is JSON': ['text(a)', { a: [1, 'x'] }, '[1,"x"]'],
  'a file of the commit': ['file("knowledge/faq.md")', {}, 'We open at nine.'],
  'a time span with days': [
    'timestamp("2026-11-22T00:00:00Z") + duration("7d") == timestamp("2026-11-29T00:00:00Z")',
    {},
    true,
  ],
  'a time span of several units': ['duration("1h30m") == duration("90m")', {}, true],
  'a time comes back as RFC 3339': ['timestamp("2026-11-22T09:30:00+09:00")', {}, '2026-11-22T00:30:00.000Z'],
  'a time span comes back in seconds': ['duration("1h")', {}, '3600s'],
  'the parts of a date in a zone': [
    'date(timestamp("2026-11-22T20:30:00Z"), "Asia/Seoul")',
    {},
    { year: 2026, month: 11, day: 23, weekday: 'Monday', text: '2026-11-23' },
  ],
}

for (const [name, [source, values, result]] of Object.entries(gives)) {
  test(`evaluate: ${name}`, () => {
    assert.deepEqual(valueOf(source, values), result)
  })
}

test('a number by its schema is never divided like a whole number', () => {
  assert.equal(valueOf('a / 2', { a: 3 }, { a: { type: 'number' } }), 1.5)
})

test('a whole number by its schema is divided like one', () => {
  assert.equal(valueOf('a / 2', { a: 3 }, { a: { type: 'integer' } }), 1)
})

test('a text that its schema calls a time is a time', () => {
  const shape = { type: 'string', format: 'date-time' }
  assert.equal(valueOf('a.getFullYear()', { a: '2026-11-22T09:30:00Z' }, { a: shape }), 2026)
})

test('an optional field that is null counts as absent', () => {
  const shape = { type: 'object', properties: { b: { type: 'string' } } }
  assert.equal(valueOf('has(a.b)', { a: { b: null } }, { a: shape }), false)
})

const fails: Readonly<Record<string, readonly [source: string, values: Readonly<Record<string, Json>>]>> = {
  'a name that is not there': ['a.b', { a: {} }],
  'types that do not go together': ['a + 1', { a: 'x' }],
  'an absent optional as the result': ['a.?b', { a: {} }],
  'a division by zero': ['1 / a', { a: 0 }],
  'a number beyond all numbers': ['1.0 / a', { a: 0.0 }],
  'a whole number that is not exact outside': ['a * a', { a: 4_000_000_000 }],
  'text that is not JSON': ['json(a)', { a: '{' }],
  'a zone that does not exist': ['date(timestamp("2026-11-22T20:30:00Z"), a)', { a: 'Mars/Olympus' }],
  'a time span that is none': ['duration(a)', { a: 'soon' }],
  'the average of nothing': ['avg(a)', { a: [] }],
}
for (const [name, [source, values]] of Object.entries(fails)) {
  test(`evaluate fails with place and source: ${name}`, () => {
    assert.throws(
      () => valueOf(source, values),
      (thrown) =>
        thrown instanceof Failure &&
        thrown.kind === 'invalid' &&
        thrown.message.startsWith(`demo.yaml:7:5: ${source}: `),
    )
  })
}

function failsFast(source: string, values: Readonly<Record<string, Json>>): void {
  const before = process.cpuUsage()
  assert.throws(
    () => valueOf(source, values),
    (thrown) => thrown instanceof Failure && thrown.kind === 'invalid',
  )
  const { user, system } = process.cpuUsage(before)
  assert.ok((user + system) / 1_000 < 2_000)
}

test('loops inside loops end', () => {
  const a = Array.from({ length: 5_000 }, (_, index) => index)
  failsFast('a.map(x, a.map(y, a.exists(z, x + y + z < 0)))', { a })
})

test('loops that look through a long text end', () => {
  const a = Array.from({ length: 10_000 }, () => 'y')
  failsFast('a.filter(x, a.exists(z, b.contains(x + z)))', { a, b: 'x'.repeat(1_000_000) })
})

test('a list longer than the limit is not taken in', () => {
  failsFast('a.size()', { a: Array.from({ length: listItemsMax + 1 }, () => 0) })
  assert.equal(valueOf('a.size()', { a: Array.from({ length: listItemsMax }, () => 0) }), listItemsMax)
})

test('a result longer than the limit is not given back', () => {
  failsFast('a + a', { a: 'x'.repeat(resultCharactersMax / 2 + 1) })
  assert.equal(valueOf('(a + a).size()', { a: 'x'.repeat(resultCharactersMax / 2) }), resultCharactersMax)
})

test('more characters than the limit are not taken in', () => {
  const half = 'x'.repeat(readCharactersMax / 2)
  assert.equal(valueOf('a.size() + b.size()', { a: half, b: half.slice(1) }), readCharactersMax - 1)
  failsFast('a.size() + b.size()', { a: half, b: `${half}x` })
})

test('more values than the limit are not taken in', () => {
  const row = Array.from({ length: listItemsMax - 1 }, () => 0)
  const rows = Math.floor(valuesMax / listItemsMax)
  assert.equal(valueOf('a.size()', { a: Array.from({ length: rows - 1 }, () => row) }), rows - 1)
  failsFast('a.size()', { a: Array.from({ length: rows + 1 }, () => row) })
})

test('a text is not blown up by replacing', () => {
  failsFast('replace(a, "x", a).size()', { a: 'x'.repeat(10_000) })
})

test('an expression longer than the limit is not compiled', () => {
  const source = `"${'x'.repeat(sourceCharactersMax)}" == ""`
  assert.deepEqual(
    faultsIn(source, viewOf({})).map((fault) => fault.code),
    ['expression-syntax'],
  )
})

test('an expression of more parts than the limit is not compiled', () => {
  const source = Array.from({ length: astNodesMax }, () => '1').join('+')
  assert.deepEqual(
    faultsIn(source, viewOf({})).map((fault) => fault.code),
    ['expression-syntax'],
  )
})

test('an expression nested deeper than the limit is not compiled', () => {
  const source = `${'['.repeat(depthMax + 1)}${']'.repeat(depthMax + 1)}`
  assert.deepEqual(
    faultsIn(source, viewOf({})).map((fault) => fault.code),
    ['expression-syntax'],
  )
})

test('only what an expression reads is converted', () => {
  const huge = { b: 1, rest: Array.from({ length: listItemsMax + 1 }, () => 0) }
  assert.equal(valueOf('a.b', { a: huge }), 1)
})
