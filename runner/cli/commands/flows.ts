import type { Command } from 'commander'
import { ask } from './connect.ts'
import { coloured, mark, print, printJson, table, time } from './terminal.ts'
import { showProblem } from '../../model/problem.ts'
import type { FlowRow } from '../../store/view-flows.ts'
import type { Page } from '../../store/view-page.ts'

/** `watchbill flows`: what the branch says and whether it loads. */
export function addFlows(program: Command): void {
  program
    .command('flows')
    .description('the flows, their triggers and next times')
    .option('--json', 'as JSON')
    .option('--limit <n>', 'at most so many', Number, 100)
    .option('--cursor <c>', 'go on where the last listing ended')
    .addHelpText('after', '\nExample:\n  watchbill flows')
    .action(async (options: { json?: boolean; limit: number; cursor?: string }) => {
      const page = await ask<Page<FlowRow>>('flows', { limit: options.limit, cursor: options.cursor ?? null })
      if (options.json === true) return printJson(page)
      if (page.items.length === 0) return print('No flows yet. Write one: see docs/FLOWS.md.')
      table(['FLOW', 'STATE', 'TRIGGERS', 'NEXT', 'LATELY', 'DESCRIPTION'], page.items.map(rowOf))
      for (const flow of page.items) for (const problem of flow.problems) print(showProblem(problem))
      if (page.next !== null) print(`more: watchbill flows --cursor ${page.next}`)
    })
}

function rowOf(flow: FlowRow): string[] {
  const next = flow.triggers.flatMap((trigger) => trigger.nextMs ?? []).sort((a, b) => a - b)[0] ?? null
  const lately = flow.recent.map((run) => mark(run.shown)).join(' ')
  const condition = flow.suspended
    ? coloured('yellow', 'suspended')
    : flow.state === 'broken'
      ? coloured('red', 'broken')
      : 'active'
  return [
    flow.name,
    condition,
    flow.triggers.map((trigger) => trigger.kind).join(', ') || 'by hand',
    time(next),
    lately,
    flow.description,
  ]
}
