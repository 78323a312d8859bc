// Programs of this machine: an argument list and no shell, an environment of ours, an end for everything they start.

import { mkdtemp, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { checkCommand } from './command-rules.ts'
import { supervise } from './command-run.ts'
import { within } from './folder-rules.ts'
import { createTurns } from './turns.ts'
import type { Command, CommandResult, Commands } from '../model/action.ts'
import { Failure } from '../model/error.ts'

export interface CommandRules {
  /** Folder that commands run in unless they name one below it; absolute. */
  readonly root: string
  /** Folders where programs are looked for, as in PATH; absolute ones only. */
  readonly path: string
  /** Folders that no command begins in, absolute: the data folder above all. */
  readonly forbidden: readonly string[]
  /** How long a program may take to end by itself after it was told to. */
  readonly graceMs: number
}

/** A runner holds hundreds of runs at once; a machine does not bear hundreds of programs. */
const commandsAtOnceMax = 32

export function createCommands(rules: CommandRules): Commands {
  if (rules.path.split(':').some((folder) => !folder.startsWith('/')))
    throw new Error('the path of programs has a folder that is not absolute')
  const turns = createTurns(commandsAtOnceMax)
  return {
    run: async (command, signal, onLine) => {
      checkCommand(command)
      let begun = false
      const begin = (): Promise<CommandResult> => {
        begun = true
        return start(rules, { command, signal, onLine })
      }
      return turns.take(begin, signal).catch((error: unknown) => {
        throw begun ? error : notBegun(error)
      })
    },
  }
}

/** Stopped while it waited for its turn: certainly nothing happened. */
function notBegun(cause: unknown): Failure {
  return new Failure('cancelled', 'stopped before the program was started', { effect: 'none', cause })
}

interface Start {
  readonly command: Command
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
}

async function start(rules: CommandRules, { command, signal, onLine }: Start): Promise<CommandResult> {
  const cwd = await folderOf(rules, command.cwd ?? '.')
  // A home of its own: what programs leave there goes with them, and nobody's keys are found there.
  const home = await mkdtemp(join(tmpdir(), 'watchbill-home-'))
  try {
    return await supervise(command, { ...rules, cwd, home, signal, onLine })
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 2 }).catch(() => {})
  }
}

async function folderOf({ root, forbidden }: CommandRules, folder: string): Promise<string> {
  const refused = (why: string): Failure =>
    new Failure('refused', `The folder ${JSON.stringify(folder)} ${why}`, {
      remedy: "Name a folder inside the runner's working folder.",
      effect: 'none',
    })
  const real = await realpath(resolve(root, folder)).catch(() => null)
  if (real === null || !(await stat(real)).isDirectory()) throw refused('is not there')
  if (!within(await realpath(root), real)) throw refused('lies outside')
  for (const closed of forbidden)
    if (within(await realpath(closed).catch(() => closed), real))
      throw refused('belongs to the runner itself')
  return real
}
