import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { account, connect, type Session } from './connect.ts'
import { showRun } from './show.ts'
import { print, printJson, say } from './terminal.ts'
import type { Wire } from '../../control/wire.ts'
import { Stop } from '../../model/error.ts'
import type { JsonObject } from '../../model/json.ts'
import type { JournalRow, RunView } from '../../store/view-run.ts'
import type { TicketRow } from '../../store/view-tickets.ts'
import { systemClock } from '../../world/clock.ts'

interface Options {
  readonly input: Readonly<Record<string, string>>
  readonly event?: string
  readonly detach?: boolean
  readonly json?: boolean
}

interface Shown {
  readonly run: Wire<RunView>
  readonly journal: readonly JournalRow[]
  readonly tickets: readonly TicketRow[]
}

const watchEveryMs = 300
const startsWithinMs = 10_000

/** `watchbill run FLOW`: one run, watched in the terminal until it ends or waits. */
export function addRun(program: Command): void {
  program
    .command('run')
    .description('start a flow by hand and watch it')
    .argument('<flow>', 'its name')
    .option('--input <name=value>', 'an input of the flow; repeatable', addInput, {})
    .option('--event <file>', 'a JSON file, for flows that read `event`')
    .option('--detach', 'print the run and return at once')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  watchbill run disk-watch --input limit_percent=80')
    .action(async (flow: string, options: Options) => {
      const event = options.event === undefined ? null : readEvent(options.event)
      const session = await connect(options.detach === true ? 'look' : 'run')
      try {
        const start = { flow, inputs: options.input, event, by: account() }
        const { run } = await session.ask<{ run: string }>('run', start)
        if (options.detach === true) return options.json === true ? printJson({ run }) : print(run)
        const shown = await watch(session, run)
        if (options.json === true) printJson(shown)
        else showRun(shown)
        if (shown.run.status === 'failed' || shown.run.status === 'cancelled') process.exitCode = 1
      } finally {
        await session.close()
      }
    })
}

/** Until it ends, or waits for something that does not come by itself soon. */
async function watch(session: Session, run: string): Promise<Shown> {
  const begun = systemClock.monotonic()
  for (;;) {
    const shown = await session.ask<Shown>('show', { run })
    if (['succeeded', 'failed', 'cancelled', 'parked'].includes(shown.run.status)) return shown
    if (shown.run.status === 'ready' && systemClock.monotonic() - begun > startsWithinMs) {
      say('no runner has taken it yet — is one running? It starts as soon as one is: watchbill start')
      return shown
    }
    await systemClock.sleep(watchEveryMs)
  }
}

function addInput(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('name=value')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

function readEvent(file: string): JsonObject {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  } catch (error) {
    throw new Stop(
      2,
      `${file}: ${error instanceof Error ? error.message : 'unreadable'}`,
      'give a file with one JSON object',
    )
  }
  throw new Stop(2, `${file}: not an object`, 'give a file with one JSON object')
}
