import type { Command } from 'commander'
import { ask } from './connect.ts'
import { answerLine } from './show.ts'
import { coloured, print, printJson, state, table, time } from './terminal.ts'
import type { Page } from '../../store/view-page.ts'
import type { TicketRow } from '../../store/view-tickets.ts'

interface Options {
  readonly closed?: boolean
  readonly limit: number
  readonly cursor?: string
  readonly json?: boolean
}

/** `watchbill approvals`: what waits for people, in full, with the line to paste. */
export function addApprovals(program: Command): void {
  program
    .command('approvals')
    .description('what waits for people, and how to answer')
    .option('--closed', 'the answered and lapsed ones')
    .option('--limit <n>', 'at most so many', Number, 20)
    .option('--cursor <c>', 'go on where the last listing ended')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  watchbill approvals')
    .action(async (options: Options) => {
      const { closed = false, limit, cursor = null } = options
      const page = await ask<Page<TicketRow>>('approvals', { closed, limit, cursor })
      if (options.json === true) return printJson(page)
      if (page.items.length === 0) return print(closed ? 'Nothing was asked yet.' : 'Nothing waits for you.')
      if (closed) table(['CODE', 'FLOW', 'STATE', 'ASKED', 'WHAT'], page.items.map(closedRow))
      else for (const ticket of page.items) showTicket(ticket)
      if (page.next !== null) print(`more: watchbill approvals --cursor ${page.next}`)
    })
}

function closedRow(ticket: TicketRow): string[] {
  return [ticket.code, ticket.flow, ticket.state, time(ticket.createdMs), ticket.said.title]
}

function showTicket(ticket: TicketRow): void {
  print(`${state('people')}  ${coloured('bold', ticket.said.title)}`)
  print(`  flow ${ticket.flow}, step ${ticket.step}, run ${ticket.run}`)
  for (const part of ticket.parameters) {
    if (part.name === 'choices' && ticket.said.choices.length > 0) continue
    const mark =
      part.trust === 'untrusted'
        ? coloured('yellow', ` (untrusted${part.from === '' ? '' : `, from ${part.from}`})`)
        : ''
    print(`  ${part.name}: ${JSON.stringify(part.value)}${mark}`)
  }
  for (const choice of ticket.said.choices) print(`  ${choice.name}: ${choice.means}`)
  for (const why of ticket.said.why) print(`  why: ${why}`)
  print(`  undo: ${ticket.undo}`)
  print(`  expires ${time(ticket.expiresMs)}; silence is a no`)
  print(`  answer: ${answerLine(ticket)}\n`)
}
