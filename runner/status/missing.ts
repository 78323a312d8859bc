// The health of absence: what should have happened and did not, and what will hurt soon.

import { at, type Context, to } from './context.ts'
import { relative } from './format.ts'
import { type Html, html, type Part } from './html.ts'
import { emptyNote, section } from './pieces.ts'
import type { BrokenFlow } from '../store/view-flows.ts'
import type { Upcoming } from '../store/view-schedule.ts'

interface Missing {
  readonly overdue: readonly Upcoming[]
  readonly broken: readonly BrokenFlow[]
}

export function missingSection(context: Context, { overdue, broken }: Missing): Html {
  const { text, runner } = context
  const items = [
    ...headItems(context),
    ...broken.map((flow) => item(flowHref(context, flow.name), flow.name, brokenWords(context, flow))),
    ...overdue.map((one) =>
      item(
        flowHref(context, one.flow),
        text.home.overdue(`${one.flow} · ${one.trigger}`),
        relative(context, one.nextMs),
      ),
    ),
    ...(runner.claude.available ? [] : [item(null, text.home.claudeAway, claudeWords(context))]),
    ...runner.warnings.map((warning) => item(null, warning.words, warning.remedy)),
  ]
  const body =
    items.length === 0
      ? emptyNote(text.home.missingNone)
      : html`<ul class="warnings">
          ${items}
        </ul>`
  return section({ id: 'missing', title: text.home.missing, body })
}

function headItems({ text, runner }: Context): Html[] {
  const { condition, policyOrigin } = runner.head
  const items: Html[] = []
  if (condition.is !== 'following' && condition.is !== 'starting')
    items.push(item(null, `${text.head[condition.is]}: ${condition.why}`, condition.remedy))
  if (policyOrigin === 'kept') items.push(item(null, text.head.kept, null))
  if (policyOrigin === 'built-in') items.push(item(null, text.head.builtIn, null))
  return items
}

function flowHref(context: Context, name: string): string {
  return to(context, at('flows', name))
}

function brokenWords({ text }: Context, { problems, version }: BrokenFlow): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length
  return `${text.home.broken(errors)}, ${version === null ? text.home.neverLoaded : text.home.keepsLast}`
}

function claudeWords({ text, runner }: Context): string {
  return runner.claude.why === null
    ? text.home.claudeRemedy
    : `${runner.claude.why}; ${text.home.claudeRemedy}`
}

function item(href: string | null, words: Part, remedy: Part): Html {
  const title = href === null ? html`<b>${words}</b>` : html`<a href="${href}"><b>${words}</b></a>`
  return html`<li>${title}${remedy !== null && html` <span class="dim">${remedy}</span>`}</li>`
}
