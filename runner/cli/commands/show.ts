import type { Command } from 'commander'
import { ask } from './connect.ts'
import { coloured, duration, print, printJson, state, time } from './terminal.ts'
import type { Wire } from '../../control/wire.ts'
import type { Fact } from '../../model/journal.ts'
import { impossible } from '../../model/impossible.ts'
import { showUsd } from '../../model/money.ts'
import type { JournalRow, RunView } from '../../store/view-run.ts'
import type { TicketRow } from '../../store/view-tickets.ts'

interface Shown {
  readonly run: Wire<RunView>
  readonly journal: readonly JournalRow[]
  readonly tickets: readonly TicketRow[]
}

/** `watchbill show RUN`: what happened, in order, and why it waits. */
export function addShow(program: Command): void {
  program
    .command('show')
    .description('one run: journal, times, decisions with cost, approvals, why it waits')
    .argument('<run>', 'its id, or the last characters of it')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  watchbill show 7k3m')
    .action(async (run: string, options: { json?: boolean }) => {
      const shown = await ask<Shown>('show', { run })
      if (options.json === true) return printJson(shown)
      showRun(shown)
    })
}

export function showRun({ run, journal, tickets }: Shown): void {
  print(`${coloured('bold', run.flow)} ${run.id}  ${state(run.shown)}`)
  print(
    `started by ${run.startedBy} at ${time(run.createdMs)} · worked ${duration(run.workingMs)} · cost ${showUsd(BigInt(run.costPicoUsd))}`,
  )
  for (const row of journal)
    print(`  ${time(row.atMs)}  ${row.fact === null ? `${row.is} (large)` : inWords(row.fact)}`)
  if (run.error !== null)
    print(
      `${coloured('red', `${run.error.kind}: ${run.error.message}`)}${run.error.remedy === undefined ? '' : ` — ${run.error.remedy}`}`,
    )
  for (const waiting of run.waiting) print(whyItWaits(waiting, tickets))
  if (run.outputs !== null && Object.keys(run.outputs).length > 0)
    print(`outputs: ${JSON.stringify(run.outputs)}`)
}

function whyItWaits(waiting: RunView['waiting'][number], tickets: readonly TicketRow[]): string {
  const until = waiting.untilMs === undefined ? '' : ` until ${time(waiting.untilMs)}`
  const ticket = tickets.find((one) => one.id === waiting.ticket)
  if (ticket === undefined) return `waits for ${waiting.for} at ${waiting.step}${until}`
  return `waits for people at ${waiting.step}: ${ticket.said.title}\n  answer: ${answerLine(ticket)}`
}

/** The exact line to paste. */
export function answerLine(ticket: TicketRow): string {
  if (ticket.transport === 'github') return `${ticket.issueUrl ?? 'on GitHub'}: /approve ${ticket.code}`
  if (ticket.said.choices.length > 0)
    return ticket.said.choices
      .map((choice) => `watchbill choose ${ticket.code} ${choice.name}`)
      .join('   or   ')
  return `watchbill approve ${ticket.code}   or   watchbill reject ${ticket.code}`
}

/** One fact in one line. */
function inWords(fact: Fact): string {
  const step = 'at' in fact ? `${fact.at.step}${fact.at.element === null ? '' : `#${fact.at.element}`}` : ''
  switch (fact.is) {
    case 'decided':
      return `${step}: chose ${coloured('bold', fact.choice)} by ${fact.route} · risk ${fact.risk} · ${showUsd(BigInt(fact.costPicoUsd))} · ${fact.reason}`
    case 'succeeded':
      return `${step}: ${state('succeeded')}${fact.uses === null ? '' : ` ${fact.uses}`} in ${duration(fact.tookMs)}`
    case 'failed':
      return `${step}: ${state('failed')} ${fact.error.kind}: ${fact.error.message}${fact.retryAtMs === null ? '' : ` · tried again at ${time(fact.retryAtMs)}`}`
    case 'skipped':
      return `${step}: ${state('skipped')}`
    case 'denied':
      return `${step}: ${state('denied')} ${fact.answer === 'no' ? fact.reason : 'nobody answered'}`
    case 'asked':
      return `${step}: people are asked`
    case 'answered':
      return `${step}: people answered ${fact.verdict.is}`
    case 'intended':
      return `${step}: ${fact.action.uses} begins · risk ${fact.risk} · key ${fact.key.slice(0, 12)}`
    case 'waiting':
      return `${step}: waits until ${time(fact.untilMs)} (${fact.why})`
    case 'waited':
      return `${step}: waited`
    case 'listed':
      return `${step}: ${fact.items.length} elements`
    case 'cancel_requested':
      return `cancel asked for by ${fact.by}`
    case 'began':
      return `${step}: first round`
    case 'opened':
      return `${step}: the group begins`
    case 'repeated':
      return `${step}: not there yet, round ${fact.round + 1} from ${time(fact.atMs)}`
    case 'settled':
      return `${step}: the result is what was wanted`
    case 'called':
      return `${step}: called run ${fact.run}`
    case 'listening':
      return `${step}: waits for an event until ${time(fact.untilMs)}`
    case 'heard':
      return fact.event === null ? `${step}: no event came in time` : `${step}: the event came`
    case 'ending':
      return `${step}: ends the run as ${fact.status}${fact.reason === '' ? '' : `: ${fact.reason}`}`
    case 'retried':
      return `${fact.by} tried again from ${fact.steps.join(', ')}`
    case 'failing':
      return `failing at ${fact.step}: ${fact.error.message}`
    default:
      return impossible(fact)
  }
}
