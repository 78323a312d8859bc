import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemsShownMax } from '../../runner/flow/compile.ts'
import { fileBytesMax } from '../../runner/flow/decode.ts'
import { parse } from '../../runner/flow/parse.ts'
import { nestingMax, tokensMax } from '../../runner/flow/scan.ts'
import { head, load, short } from './bring.ts'

const encoder = new TextEncoder()

/** As often as fits below the size limit. */
function filled(part: string, around: readonly [before: string, after: string] = ['', '']): string {
  const [before, after] = around
  return before + part.repeat(Math.floor((fileBytesMax - before.length - after.length) / part.length)) + after
}

const texts: Readonly<Record<string, string>> = {
  'open brackets': filled('['),
  'open maps': filled('{a: '),
  'nested maps and lists': filled('[{'),
  'closing brackets': filled(']'),
  commas: filled(',', ['{', '}']),
  'lists in one line': filled('- '),
  'complex keys': filled('? '),
  'keys in one line': filled('a: '),
  'empty values': filled('a:\n'),
  'empty entries': filled('-\n'),
  'different keys': Array.from({ length: 30_000 }, (_, index) => `k${index}: 1`)
    .join('\n')
    .slice(0, fileBytesMax),
  'different keys in a flow map': `{${Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join(', ')}}`,
  'as many keys as tokens allow': Array.from({ length: 7_000 }, (_, index) => `k${index}: 1`).join('\n'),
  'a step at a time': Array.from({ length: 500 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'),
  'dashes at a step': Array.from({ length: 500 }, (_, index) => `${' '.repeat(index)}-`).join('\n'),
  quotes: filled('" '),
  apostrophes: filled("' "),
  'wrong escapes': filled('\\z', ['a: "', '"']),
  escapes: filled('\\u0041', ['a: "', '"']),
  'a folded quote': filled('\n x', ['a: "', '"']),
  'block scalars': filled('- |\n'),
  'a folded block': filled('  x\n\n', ['a: >\n', '']),
  'a folded block of two indentations': filled('   x\n  y\n', ['a: >\n', '']),
  'a plain text of many lines': filled('  c\n', ['a: b\n', '']),
  anchors: filled('&a '),
  tags: filled('!a '),
  aliases: filled('- *a\n'),
  documents: filled('---\n'),
  'document ends': filled('...\n'),
  directives: filled('%TAG ! tag:x,2000:\n'),
  'merge keys': filled('<<: {a: 1}\n'),
  comments: filled('#\n'),
  'blank lines': filled('\n'),
  blanks: filled(' ', ['a:', '']),
  tabs: filled('\t'),
  returns: filled('\r'),
  digits: filled('1', ['a: ', '']),
  'texts after texts': filled('a: "x" y\n'),
  expressions: filled('- "${ 1 }"\n'),
  'unclosed expressions': filled('- "${ { "\n'),
}

for (const [name, text] of Object.entries(texts)) {
  test(`hostile: ${name}: an answer within a second`, () => {
    const before = process.cpuUsage()
    const revision = load({ 'demo.yaml': text })
    const { user, system } = process.cpuUsage(before)
    assert.ok((user + system) / 1_000 < 1_000)
    assert.deepEqual(revision.broken, ['demo.yaml'])
  })
}

test('hostile: more unknown keys than anybody could mend: an answer within a second', () => {
  const keys = Array.from({ length: 6_000 }, (_, index) => `k${index}: 1`)
  const before = process.cpuUsage()
  const { problems } = load({ 'demo.yaml': `${head}steps: []\n${keys.join('\n')}\n` })
  const { user, system } = process.cpuUsage(before)
  assert.ok((user + system) / 1_000 < 1_000)
  assert.ok(problems.length <= problemsShownMax)
})

test('hostile: more broken expressions than anybody could mend: an answer within a second', () => {
  const items = Array.from({ length: 6_000 }, (_, index) => `- "\${ stepz.a${index} }"`)
  const before = process.cpuUsage()
  const { problems } = load({
    'demo.yaml': `${head}steps:\n- id: a\n  uses: log.record\n  with:\n   message: x\n   fields:\n    a:\n${items.map((item) => `     ${item}`).join('\n')}\n`,
  })
  const { user, system } = process.cpuUsage(before)
  assert.ok((user + system) / 1_000 < 1_000)
  assert.equal(problems.length, problemsShownMax)
})

function codesOf(text: string): readonly string[] {
  return parse('a.yaml', encoder.encode(text)).problems.map((problem) => short(problem))
}

test('a file of the largest size is read, one byte more is not', () => {
  const fits = filled('x', ['a: ', ''])
  assert.deepEqual(codesOf(fits), [])
  assert.deepEqual(codesOf(`${fits}x`), ['file-too-large 1:1'])
})

test('nesting up to the limit is read, one level more is not', () => {
  const nested = (levels: number): string => `a: ${'['.repeat(levels)}${']'.repeat(levels)}`
  assert.deepEqual(codesOf(nested(nestingMax)), [])
  assert.deepEqual(codesOf(nested(nestingMax + 1)), [`yaml-too-complex 1:${4 + nestingMax}`])
})

test('nesting by indentation counts like nesting by brackets', () => {
  const lines = Array.from({ length: nestingMax + 2 }, (_, index) => `${' '.repeat(index)}a:`)
  assert.equal(codesOf(lines.join('\n'))[0]?.split(' ')[0], 'yaml-too-complex')
})

test('more parts than the limit are not read', () => {
  const lines = (count: number): string => 'a:\n' + '- 1\n'.repeat(count)
  assert.deepEqual(codesOf(lines(Math.floor(tokensMax / 5) - 10)), [])
  assert.equal(codesOf(lines(Math.ceil(tokensMax / 4)))[0]?.split(' ')[0], 'yaml-too-complex')
})

test('what is not UTF-8 is refused', () => {
  const { problems } = parse('a.yaml', new Uint8Array([0x61, 0x3a, 0x20, 0xc0, 0xaf]))
  assert.deepEqual(
    problems.map((problem) => short(problem)),
    ['encoding 1:1'],
  )
})

test('control characters are refused where they stand', () => {
  assert.deepEqual(codesOf('a: b\nc: d\u0007\n'), ['encoding 2:5'])
})

test('escapes that cannot be stored are refused where they stand', () => {
  assert.deepEqual(codesOf('a: "\\0"\nb: "\\uD800"\n"\\0": c\n'), [
    'encoding 1:4',
    'encoding 2:4',
    'encoding 3:1',
  ])
})

test('characters that turn or hide text are refused, in comments too', () => {
  assert.deepEqual(codesOf('a: b # \u202e\n'), ['hidden-characters 1:8'])
  assert.deepEqual(codesOf('a: b\u200b\n'), ['hidden-characters 1:5'])
  assert.deepEqual(codesOf('a: b\u200dc\n'), ['hidden-characters 1:5'])
})

test('joiners inside an emoji or a script that needs them are fine', () => {
  assert.deepEqual(codesOf('a: 👩‍💻\nb: می‌خواهم\n'), [])
})

test('keys that reach into objects of JavaScript are refused', () => {
  assert.deepEqual(codesOf('a:\n  constructor: 1\n__proto__: 2\n'), ['yaml-unsafe 2:3', 'yaml-unsafe 3:1'])
})
