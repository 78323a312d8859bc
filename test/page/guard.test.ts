import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Stop } from '../../runner/model/error.ts'
import { type Asked, makeGuard } from '../../runner/status/guard.ts'

const token = 'correct-horse-battery'
const nobody: Asked = {
  host: 'localhost:8000',
  authorization: undefined,
  cookie: undefined,
  token: undefined,
}
const local = { host: '127.0.0.1', port: 8000, token: null, publicUrl: null }

test('on loopback local names get in', () => {
  const guard = makeGuard(local)
  for (const host of ['localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'LOCALHOST'])
    assert.equal(guard({ ...nobody, host }).is, 'in')
})

test('on loopback a name that only points here stays out', () => {
  const guard = makeGuard(local)
  for (const host of [
    'evil.example:8000',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '0.0.0.0:8000',
    undefined,
  ])
    assert.deepEqual(guard({ ...nobody, host }), { is: 'out', why: 'host' })
})

test('elsewhere it does not start without a token', () => {
  for (const host of ['0.0.0.0', '::', '10.0.0.4']) assert.throws(() => makeGuard({ ...local, host }), Stop)
})

test('with a token nobody gets in without it, loopback or not', () => {
  for (const host of ['127.0.0.1', '0.0.0.0'])
    assert.deepEqual(makeGuard({ ...local, host, token })(nobody), { is: 'out', why: 'token' })
})

test('the token in the address becomes a cookie that scripts cannot read', () => {
  const admission = makeGuard({ ...local, token, publicUrl: 'https://watch.example' })({ ...nobody, token })
  assert.equal(admission.is, 'welcome')
  const cookie = admission.is === 'welcome' ? admission.cookie : ''
  assert.match(cookie, /; HttpOnly; SameSite=Lax; Secure$/)
  assert.ok(!cookie.includes(token), 'the cookie is not the token')
})

test('the cookie gets in, and only the right one', () => {
  const guard = makeGuard({ ...local, token })
  const admission = guard({ ...nobody, token })
  const cookie = admission.is === 'welcome' ? (admission.cookie.split(';')[0] ?? '') : ''
  assert.equal(guard({ ...nobody, cookie: `other=1; ${cookie}` }).is, 'in')
  assert.equal(guard({ ...nobody, cookie: `${cookie}0` }).is, 'out')
  assert.equal(guard({ ...nobody, cookie: `watchbill=${token}` }).is, 'out')
})

test('a bearer token gets in, and only the right one', () => {
  const guard = makeGuard({ ...local, token })
  assert.equal(guard({ ...nobody, authorization: `Bearer ${token}` }).is, 'in')
  for (const authorization of [`Bearer ${token}x`, token, `Basic ${token}`, 'Bearer '])
    assert.equal(guard({ ...nobody, authorization }).is, 'out')
})

test('the public name is answered only where a token protects it', () => {
  const host = 'watch.example'
  assert.equal(makeGuard({ ...local, publicUrl: 'https://watch.example' })({ ...nobody, host }).is, 'out')
  const guard = makeGuard({ ...local, token, publicUrl: 'https://watch.example' })
  assert.equal(guard({ ...nobody, host, authorization: `Bearer ${token}` }).is, 'in')
})
