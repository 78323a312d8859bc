import type { Command } from 'commander'
import { account, ask } from './connect.ts'
import { print } from './terminal.ts'

/** `watchbill accept COMMIT`: a rewritten branch, or a commit that removes many flows, is applied only after this. */
export function addAccept(program: Command): void {
  program
    .command('accept')
    .description('apply a commit that was held back (rewritten branch, many flows removed)')
    .argument('<commit>', 'its full hash, as the page and `watchbill doctor` show it')
    .addHelpText('after', '\nExample:\n  watchbill accept 3f2a91c04b7d5e6f708192a3b4c5d6e7f8091a2b')
    .action(async (commit: string) => {
      const answer = await ask<{ readonly said: string }>('accept', { commit, by: account() })
      print(answer.said)
    })
}
