import type { Command } from 'commander'
import { account, ask } from './connect.ts'
import { print } from './terminal.ts'
import type { JsonObject } from '../../model/json.ts'

/** `watchbill approve|reject|choose|done CODE`: answers of the person at this machine. */
export function addAnswers(program: Command): void {
  program
    .command('approve')
    .description('yes to exactly what the ticket shows')
    .argument('<code>', 'the code of the ticket')
    .addHelpText('after', '\nExample:\n  watchbill approve 3f2a91c04b7d')
    .action((code: string) => tell('approve', { code }))
  program
    .command('reject')
    .description('no')
    .argument('<code>', 'the code of the ticket')
    .argument('[reason...]', 'why, for the record')
    .addHelpText('after', '\nExample:\n  watchbill reject 3f2a91c04b7d not on a Friday')
    .action((code: string, reason: string[]) => tell('reject', { code, reason: reason.join(' ') }))
  program
    .command('choose')
    .description('where Claude was unsure, or an outcome is unknown: the choice')
    .argument('<code>', 'the code of the ticket')
    .argument('<choice>', 'one of the names it shows')
    .addHelpText('after', '\nExample:\n  watchbill choose 3f2a91c04b7d drop')
    .action((code: string, choice: string) => tell('choose', { code, choice }))
  program
    .command('done')
    .description('where Claude was unsure: handled by hand')
    .argument('<code>', 'the code of the ticket')
    .addHelpText('after', '\nExample:\n  watchbill done 3f2a91c04b7d')
    .action((code: string) => tell('done', { code }))
}

async function tell(verb: string, request: JsonObject): Promise<void> {
  const answer = await ask<{ readonly said: string }>(verb, { ...request, by: account() })
  print(answer.said)
}
