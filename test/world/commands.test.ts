// Programs: arguments as they stand, an environment of ours, output within bounds.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { commandLimits } from '../../runner/world/command-rules.ts'
import { outputLimits } from '../../runner/world/command-output.ts'
import { createCommands } from '../../runner/world/commands.ts'
import { machine } from './machine.ts'

const commandLines = readFileSync(
  new URL('../fixtures/injection/command-execution-unix.txt', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter(Boolean)

test('exit code and both streams are told', async (t) => {
  const { script } = machine(t)
  const { exitCode, stdout, stderr, truncated, signal } = await script(
    'console.log("out"); console.error("err"); process.exit(3)',
  )
  assert.deepEqual(
    { exitCode, stdout, stderr, truncated, signal },
    { exitCode: 3, stdout: 'out\n', stderr: 'err\n', truncated: false, signal: null },
  )
})

test('arguments arrive as they stand: no shell reads them', async (t) => {
  const { run } = machine(t)
  const given = ['', ' a  b ', '$(id)', '`id`', '; id', '*', '~', '"', "'", '\n', '--', 'ü']
  const { stdout } = await run([
    'node',
    '-e',
    'console.log(JSON.stringify(process.argv.slice(1)))',
    '--',
    ...given,
  ])
  assert.deepEqual(JSON.parse(stdout), given)
})

test('lines that try to run a command arrive as text, in arguments, environment and input', async (t) => {
  const { run, at } = machine(t)
  const lines = [...commandLines, `;touch ${at('done')}`, `$(touch ${at('done')})`, `\`touch ${at('done')}\``]
  const input = lines.join('\n')
  const source =
    'let s="";process.stdin.on("data",d=>s+=d).on("end",()=>console.log(JSON.stringify([process.argv.slice(1),process.env.DATA,s])))'
  const { stdout } = await run(['node', '-e', source, '--', ...lines], {
    environment: { DATA: input },
    stdin: input,
  })
  assert.deepEqual(JSON.parse(stdout), [lines, input, input])
  assert.equal(existsSync(at('done')), false)
})

test('nothing of the environment of the runner arrives', async (t) => {
  process.env['WATCHBILL_TEST_SECRET'] = 'secret'
  t.after(() => delete process.env['WATCHBILL_TEST_SECRET'])
  const { run } = machine(t)
  const { stdout } = await run(['env'], { environment: { ONE: '1' } })
  const names = stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/=.*/, ''))
  assert.deepEqual(new Set(names), new Set(['HOME', 'LANG', 'ONE', 'PATH', 'TZ']))
})

test('home is empty and goes with the command', async (t) => {
  const { script } = machine(t)
  const { stdout } = await script(
    'require("fs").writeFileSync(process.env.HOME+"/x","");console.log(process.env.HOME)',
  )
  assert.equal(existsSync(stdout.trim()), false)
})

for (const name of [
  'LD_PRELOAD',
  'NODE_OPTIONS',
  'PATH',
  'HOME',
  'BASH_ENV',
  'BASH_FUNC_ls',
  'GIT_SSH_COMMAND',
  'PYTHONPATH',
  'PERL5OPT',
  'IFS',
  'ld_preload',
  'MANPAGER',
  'DYLD_INSERT_LIBRARIES',
  'WATCHBILL_DATA',
  'SUDO_ASKPASS',
])
  test(`the value ${name} cannot be given`, async (t) => {
    await assert.rejects(machine(t).run(['true'], { environment: { [name]: 'x' } }), {
      kind: 'refused',
      effect: 'none',
    })
  })

for (const name of ['NODE_ENV', 'GIT_AUTHOR_NAME', 'TZ', 'LANG', 'MESSAGE'])
  test(`the value ${name} can be given`, async (t) => {
    const { stdout } = await machine(t).run(['env'], { environment: { [name]: 'given' } })
    assert.ok(stdout.split('\n').includes(`${name}=given`))
  })

