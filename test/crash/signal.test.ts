import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../scenario/a-process.ts'
import { holding } from './takeover.ts'

const drainMsMax = 10_000

test('SIGTERM with steps that do not end: exit 0 within ten seconds, and the next start goes on', async (t) => {
  const { site, account, holder } = await holding(t, 'pglite')
  const since = performance.now()
  assert.equal(await holder.stop(), 0)
  const tookMs = performance.now() - since
  assert.ok(tookMs < drainMsMax, `${Math.round(tookMs)} ms`)
  site.remote.hold()
  const next = await site.start()
  const { lost, doubled } = await account.close(next, (line) => t.diagnostic(line))
  assert.deepEqual([lost, doubled], [0, 0])
})

test('a second SIGTERM ends it at once, with another exit code', async (t) => {
  const { holder } = await holding(t, 'pglite')
  const ended = holder.stop()
  await eventually(async () => (holder.output().includes('SIGTERM: finishing') ? true : null), holder.output)
  const since = performance.now()
  process.kill(holder.pid, 'SIGTERM')
  assert.equal(await ended, 130)
  assert.ok(performance.now() - since < 1_000)
})
