// The journal of a run as a list in which every entry opens.

import { at, type Context, to } from './context.ts'
import { count, duration, instant } from './format.ts'
import { factBody } from './fact-body.ts'
import { factMark, factWords } from './fact-words.ts'
import { type Html, html } from './html.ts'
import { sign } from './mark.ts'
import { emptyNote, section } from './pieces.ts'
import type { At, Fact } from '../model/journal.ts'
import type { RecordedDecision } from '../store/view-decisions.ts'
import type { Page } from '../store/view-page.ts'
import type { JournalRow, RunView } from '../store/view-run.ts'

/** Entries a page shows; further ones are a link away. */
export const entriesMax = 40

interface Journalled {
  readonly run: RunView
  readonly journal: Page<JournalRow>
  readonly decisions: readonly RecordedDecision[]
}

export function journalSection(context: Context, { run, journal, decisions }: Journalled): Html {
  const { text } = context
  const entries = journal.items.map((row) => entry(context, { row, run, decisions }))
  const path = at('runs', run.id)
  const from = context.query['after']
  const start = from !== undefined && html`<a href="${to(context, path)}#journal">${text.run.fromStart}</a>`
  const later =
    journal.next !== null &&
    html`<a href="${to(context, path, { after: journal.next })}#journal">${text.run.laterEntries}</a>`
  const paging =
    (start !== false || later !== false) &&
    html`<nav class="pager" aria-label="${text.pages}">${start}${later}</nav>`
  const body =
    entries.length === 0
      ? emptyNote(text.run.timelineNone)
      : html`<ol class="journal">
            ${entries}
          </ol>
          ${paging}`
  return section({ id: 'journal', title: text.run.journal, body })
}

interface Entered {
  readonly row: JournalRow
  readonly run: RunView
  readonly decisions: readonly RecordedDecision[]
}

function entry(context: Context, { row, run, decisions }: Entered): Html {
  const { text } = context
  const { fact } = row
  const after = duration(context, row.atMs - run.createdMs)
  const time = html`<span class="dim number">+${after}</span>`
  if (fact === null) {
    const large = html`${text.tooLarge(count(context, row.characters))}
      <code>${text.tooLargeHow(run.id)}</code>`
    return html`<li>
      <details id="e${row.seq}">
        <summary>${time} <span>${row.is}</span></summary>
        <p class="dim">${large}</p>
      </details>
    </li>`
  }
  const decision = fact.is === 'decided' ? decisions.find((one) => one.id === fact.decision) : undefined
  return html`<li>
    <details id="e${row.seq}">
      <summary>
        ${time} ${sign(context, factMark(fact))}
        <span><b>${whereOf(fact)}</b> ${factWords(context, fact)}</span>
      </summary>
      <p class="dim">${instant(context, row.atMs)} · ${text.facts.epoch} ${row.epoch}</p>
      ${factBody(context, fact, decision ?? null)}
    </details>
  </li>`
}

function whereOf(fact: Fact): string {
  return 'at' in fact ? placeOf(fact.at) : ''
}

function placeOf({ step, element }: At): string {
  return element === null ? step : `${step}[${element}]`
}
