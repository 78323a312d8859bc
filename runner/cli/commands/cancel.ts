import type { Command } from 'commander'
import { account, ask } from './connect.ts'
import { print } from './terminal.ts'

/** `watchbill cancel RUN`. */
export function addCancel(program: Command): void {
  program
    .command('cancel')
    .description('end a run: what is in progress is stopped, nothing more starts')
    .argument('<run>', 'its id')
    .addHelpText('after', '\nExample:\n  watchbill cancel 01kb3v9x6m0q8r2t4w5y7z9abc')
    .action(async (run: string) => {
      await ask('cancel', { run, by: account() })
      print(`cancel asked for; watch it with: watchbill show ${run}`)
    })
}