for (const [what, argv, more] of [
  ['no arguments', [], {}],
  ['an empty program', [''], {}],
  ['a NUL in an argument', ['echo', 'a\0b'], {}],
  ['too many arguments', Array.from({ length: commandLimits.argumentsMax + 1 }, () => 'a'), {}],
  ['a long argument', ['echo', 'x'.repeat(commandLimits.argumentBytesMax + 1)], {}],
  [
    'long arguments together',
    Array.from({ length: 20 }, () => 'x'.repeat(commandLimits.argumentBytesMax)),
    {},
  ],
  ['a name that is none', ['true'], { environment: { 'A=B': 'x' } }],
  ['an empty name', ['true'], { environment: { '': 'x' } }],
  ['a NUL in a value', ['true'], { environment: { A: 'x\0' } }],
  ['a long value', ['true'], { environment: { A: 'x'.repeat(commandLimits.variableBytesMax + 1) } }],
  [
    'too many values',
    ['true'],
    {
      environment: Object.fromEntries(
        Array.from({ length: commandLimits.variablesMax + 1 }, (_, i) => [`A${i}`, '']),
      ) as Record<string, string>,
    },
  ],
  ['too much input', ['true'], { stdin: 'x'.repeat(commandLimits.stdinBytesMax + 1) }],
  ['no time', ['true'], { timeoutMs: 0 }],
  ['too much time', ['true'], { timeoutMs: commandLimits.timeoutMsMax + 1 }],
  ['too much output', ['true'], { outputBytesMax: commandLimits.outputBytesMax + 1 }],
  ['a program that is not there', ['no-such-program'], {}],
] as const)
  test(`a command with ${what} is invalid, and nothing happened`, async (t) => {
    await assert.rejects(machine(t).run(argv, more), { kind: 'invalid', effect: 'none' })
  })

test('a file that is no program is refused', async (t) => {
  const { run, at } = machine(t)
  writeFileSync(at('text'), 'echo hello')
  await assert.rejects(run([at('text')]), { kind: 'refused', effect: 'none' })
})

test('a command runs in the folder that it names', async (t) => {
  const { run, at } = machine(t)
  mkdirSync(at('sub'))
  assert.equal((await run(['pwd'], { cwd: 'sub' })).stdout.trim(), at('sub'))
})

for (const cwd of ['..', '/', 'data', 'none', 'link', 'file'])
  test(`a command does not run in ${cwd}`, async (t) => {
    const { run, at } = machine(t)
    symlinkSync('/', at('link'))
    writeFileSync(at('file'), '')
    await assert.rejects(run(['pwd'], { cwd }), { kind: 'refused', effect: 'none' })
  })

test('a path of programs with a relative folder is our mistake', () => {
  assert.throws(() => createCommands({ root: '/', path: '/bin:', forbidden: [], graceMs: 1 }))
})

test('standard input is closed when there is none', async (t) => {
  assert.equal((await machine(t).run(['cat'])).stdout, '')
})

test('a program that does not read its input is no failure', async (t) => {
  assert.equal((await machine(t).run(['true'], { stdin: 'x'.repeat(1_000_000) })).exitCode, 0)
})

test('output beyond the limit is dropped on each stream, and the program goes on', async (t) => {
  const { script } = machine(t)
  const answer = await script(
    'process.stdout.write("o".repeat(3e6),()=>process.stderr.write("e".repeat(3e6)))',
    { outputBytesMax: 1_000 },
  )
  assert.deepEqual(
    [answer.stdout.length, answer.stderr.length, answer.truncated, answer.exitCode],
    [1_000, 1_000, true, 0],
  )
})

test('output is cut between characters', async (t) => {
  const { stdout } = await machine(t).run(['printf', 'aü'], { outputBytesMax: 2 })
  assert.equal(stdout, 'a')
})

test('what is no text is replaced, and what no store takes', async (t) => {
  const { stdout } = await machine(t).run(['printf', '\\377\\000\\033ok'])
  assert.equal(stdout, '\uFFFD\uFFFD\uFFFDok')
})

test('lines are told as they come, long ones in parts, the last without its end', async (t) => {
  const { run, lines } = machine(t)
  await run(['printf', `one\r\n\n${'x'.repeat(outputLimits.lineBytesMax + 808)}\nlast`])
  assert.deepEqual(
    lines.map((line) => line.length),
    [3, 0, outputLimits.lineBytesMax, 808, 4],
  )
})

test('a program ended by a signal has no exit code', async (t) => {
  const { exitCode, signal } = await machine(t).script('process.kill(process.pid,"SIGSEGV")')
  assert.deepEqual([exitCode, signal], [null, 'SIGSEGV'])
})

test('nothing is left in the folder of the command', async (t) => {
  const { run, root } = machine(t)
  await run(['true'])
  assert.deepEqual(readdirSync(root), ['data'])
})
