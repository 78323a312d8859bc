import { type Command, InvalidArgumentError } from 'commander'
import { ask } from './connect.ts'
import { duration, print, printJson, readDuration, state, table, time } from './terminal.ts'
import type { Wire } from '../../control/wire.ts'
import { showUsd } from '../../model/money.ts'
import type { Page } from '../../store/view-page.ts'
import type { RunRow } from '../../store/view-runs.ts'

interface Options {
  readonly flow?: string
  readonly status?: string
  readonly since?: number
  readonly limit: number
  readonly cursor?: string
  readonly json?: boolean
}

/** `watchbill runs`: newest first. */
export function addRuns(program: Command): void {
  program
    .command('runs')
    .description('the runs, newest first')
    .option('--flow <name>', 'only of this flow')
    .option('--status <list>', 'queued, ready, running, parked, succeeded, failed, cancelled')
    .option('--since <duration>', 'started within, such as 24h', sinceMs)
    .option('--limit <n>', 'at most so many', Number, 20)
    .option('--cursor <id>', 'go on where the last listing ended')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  watchbill runs --status failed --since 24h')
    .action(async (options: Options) => {
      const { flow = null, status = null, since = null, limit, cursor = null } = options
      const page = await ask<Page<Wire<RunRow>>>('runs', { flow, status, since_ms: since, limit, cursor })
      if (options.json === true) return printJson(page)
      if (page.items.length === 0) return print('No runs. Start one: watchbill run FLOW')
      table(['RUN', 'FLOW', 'STATE', 'BY', 'STARTED', 'WORKED', 'COST', ''], page.items.map(rowOf))
      if (page.next !== null) print(`more: watchbill runs --cursor ${page.next}`)
    })
}

function rowOf(run: Wire<RunRow>): string[] {
  const cost = showUsd(BigInt(run.costPicoUsd))
  const error = run.error === null ? '' : `${run.error.kind}: ${run.error.message}`.slice(0, 80)
  return [
    run.id,
    run.flow,
    state(run.shown),
    run.trigger,
    time(run.createdMs),
    duration(run.workingMs),
    cost,
    error,
  ]
}

function sinceMs(text: string): number {
  const ms = readDuration(text)
  if (ms === null) throw new InvalidArgumentError('a duration such as 30m, 24h or 7d')
  return ms
}
