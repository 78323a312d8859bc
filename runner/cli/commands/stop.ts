import type { Command } from 'commander'
import { account, ask } from './connect.ts'
import { print } from './terminal.ts'

/** `watchbill stop` and `resume`: the emergency switch. */
export function addStop(program: Command): void {
  program
    .command('stop')
    .description('the emergency switch: nothing new starts, running effects end')
    .addHelpText('after', '\nExample:\n  watchbill stop')
    .action(async () => {
      await ask('stop', { by: account() })
      print('stopped: nothing new starts until `watchbill resume`')
    })
  program
    .command('resume')
    .description('lifts the emergency switch')
    .addHelpText('after', '\nExample:\n  watchbill resume')
    .action(async () => {
      await ask('resume', { by: account() })
      print('resumed')
    })
}
