import type { Command } from 'commander'
import { account, ask } from './connect.ts'
import { print, printJson } from './terminal.ts'
import type { Retried } from '../../run/retry-run.ts'

interface Options {
  readonly from?: string
  readonly yes?: boolean
  readonly json?: boolean
}

/** `watchbill retry RUN --from STEP`: an ended run goes on, from what failed or from a step. */
export function addRetry(program: Command): void {
  program
    .command('retry')
    .description('start an ended run again from what failed; what was before stays as it happened')
    .argument('<run>', 'its id, or the last characters of it')
    .option('--from <step>', 'begin at this step: it and all that needs it run anew')
    .option('--yes', 'although something may happen a second time by it')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  watchbill retry 7k3m --from publish')
    .action(async (run: string, { from, yes, json }: Options) => {
      const request = { run, by: account(), ...(from === undefined ? {} : { from }), yes: yes === true }
      const retried = await ask<Retried>('retry', request)
      if (json === true) printJson(retried)
      else show(retried)
    })
}

function show({ run, steps, again, parent }: Retried): void {
  print(steps.length === 0 ? 'goes on where it stopped' : `begins again: ${steps.join(', ')}`)
  for (const { step, element, uses, outcome } of again)
    print(
      `  may happen a second time: ${step}${element === null ? '' : `#${element}`} (${uses}${outcome === 'unknown' ? ', whose outcome is not known' : ''})`,
    )
  if (parent !== null) print(`run ${parent}, which called it, has gone on and does not hear of the new end`)
  print(`watch it with: watchbill show ${run}`)
}
