import type { Command } from 'commander'
import { ask } from './connect.ts'
import { coloured, print, printJson, time } from './terminal.ts'
import { systemClock } from '../../world/clock.ts'

interface Lines {
  readonly status: string
  readonly lines: readonly {
    readonly id: number
    readonly atMs: number
    readonly step: string
    readonly line: string
  }[]
}

const followEveryMs = 500
const finals = new Set(['succeeded', 'failed', 'cancelled'])

/** `watchbill logs RUN`: what its steps wrote. */
export function addLogs(program: Command): void {
  program
    .command('logs')
    .description('the lines that the steps of a run wrote')
    .argument('<run>', 'its id, or the last characters of it')
    .option('--follow', 'until the run ends')
    .option('--json', 'a JSON object per line')
    .addHelpText('after', '\nExample:\n  watchbill logs 7k3m --follow')
    .action(async (run: string, options: { follow?: boolean; json?: boolean }) => {
      let after = 0
      for (;;) {
        const page = await ask<Lines>('logs', { run, after })
        for (const line of page.lines) {
          after = line.id
          if (options.json === true) printJson(line)
          else print(`${coloured('dim', `${time(line.atMs)} ${line.step}`)}  ${line.line}`)
        }
        if (page.lines.length > 0) continue
        if (options.follow !== true || finals.has(page.status)) return
        await systemClock.sleep(followEveryMs)
      }
    })
}
