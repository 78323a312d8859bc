// shell.run: a program of this machine, as an argument list, without a shell in between.

import type { Action, ActionContext, Repetition } from '../runner/model/action.ts'
import { Failure } from '../runner/model/error.ts'
import type { Json, JsonObject } from '../runner/model/json.ts'
import { quote } from './quote.ts'

interface Input {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string | null
  readonly cwd: string | null
  readonly timeout_seconds: number
  readonly output_bytes_max: number
  readonly ok_exit_codes: readonly number[]
  readonly repetition: Repetition
}

const defaults: Omit<Input, 'command'> = {
  env: {},
  stdin: null,
  cwd: null,
  timeout_seconds: 60,
  output_bytes_max: 65_536,
  ok_exit_codes: [0],
  repetition: 'once',
}

export const shellRun: Action = {
  name: 'shell.run',
  version: 1,
  summary: 'Runs a program of this machine with a list of arguments; no shell reads them.',
  input: {
    type: 'object',
    properties: {
      command: {
        type: 'array',
        minItems: 1,
        maxItems: 256,
        items: { type: 'string', maxLength: 32_768 },
        description: 'The program and its arguments, each an item of the list.',
      },
      env: {
        type: 'object',
        maxProperties: 64,
        additionalProperties: { type: 'string', maxLength: 32_768 },
        default: {},
        description: 'Values of the environment beside PATH, LANG, TZ and HOME. Hand data over here.',
      },
      stdin: { type: 'string', maxLength: 1_048_576, description: 'Text for the standard input.' },
      cwd: {
        type: 'string',
        minLength: 1,
        maxLength: 1_024,
        description: "Folder to run in, relative to the runner's working folder.",
      },
      timeout_seconds: {
        type: 'integer',
        minimum: 1,
        maximum: 3_600,
        default: defaults.timeout_seconds,
        description: 'After this the program and everything it started is ended.',
      },
      output_bytes_max: {
        type: 'integer',
        minimum: 0,
        maximum: 131_072,
        default: defaults.output_bytes_max,
        description: 'What comes beyond this on either stream is dropped, and `truncated` says so.',
      },
      ok_exit_codes: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        items: { type: 'integer', minimum: 0, maximum: 255 },
        default: defaults.ok_exit_codes,
        description: 'Exit codes that are not a failure.',
      },
      repetition: {
        type: 'string',
        enum: ['once', 'idempotent', 'read'],
        default: defaults.repetition,
        description: 'What running it a second time means; only its author can know.',
      },
    },
    required: ['command'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: {
      exit_code: { type: 'integer', minimum: 0, maximum: 255 },
      stdout: { type: 'string' },
      stderr: { type: 'string' },
      truncated: { type: 'boolean' },
      duration_ms: { type: 'integer', minimum: 0, maximum: 86_400_000 },
    },
    required: ['exit_code', 'stdout', 'stderr', 'truncated', 'duration_ms'],
    additionalProperties: false,
  },
  sinks: {
    command: 'command',
    env: 'command',
    stdin: 'command',
    cwd: 'path',
    timeout_seconds: 'quantity',
    output_bytes_max: 'quantity',
    ok_exit_codes: 'quantity',
    repetition: 'identifier',
  },
  repetition: (input) => read(input).repetition,
  floor: () => 'high',
  undo: { none: 'nobody but its author knows what a program changes' },
  describe: (input) => {
    const { command, cwd } = read(input)
    return `Run ${sentence(command)}${cwd === null ? '' : ` in the folder ${quote(cwd)}`}`
  },
  run: runProgram,
}

/** The ticket shows the whole list beside the sentence. */
const argumentsShownMax = 20

function sentence(command: readonly string[]): string {
  const shown = command.slice(0, argumentsShownMax).map(quote).join(' ')
  const more = command.length - argumentsShownMax
  return more > 0 ? `${shown} (and ${more} more arguments)` : shown
}

async function runProgram(given: JsonObject, context: ActionContext): Promise<Json> {
  const input = read(given)
  const result = await context.commands.run(
    {
      argv: input.command,
      environment: input.env,
      cwd: input.cwd,
      stdin: input.stdin,
      timeoutMs: input.timeout_seconds * 1_000,
      outputBytesMax: input.output_bytes_max,
    },
    context.signal,
    (line) => context.log(line),
  )
  const { exitCode, signal, stdout, stderr, truncated, durationMs } = result
  const program = quote(input.command[0] ?? '')
  if (exitCode === null)
    throw new Failure('refused', `${program} was ended by ${signal ?? 'a signal'}${lastWords(stderr)}`)
  if (!input.ok_exit_codes.includes(exitCode))
    throw new Failure('refused', `${program} ended with exit code ${exitCode}${lastWords(stderr)}`, {
      remedy: 'If this exit code is fine, name it in `ok_exit_codes`.',
      data: { exit_code: exitCode, stdout, stderr, truncated },
    })
  return { exit_code: exitCode, stdout, stderr, truncated, duration_ms: durationMs }
}

function lastWords(stderr: string): string {
  const words = stderr.trim().slice(-300)
  return words === '' ? '' : `: ${words}`
}

function read(input: JsonObject): Input {
  return { ...defaults, ...input } as unknown as Input
}
