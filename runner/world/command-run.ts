// One program from its start to the end of everything it started.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { collect } from './command-output.ts'
import { environmentOf } from './command-rules.ts'
import { endGroup } from './process-group.ts'
import type { Command, CommandResult } from '../model/action.ts'
import { Failure } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'

export interface Surroundings {
  readonly path: string
  readonly cwd: string
  readonly home: string
  readonly graceMs: number
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
}

/** Why a program is ended before it ends itself. */
type Stop = 'timeout' | 'cancelled' | 'flood'

/** Output is waited for this long after a program has ended: something it started may hold the pipe for ever. */
const lingerMs = 1_000

export async function supervise(command: Command, around: Surroundings): Promise<CommandResult> {
  if (around.signal.aborted)
    throw new Failure('cancelled', 'The command was cancelled before it began', { effect: 'none' })
  const startedMs = performance.now()
  const { child, pid } = await start(command, around)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const stop = stopper(command, around.signal)
  const output = collect(child, {
    ...around,
    bytesMax: command.outputBytesMax,
    onFlood: () => stop.now('flood'),
  })
  feed(child, command.stdin)
  const stopped = await Promise.race([exited, stop.asked])
  stop.done()
  if (stopped === undefined) await within(closed, lingerMs)
  await endGroup(pid, around.graceMs)
  await within(closed, lingerMs)
  child.stdout?.destroy()
  child.stderr?.destroy()
  if (stopped !== undefined) throw stoppedBy(stopped, command, output.end())
  const durationMs = Math.round(performance.now() - startedMs)
  return { exitCode: child.exitCode, signal: child.signalCode, ...output.end(), durationMs }
}

async function start(command: Command, around: Surroundings): Promise<{ child: ChildProcess; pid: number }> {
  const [program = '', ...rest] = command.argv
  try {
    const child = spawn(program, rest, {
      cwd: around.cwd,
      env: environmentOf(command, around),
      // A group of its own, so that it can be ended with everything it starts.
      detached: true,
      shell: false,
      stdio: [command.stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    await once(child, 'spawn')
    if (child.pid === undefined) throw new Error('no process id')
    return { child, pid: child.pid }
  } catch (thrown) {
    throw notStarted(thrown, program)
  }
}

function feed(child: ChildProcess, stdin: string | null): void {
  // A program that does not read its input to the end is no failure.
  child.stdin?.on('error', () => {})
  child.stdin?.end(stdin ?? '')
}

function stopper(
  { timeoutMs }: Command,
  signal: AbortSignal,
): { readonly asked: Promise<Stop>; readonly now: (why: Stop) => void; readonly done: () => void } {
  const { promise: asked, resolve: now } = Promise.withResolvers<Stop>()
  const timer = setTimeout(() => now('timeout'), timeoutMs)
  const cancel = (): void => now('cancelled')
  signal.addEventListener('abort', cancel, { once: true })
  return {
    asked,
    now,
    done: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    },
  }
}

async function within(promise: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  await Promise.race([promise, late.promise])
  clearTimeout(timer)
}

const shownCharactersMax = 2_000

function stoppedBy(
  why: Stop,
  { argv, timeoutMs }: Command,
  said: { stdout: string; stderr: string },
): Failure {
  const program = JSON.stringify(argv[0])
  const data = {
    stdout: said.stdout.slice(-shownCharactersMax),
    stderr: said.stderr.slice(-shownCharactersMax),
  }
  switch (why) {
    case 'timeout':
      return new Failure('timeout', `${program} took longer than ${timeoutMs} ms and was ended`, {
        remedy: 'Raise `timeout_seconds`, or look why it is slow.',
        data,
      })
    case 'cancelled':
      return new Failure('cancelled', `${program} was ended because the run was cancelled`, { data })
    case 'flood':
      return new Failure('refused', `${program} wrote without end and was ended`, {
        remedy: 'Let it write less, or into a file.',
        data,
      })
    default:
      return impossible(why)
  }
}

function notStarted(thrown: unknown, program: string): Failure {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const name = JSON.stringify(program)
  if (code === 'ENOENT')
    return new Failure('invalid', `There is no program ${name}`, {
      remedy: "Install it, or give its full path; it is looked for in the runner's PATH.",
      effect: 'none',
      cause: thrown,
    })
  if (code === 'EACCES' || code === 'ENOEXEC')
    return new Failure('refused', `${name} may not be run, or is no program`, {
      remedy: 'Look at its permissions and its first line.',
      effect: 'none',
      cause: thrown,
    })
  const said = thrown instanceof Error ? thrown.message : String(thrown)
  return new Failure('unavailable', `${name} could not be started: ${said}`, {
    effect: 'none',
    cause: thrown,
  })
}
