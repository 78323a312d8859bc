import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse } from '../../runner/flow/parse.ts'
import { load } from './bring.ts'

interface Case {
  readonly file: string
  readonly expect: string
  readonly why: string
}

const fixtures = join(import.meta.dirname, '../fixtures/yaml')
const folder = mkdtempSync(join(tmpdir(), 'watchbill-yaml-'))
after(() => rmSync(folder, { recursive: true, force: true }))
execFileSync('tar', ['xzf', join(fixtures, 'hostile.tar.gz'), '-C', folder])
const index = JSON.parse(readFileSync(join(fixtures, 'hostile-index.json'), 'utf8')) as {
  cases: readonly Case[]
}

/** `reject`: the parser itself refuses, with a code and a place. What it accepts is not a flow, so loading refuses. */
const parserRefuses = new Set([
  'reject',
  'reject-no-pollution',
  'reject-clear-message',
  'reject-size',
  'reject-fast',
  'warn-or-reject',
  'reject-or-string',
  'reject-or-both',
])
/** Refused not by the parser but by the schema: the number, the names, the pattern that no word takes. */
const schemaRefuses = new Set(['cron-number.yaml'])

for (const { file, expect, why } of index.cases) {
  test(`${file} (${why}): ${expect}`, () => {
    const bytes = readFileSync(join(folder, file))
    const before = process.cpuUsage()
    const { parsed, problems } = parse(file, bytes)
    const revision = load({ [file]: bytes })
    const { user, system } = process.cpuUsage(before)
    assert.ok((user + system) / 1_000 < 1_000, 'within a second')
    assert.deepEqual(revision.broken, [file])
    assert.ok(revision.problems.every((problem) => problem.place.line >= 1 && problem.hint !== undefined))
    if (parserRefuses.has(expect) && !schemaRefuses.has(file))
      assert.ok(parsed === null && problems.length > 0)
    assert.equal(Object.getPrototypeOf({}), Object.prototype)
    assert.equal('isAdmin' in {} || 'polluted' in {}, false)
  })
}

test('words that YAML 1.1 took for booleans and numbers stay texts', () => {
  const text = readFileSync(join(folder, 'norway.yaml'), 'utf8').replace('oct: 0777\n', '')
  const { parsed } = parse('norway.yaml', new TextEncoder().encode(text))
  assert.deepEqual(parsed?.root, {
    country: 'NO',
    enabled: 'yes',
    off_switch: 'off',
    ver: 1.1,
    port: '22:22',
  })
})

test('a number with a leading zero is refused instead of silently changed', () => {
  const { problems } = parse('norway.yaml', readFileSync(join(folder, 'norway.yaml')))
  assert.deepEqual(
    problems.map(({ code, place }) => [code, place.line, place.column]),
    [['expression-unquoted', 6, 6]],
  )
})

test('a byte order mark is not part of the document', () => {
  const { parsed } = parse('bom-utf8.yaml', readFileSync(join(folder, 'bom-utf8.yaml')))
  assert.equal(parsed?.root['name'], 'demo')
})

test('line separators inside a text are kept as they are', () => {
  const { parsed } = parse('nel-ls-ps.yaml', readFileSync(join(folder, 'nel-ls-ps.yaml')))
  assert.equal(parsed?.root['name'], 'a\u0085b\u2028c\u2029d')
})

test('every case of the index is in the archive', () => {
  assert.equal(index.cases.length, 30)
})
