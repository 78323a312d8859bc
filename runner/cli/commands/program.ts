// The command line: one file per command, every listing with --json, every command with an example.

import { Command } from 'commander'
import { addAccept } from './accept.ts'
import { addAnswers } from './answer.ts'
import { addApprovals } from './approvals.ts'
import { addCancel } from './cancel.ts'
import { addDoctor } from './doctor.ts'
import { addFlows } from './flows.ts'
import { addLogs } from './logs.ts'
import { addMigrate } from './migrate.ts'
import { addRetry } from './retry.ts'
import { addRun } from './run.ts'
import { addRuns } from './runs.ts'
import { addShow } from './show.ts'
import { addStart } from './start.ts'
import { addStop } from './stop.ts'
import { addValidate } from './validate.ts'
import { say } from './terminal.ts'
import { Stop } from '../../model/error.ts'
import { isPassing } from '../../store/database.ts'
import { programVersion } from '../../version.ts'

export async function main(argv: readonly string[]): Promise<void> {
  quietExperimentalWarnings()
  const program = new Command('watchbill')
  program
    .description(
      'Automation you can leave alone: flows in Git, Claude decides, people approve what is risky.',
    )
    .version(programVersion)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      '\nExample:\n  watchbill start            follow this checkout and serve the page on http://localhost:8000',
    )
  for (const add of [addStart, addValidate, addRun, addFlows, addRuns, addShow, addLogs, addApprovals])
    add(program)
  for (const add of [addAnswers, addCancel, addRetry, addStop, addAccept, addDoctor, addMigrate]) add(program)
  for (const command of program.commands) command.exitOverride()
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Prints what went wrong, where and what to do; gives the exit code. Users see no stack trace. */
function report(error: unknown): number {
  if (error instanceof Stop) {
    say(`${error.message} — ${error.remedy}`)
    return error.exitCode
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')) {
    return 'exitCode' in error && error.exitCode === 0 ? 0 : 2
  }
  const message = error instanceof Error ? error.message : String(error)
  if (isPassing(error)) {
    say(
      `the database cannot be used now: ${message} — check that it runs, has room and takes writes; then try again`,
    )
    return 3
  }
  say(`${message} — this should not have happened; run again with WATCHBILL_LOG=debug and report it`)
  if (process.env['WATCHBILL_LOG'] === 'debug' && error instanceof Error) say(error.stack ?? '')
  return 3
}

/** node:sqlite holds the lock of the data folder; that it is young is not the user's concern. */
function quietExperimentalWarnings(): void {
  const [printed] = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') printed?.(warning)
  })
}
