import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '../../runner/flow/parse.ts'
import { short } from './bring.ts'

function codesOf(text: string): readonly string[] {
  return parse('a.yaml', new TextEncoder().encode(text)).problems.map((problem) => short(problem))
}

function hintOf(text: string): string {
  return parse('a.yaml', new TextEncoder().encode(text)).problems[0]?.hint ?? ''
}

const quoted: Readonly<Record<string, readonly [text: string, place: string]>> = {
  'an exclamation mark is a tag': ['when: !x', '1:7'],
  'an expression unquoted inside { }': ['a: { x: ${ event.y } }', '1:10'],
  'an expression unquoted inside [ ]': ['a: [1, ${ event.y }]', '1:9'],
  'an expression with ? : unquoted inside { }': ['{ a: ${ x ? "a" : "b" } }', '1:7'],
  'a hash after a blank cuts an expression': ['when: event.title.contains(" #1")', '1:7'],
  'a hash after a blank cuts a template': ['a: ${ event.t.contains(" #1") }', '1:4'],
  'a question with a colon': ['when: a ? b : c', '1:7'],
  'a template with a colon': ['a: ${ x ? 1 : 2 }', '1:4'],
  'a quote that ends before the expression does': ['when: "a" == b', '1:11'],
  'a list that ends before the expression does': ['when: [1, 2].exists(x, x > 1)', '1:13'],
  'a hash that reads as a number': ['commit: 12e4567', '1:9'],
  'a number with a leading zero': ['mode: 0777', '1:7'],
  'a number in another base': ['id: 0x1F', '1:5'],
  'a whole number that cannot be exact': ['id: 12345678901234567890', '1:5'],
}

for (const [name, [text, place]] of Object.entries(quoted)) {
  test(`${name}: quote it`, () => {
    assert.deepEqual(codesOf(text), [`expression-unquoted ${place}`])
    assert.match(hintOf(text), /quot/)
  })
}

test('a comma inside { } cuts an expression, and both halves are shown', () => {
  assert.deepEqual(codesOf('a: { when: f(a, b) }'), ['expression-unquoted 1:12', 'expression-unquoted 1:17'])
})

const refused: Readonly<Record<string, readonly [text: string, problem: string]>> = {
  'a glob that starts with *': ['paths: [*.md]', 'yaml-unsafe 1:9'],
  'an anchor': ['a: &x 1', 'yaml-unsafe 1:4'],
  'a tag of a type': ['a: !!int 1', 'yaml-unsafe 1:4'],
  'a merge key': ['<<: { a: 1 }', 'yaml-unsafe 1:1'],
  'a directive': ['%YAML 1.2\n---\na: 1', 'yaml-unsafe 1:1'],
  'a second document': ['a: 1\n---\nb: 1', 'yaml-unsafe 2:1'],
  'a tab as indentation': ['a:\n\tb: 1', 'yaml-syntax 2:1'],
  'a quote that is not closed': ['a: 1\nwhen: "a\nb: 1\n', 'yaml-syntax 2:7'],
  'a bracket that is not closed': ['a: [1,\nb: 2\n', 'yaml-syntax 1:4'],
  'a backslash that means nothing': ['a: "C:\\dir"', 'yaml-syntax 1:4'],
  'a login without quotes': ['owner: @ana', 'yaml-syntax 1:8'],
  'a colon inside a plain text': ['a: x: y', 'yaml-syntax 1:4'],
  'a list where a map goes on': ['- a\nb: 1', 'yaml-syntax 2:1'],
  'a key twice': ['a: 1\nb: 2\n"a": 3', 'yaml-syntax 3:1'],
  'a key twice inside { }': ['a: { b: 1, b: 2 }', 'yaml-syntax 1:12'],
  'a list as the document': ['- a', 'kind-unknown 1:1'],
  'nothing at all': ['', 'kind-unknown 1:1'],
}

for (const [name, [text, problem]] of Object.entries(refused)) {
  test(`${name} is refused in its place`, () => {
    assert.deepEqual(codesOf(text), [problem])
    assert.notEqual(hintOf(text), '')
  })
}

const fine: Readonly<Record<string, string>> = {
  'an expression in a plain text': 'a: ${ x }',
  'a quoted expression inside { }': 'a: { b: "${ f(x, y) }" }',
  'money with trailing zeros': 'a: 0.50',
  'a comment after a value': 'a: x # (why',
  'a comment after a quoted value': 'a: "x (" # why',
  'brackets inside a block text': 'a: |\n  f(x #1\n',
  'an apostrophe inside { }': "a: { b: don't }",
  'a negative number': 'a: -3',
  'words that are booleans elsewhere': 'on: yes',
}

for (const [name, text] of Object.entries(fine)) {
  test(`${name} is read as it stands`, () => {
    assert.deepEqual(codesOf(text), [])
  })
}
