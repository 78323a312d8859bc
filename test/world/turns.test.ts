import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTurns } from '../../runner/world/turns.ts'

/** Work that ends when the test says so. */
function gate(): { readonly work: () => Promise<string>; readonly open: () => void; begun: number } {
  const ended = Promise.withResolvers<string>()
  const it = {
    begun: 0,
    work: () => {
      it.begun += 1
      return ended.promise
    },
    open: () => ended.resolve('done'),
  }
  return it
}

test('at most so many work at once, and who waits longest is next', async () => {
  const turns = createTurns(2)
  const gates = [gate(), gate(), gate(), gate()]
  const taken = gates.map((one) => turns.take(one.work))
  await Promise.resolve()
  assert.deepEqual(
    gates.map((one) => one.begun),
    [1, 1, 0, 0],
  )
  gates[1]?.open()
  await taken[1]
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(
    gates.map((one) => one.begun),
    [1, 1, 1, 0],
  )
  for (const one of gates) one.open()
  assert.deepEqual(await Promise.all(taken), ['done', 'done', 'done', 'done'])
})

test('work that fails gives its turn to the next', async () => {
  const turns = createTurns(1)
  const failing = turns.take(() => Promise.reject(new Error('no')))
  const next = turns.take(async () => 'done')
  await assert.rejects(failing, /no/)
  assert.equal(await next, 'done')
})

test('who is told to stop while it waits never begins, and takes nobody’s turn', async () => {
  const turns = createTurns(1)
  const first = gate()
  const taken = turns.take(first.work)
  const stopping = new AbortController()
  const second = gate()
  const stopped = turns.take(second.work, stopping.signal)
  const third = turns.take(async () => 'third')
  stopping.abort(new Error('stopped'))
  await assert.rejects(stopped, /stopped/)
  first.open()
  await taken
  assert.equal(await third, 'third')
  assert.equal(second.begun, 0)
})
