// What a command may say: its arguments, its environment, its limits.

import { isLever } from './command-levers.ts'
import type { Command } from '../model/action.ts'
import { Failure } from '../model/error.ts'

export const commandLimits = {
  argumentsMax: 256,
  argumentBytesMax: 65_536,
  argumentsBytesMax: 524_288,
  variablesMax: 64,
  variableBytesMax: 65_536,
  stdinBytesMax: 4_194_304,
  timeoutMsMax: 3_600_000,
  outputBytesMax: 1_048_576,
} as const

/** Throws `invalid` for what cannot be run and `refused` for what may not. */
export function checkCommand(command: Command): void {
  checkArguments(command.argv)
  checkEnvironment(command.environment)
  const { stdin, timeoutMs, outputBytesMax } = command
  if (stdin !== null && Buffer.byteLength(stdin) > commandLimits.stdinBytesMax)
    throw invalid(`The standard input has at most ${commandLimits.stdinBytesMax} bytes`)
  if (!(timeoutMs >= 1 && timeoutMs <= commandLimits.timeoutMsMax))
    throw invalid(`A time limit is 1 to ${commandLimits.timeoutMsMax} ms`)
  if (!(outputBytesMax >= 0 && outputBytesMax <= commandLimits.outputBytesMax))
    throw invalid(`Output is kept up to ${commandLimits.outputBytesMax} bytes`)
}

/** Nothing of the runner's own environment: what a program needs stands here or is given by the author. */
export function environmentOf(
  { environment }: Command,
  { path, home }: { readonly path: string; readonly home: string },
): Record<string, string> {
  return { LANG: 'C.UTF-8', TZ: 'UTC', ...environment, PATH: path, HOME: home }
}

function checkArguments(argv: readonly string[]): void {
  if (argv.length === 0 || argv[0] === '') throw invalid('A command needs a program')
  if (argv.length > commandLimits.argumentsMax)
    throw invalid(`A command has at most ${commandLimits.argumentsMax} arguments`)
  const sizes = argv.map((argument) => Buffer.byteLength(argument))
  if (
    Math.max(...sizes) > commandLimits.argumentBytesMax ||
    sizes.reduce((sum, size) => sum + size, 0) > commandLimits.argumentsBytesMax
  )
    throw invalid(
      `An argument has at most ${commandLimits.argumentBytesMax} bytes, all together ${commandLimits.argumentsBytesMax}`,
    )
  if (argv.some((argument) => argument.includes('\0'))) throw invalid('An argument holds a NUL character')
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const entries = Object.entries(environment)
  if (entries.length > commandLimits.variablesMax)
    throw invalid(`At most ${commandLimits.variablesMax} values of the environment can be given`)
  for (const [name, value] of entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name))
      throw invalid(`${JSON.stringify(name)} is no name for a value of the environment`)
    if (isLever(name))
      throw new Failure('refused', `The value ${name} of the environment cannot be given`, {
        remedy: 'It changes which code a program runs. Give data under a name of your own.',
        effect: 'none',
      })
    if (value.includes('\0') || Buffer.byteLength(value) > commandLimits.variableBytesMax)
      throw invalid(`The value of ${name} is too long or holds a NUL character`)
  }
}

function invalid(message: string): Failure {
  return new Failure('invalid', message, { effect: 'none' })
}
