import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json, JsonSchema } from '../../runner/model/json.ts'
import type { Type } from '../../runner/flow/type.ts'
import { compileExpression } from '../../runner/flow/expression.ts'
import { viewOf } from './expressions.ts'
import { emptyScope } from './bring.ts'

const shapes: Readonly<Record<string, JsonSchema>> = {
  n: { type: 'integer' },
  d: { type: 'number' },
  s: { type: 'string' },
  b: { type: 'boolean' },
  t: { type: 'string', format: 'date-time' },
  l: { type: 'array', items: { type: 'integer' } },
  w: { type: 'array', items: { type: 'string' } },
  m: { type: 'object', properties: { a: { type: 'integer' }, z: { type: 'string' } }, required: ['a'] },
}

const values = {
  n: 3,
  d: 2,
  s: 'abc',
  b: true,
  t: '2026-11-22T09:30:00Z',
  l: [1, 2, 3],
  w: ['x', 'y'],
  m: { a: 7, z: null },
} satisfies Readonly<Record<string, Json>>

const names = [
  'n',
  'd',
  's',
  'b',
  't',
  'l',
  'w',
  'm',
  'm.a',
  'm.z',
  'm.?z',
  '1',
  '2.5',
  '"x"',
  'true',
  '[]',
  '[1]',
  '["x"]',
  'l[0]',
  '{"k": 1}',
]

/** Expressions of any shape, most of them wrong. */
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const part = tie('expression')
  const two = fc.tuple(part, part)
  return {
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(...names),
      fc
        .tuple(two, fc.constantFrom('+', '-', '*', '/', '%', '==', '!=', '<', '>=', '&&', '||', 'in'))
        .map(([[a, b], operator]) => `(${a} ${operator} ${b})`),
      fc.tuple(part, two).map(([a, [b, c]]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(fc.constantFrom('!', '-'), part).map(([operator, a]) => `${operator}(${a})`),
      fc
        .tuple(fc.constantFrom('size', 'text', 'sum', 'round', 'int', 'string', 'double'), part)
        .map(([name, a]) => `${name}(${a})`),
      fc
        .tuple(part, fc.constantFrom('startsWith', 'contains'), part)
        .map(([a, name, b]) => `(${a}).${name}(${b})`),
      fc
        .tuple(
          part,
          fc.constantFrom('filter', 'map', 'all', 'exists'),
          fc.constantFrom('x', 'x > 1', 'x == "x"', 'x + 1'),
        )
        .map(([a, name, b]) => `(${a}).${name}(x, ${b})`),
      fc.tuple(part, part).map(([a, b]) => `(${a}).orValue(${b})`),
    ),
  }
})

/** Failures that the types cannot foresee: they depend on the values. */
const byValue =
  /division by zero|modulo by zero|overflow|out of bounds|cannot convert|too large to be exact|is not a number|conversion error|is longer than|no such key/i

function isOf(value: Json, type: Type): boolean {
  switch (type.is) {
    case 'bool':
      return typeof value === 'boolean'
    case 'int':
      return Number.isInteger(value)
    case 'double':
      return typeof value === 'number'
    case 'text':
    case 'time':
    case 'duration':
      return typeof value === 'string'
    case 'list':
      return Array.isArray(value) && value.every((item: Json) => isOf(item, type.of))
    case 'map':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return true
  }
}

test('what is inferred is what comes out, and what passes the check does not fail by its types', () => {
  const view = viewOf(shapes)
  const place = { file: 'demo.yaml', line: 1, column: 1 }
  let evaluated = 0
  fc.assert(
    fc.property(expression, (source) => {
      const result = compileExpression({ source, place, files: new Map() }, view)
      if ('faults' in result || result.compiled.type.is === 'maybe') return
      evaluated += 1
      try {
        const value = result.compiled.expression.evaluate({ ...emptyScope, ...values })
        assert.ok(
          isOf(value, result.compiled.type),
          `${source} gave ${JSON.stringify(value)} for ${result.compiled.type.is}`,
        )
      } catch (thrown) {
        const message = String(thrown)
        // An empty list and a choice between two kinds have parts of unknown type.
        if (/\? |\[\]/.test(source) || result.compiled.type.is === 'any' || byValue.test(message)) return
        throw thrown
      }
    }),
    { numRuns: 4_000, seed: 20261122 },
  )
  assert.ok(evaluated > 300, `${evaluated} of them were right`)
})
