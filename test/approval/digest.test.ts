// The digest is of everything that is approved, and of nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bind, seal } from '../../runner/approval/digest.ts'
import type { Binding } from '../../runner/model/approval.ts'
import { sha256 } from '../../runner/model/digest.ts'
import { bindingOf } from './ticket-of.ts'

const changes: Record<keyof Binding & string, Partial<Binding>> = {
  flow: { flow: 'shop2' },
  flow_version: { flow_version: 'b'.repeat(64) },
  run: { run: 'run2' },
  step: { step: 'refund2' },
  element: { element: 0 },
  round: { round: 1 },
  generation: { generation: 1 },
  action: { action: 'test.other' },
  action_version: { action_version: 2 },
  input: { input: { to: 'bob@example.com', amount: 13 } },
  connections: { connections: ['shop_api'] },
  secrets: { secrets: ['SHOP_TOKEN'] },
  undo: { undo: 'test.undo' },
  rule: { rule: 'risk[0]' },
  need: { need: 2 },
}

test('every field of the binding changes the digest', () => {
  const { actionDigest } = bind(bindingOf())
  assert.deepEqual(Object.keys(changes).sort(), Object.keys(bindingOf()).sort())
  for (const [name, change] of Object.entries(changes))
    assert.notEqual(bind(bindingOf(change)).actionDigest, actionDigest, name)
})

test('parameters that only look alike have other digests', () => {
  const inputs = [
    { n: 1 },
    { n: '1' },
    { n: [1] },
    { n: null },
    {},
    { N: 1 },
    { n: 1, m: null },
    { n: 'а' },
    { n: 'a' },
  ]
  const digests = inputs.map((input) => bind(bindingOf({ input })).actionDigest)
  assert.equal(new Set(digests).size, inputs.length)
})

test('the order in which an object was made does not matter', () => {
  const one = bind(bindingOf({ input: { a: 1, b: { c: 2, d: 3 } } }))
  const other = bind(bindingOf({ input: { b: { d: 3, c: 2 }, a: 1 } }))
  assert.deepEqual(one, other)
})

test('the digest is that of the canonical bytes', () => {
  const { text, actionDigest } = bind(bindingOf())
  assert.equal(sha256(text), actionDigest)
  assert.deepEqual(JSON.parse(text), bindingOf())
})

test('what has no JSON form cannot be bound', () => {
  assert.throws(() => bind(bindingOf({ input: { n: Number.NaN } })))
})

test('the code follows from digest, revision and nonce', () => {
  const of = { actionDigest: 'a'.repeat(64), revision: 1, nonce: '00' }
  const { code, ticketDigest } = seal(of)
  assert.match(code, /^[0-9a-f]{12}$/)
  assert.ok(ticketDigest.startsWith(code))
  const others = [
    { ...of, actionDigest: 'b'.repeat(64) },
    { ...of, revision: 2 },
    { ...of, nonce: '01' },
  ]
  for (const other of others) assert.notEqual(seal(other).code, code)
})
