// Secrets in any dress do not get through; what is no secret does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '../../runner/model/json.ts'
import { createRedactor, redactJson, redacted } from '../../runner/world/redact.ts'

const secret = 'pä$$ "w/o+rd\\ 1'
const redact = createRedactor(() => [secret])

const dresses: Readonly<Record<string, string>> = {
  'as it stands': secret,
  'inside JSON': JSON.stringify({ a: secret }),
  'inside JSON inside JSON': JSON.stringify(JSON.stringify(secret)),
  'in an address': `https://a.test/?q=${encodeURIComponent(secret)}`,
  'in an address, lower case': encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
  'in a form': encodeURIComponent(secret).replaceAll('%20', '+'),
  'as base64': Buffer.from(secret).toString('base64'),
  'as base64 for addresses': Buffer.from(secret).toString('base64url'),
  'as base64 behind a name': Buffer.from(`user:${secret}`).toString('base64'),
  'as base64 behind a longer name': Buffer.from(`user1:${secret}`).toString('base64'),
  'as base64 inside a text': Buffer.from(`user12:${secret};more`).toString('base64'),
  'as hexadecimal digits': Buffer.from(secret).toString('hex'),
}
for (const [dress, text] of Object.entries(dresses))
  test(`a secret ${dress} is hidden`, () =>
    assert.match(redact(`before ${text} after`), /^before .*\[redacted\].* after$/))

test('any secret is hidden in any text, as it stands, packed and in an address', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8, maxLength: 40, unit: 'binary' }), fc.string(), (value, around) => {
      const hide = createRedactor(() => [value])
      const bytes = Buffer.from(around + value + around)
      assert.ok(!hide(around + value + around).includes(value) || redacted.includes(value))
      if (value.isWellFormed()) assert.ok(hide(bytes.toString('base64')).includes(redacted))
      if (value.isWellFormed()) assert.ok(hide(encodeURIComponent(value)).includes(redacted))
    }),
    { numRuns: 300, seed: 7 },
  )
})

test('a key of several lines is hidden line by line too', () => {
  const key = `first-line-of-the-key-0123\nsecond-line-of-the-key-4567\nend`
  const hide = createRedactor(() => [key])
  assert.equal(hide('second-line-of-the-key-4567'), redacted)
})

test('of two secrets of which one holds the other nothing stays', () => {
  const hide = createRedactor(() => ['token-abc', 'token-abc-with-more'])
  assert.equal(hide('token-abc-with-more'), redacted)
})

test('a short value is left alone: it would tear every text apart', () => {
  assert.equal(createRedactor(() => ['a', ''])('a banana'), 'a banana')
})

test('a secret that comes later is hidden from then on', () => {
  const values: string[] = []
  const hide = createRedactor(() => values)
  assert.equal(hide('later-value'), 'later-value')
  values.push('later-value')
  assert.equal(hide('later-value'), redacted)
})

const letters = 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0'
const keys: Readonly<Record<string, string>> = {
  'of GitHub': `ghp_${letters}`,
  'of GitHub, fine-grained': `github_pat_${letters}`,
  'of Claude': `sk-ant-${letters}`,
  'of AWS': 'AKIAABCDEFGHIJKLMNOP',
  'of Slack': 'xoxb-1234567890-abcdef',
  'of Google': `AIza${letters.slice(0, 35)}`,
  'of npm': `npm_${letters.slice(0, 36)}`,
  'that is a web token': `eyJhbGciOiJIUzI1NiJ9.${letters}.${letters}`,
  'that is a private key': `-----BEGIN RSA PRIVATE KEY-----\n${letters}\n-----END RSA PRIVATE KEY-----`,
}
for (const [what, key] of Object.entries(keys))
  test(`a key ${what} is hidden although nobody named it`, () =>
    assert.equal(redact(`a "${key}" b`), `a "${redacted}" b`))

test('a private key that was cut is hidden to the end', () => {
  assert.equal(redact('a -----BEGIN PRIVATE KEY-----\nMIIB'), `a ${redacted}`)
})

test('name and password in an address are hidden, the address stays', () => {
  assert.equal(redact('postgres://me:pass@db:5432/x'), `postgres://${redacted}@db:5432/x`)
})

for (const text of [
  '',
  'github.com/a/b',
  'https://a.test:8000/b@c',
  'sk-ant',
  'eyJ.eyJ.eyJ',
  'ghp_short',
  'a '.repeat(100),
])
  test(`${JSON.stringify(text.slice(0, 30))} is no secret`, () => assert.equal(redact(text), text))

test('time is linear in the text, whatever it holds', () => {
  const hide = createRedactor(() => Array.from({ length: 30 }, (_, i) => `secret-number-${i}`))
  for (const part of [
    'eyJ',
    'eyJabcdefgh.',
    '-----BEGIN PRIVATE KEY-----',
    '://a:',
    'ghp_',
    'secret-number-',
    'a',
    '[redacted]',
  ]) {
    const startedMs = performance.now()
    hide(part.repeat(Math.ceil(1_000_000 / part.length)))
    assert.ok(performance.now() - startedMs < 5_000, part)
  }
})

test('every text of a JSON value is hidden, names too', () => {
  const value: Json = { [`the ${secret}`]: [1, null, true, { a: secret }], b: 'stays' }
  assert.deepEqual(redactJson(redact, value), {
    [`the ${redacted}`]: [1, null, true, { a: redacted }],
    b: 'stays',
  })
})

test('what nests without end is left out, not walked to the end', () => {
  let value: Json = secret
  for (let i = 0; i < 100_000; i++) value = [value]
  assert.ok(!JSON.stringify(redactJson(redact, value)).includes(secret))
})
