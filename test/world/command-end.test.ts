// However a command ends, nothing that it started goes on.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { existsSync, readFileSync, watch } from 'node:fs'
import { lives, machine } from './machine.ts'

/** A program that starts another one, writes both process ids to `pids`, and waits. */
const family = (more = ''): string => `
  const { spawn } = require('child_process')
  ${more}
  const child = spawn(process.execPath, ['-e', ${JSON.stringify(`${more};setInterval(()=>{},1000)`)}], { stdio: process.env.PIPES ?? 'inherit' })
  child.once('spawn', () => setTimeout(() => {
    require('fs').writeFileSync('pids.new', process.pid + ' ' + child.pid)
    require('fs').renameSync('pids.new', 'pids')
    if (process.env.LEAVE) process.exit(0)
  }, 200))
  setInterval(() => {}, 1000)`

async function started(at: (name: string) => string): Promise<void> {
  for await (const _ of watching(at('.'))) if (existsSync(at('pids'))) return
}

async function* watching(folder: string): AsyncGenerator<void> {
  const changed = { call: () => {} }
  const watcher = watch(folder, () => changed.call())
  try {
    for (;;) {
      const next = new Promise<void>((resolve) => (changed.call = resolve))
      yield
      await next
    }
  } finally {
    watcher.close()
  }
}

function pids(at: (name: string) => string): number[] {
  return readFileSync(at('pids'), 'utf8').split(' ').map(Number)
}

async function cancelled(t: TestContext, source: string): Promise<number[]> {
  const { script, at } = machine(t)
  const stop = new AbortController()
  const running = script(source, {}, stop.signal)
  await started(at)
  stop.abort()
  await assert.rejects(running, { kind: 'cancelled' })
  return pids(at)
}

test('a cancelled command ends with everything it started', async (t) => {
  assert.deepEqual((await cancelled(t, family())).map(lives), [false, false])
})

test('a command that ignores being told to end is made to', async (t) => {
  assert.deepEqual((await cancelled(t, family("process.on('SIGTERM', () => {})"))).map(lives), [false, false])
})

test('a command that takes too long ends with everything it started', async (t) => {
  const { script, at } = machine(t)
  await assert.rejects(script(family(), { timeoutMs: 1_500 }), { kind: 'timeout' })
  assert.deepEqual(pids(at).map(lives), [false, false])
})

test('what was said before the time was over stands in the failure', async (t) => {
  const { script } = machine(t)
  await assert.rejects(script('console.log("so far");setInterval(()=>{},1000)', { timeoutMs: 700 }), {
    kind: 'timeout',
    data: { stdout: 'so far\n', stderr: '' },
  })
})

for (const [what, environment] of Object.entries({
  'holds the output open': { LEAVE: '1' },
  'has closed its output': { LEAVE: '1', PIPES: 'ignore' },
}))
  test(
    `what a command left behind and ${what} is ended, and the command has ended well`,
    { timeout: 15_000 },
    async (t) => {
      const { script, at } = machine(t)
      assert.equal((await script(family(), { environment })).exitCode, 0)
      assert.deepEqual(pids(at).map(lives), [false, false])
    },
  )

test('a command that writes without end is ended long before its time', { timeout: 30_000 }, async (t) => {
  const { run } = machine(t)
  await assert.rejects(run(['yes'], { timeoutMs: 25_000 }), { kind: 'refused' })
})

test('a command that was cancelled before it began does not begin', async (t) => {
  const { script, at } = machine(t)
  await assert.rejects(script(family(), {}, AbortSignal.abort()), { kind: 'cancelled', effect: 'none' })
  assert.equal(existsSync(at('pids')), false)
})

test('a signal that outlives many commands keeps nothing of them', async (t) => {
  const { run } = machine(t)
  const { signal } = new AbortController()
  let listening = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...given: Parameters<typeof add>) => (listening++, add(...given))
  signal.removeEventListener = (...given: Parameters<typeof remove>) => (listening--, remove(...given))
  await run(['true'], {}, signal)
  await run(['true'], {}, signal)
  assert.equal(listening, 0)
})
