// shell.run with real programs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../runner/model/json.ts'
import { actionNamed, surroundings } from './surroundings.ts'

const shell = actionNamed('shell.run')

test('exit code, both streams and time are given, and lines go to the log as they come', async (t) => {
  const { run, lines } = surroundings(t)
  const output = (await run('shell.run', {
    command: ['node', '-e', 'console.log(process.env.WHO);console.error("e")'],
    env: { WHO: 'me' },
  })) as JsonObject
  const { duration_ms: took, ...rest } = output
  assert.deepEqual(rest, { exit_code: 0, stdout: 'me\n', stderr: 'e\n', truncated: false })
  assert.equal(typeof took, 'number')
  assert.deepEqual(lines.toSorted(), ['e', 'me'])
})

test('another exit code is refused with the last words, and they are kept', async (t) => {
  const { run } = surroundings(t)
  await assert.rejects(
    run('shell.run', { command: ['node', '-e', 'console.error("why");process.exit(3)'] }),
    {
      kind: 'refused',
      message: '"node" ended with exit code 3: why',
      data: { exit_code: 3, stdout: '', stderr: 'why\n', truncated: false },
    },
  )
})

test('an exit code that is fine is no failure', async (t) => {
  const { run } = surroundings(t)
  const output = (await run('shell.run', {
    command: ['node', '-e', 'process.exit(3)'],
    ok_exit_codes: [0, 3],
  })) as JsonObject
  assert.equal(output['exit_code'], 3)
})

test('a program ended by a signal is refused', async (t) => {
  const { run } = surroundings(t)
  await assert.rejects(
    run('shell.run', {
      command: ['node', '-e', 'process.kill(process.pid,"SIGTERM")'],
      ok_exit_codes: [0, 143],
    }),
    { kind: 'refused' },
  )
})

test('a program that takes too long is a time-out', async (t) => {
  const { run } = surroundings(t)
  await assert.rejects(run('shell.run', { command: ['sleep', '60'], timeout_seconds: 1 }), {
    kind: 'timeout',
  })
})

test('it is always high, and happens once unless its author knows better', () => {
  assert.equal(shell.floor({ command: ['true'] }), 'high')
  assert.equal(shell.repetition({ command: ['true'] }), 'once')
  assert.equal(shell.repetition({ command: ['true'], repetition: 'read' }), 'read')
})

test('a long command is described in part, and says how much there is', () => {
  const sentence = shell.describe({
    command: ['echo', ...Array.from({ length: 200 }, () => 'x'.repeat(500))],
    cwd: 'sub',
  })
  assert.match(sentence, /^Run "echo" .*\(and 181 more arguments\) in the folder "sub"$/)
})
