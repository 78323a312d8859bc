// The YAML of a flow as it is in force, with line numbers and the problems under their lines.

import type { Context } from './context.ts'
import { type Html, html } from './html.ts'
import { section } from './pieces.ts'
import type { Problem } from '../model/problem.ts'
import type { FlowRow } from '../store/view-flows.ts'

interface Texted {
  readonly flow: FlowRow
  readonly text: { readonly file: string; readonly text: string; readonly others: readonly string[] } | null
}

/** Lines shown; a flow file may have thousands. */
const linesMax = 400

export function flowText(context: Context, { flow, text: source }: Texted): Html | false {
  const { text } = context
  if (source === null) return false
  const lines = source.text.replace(/\n$/, '').split('\n')
  const inPlace =
    flow.state === 'broken' ? [] : flow.problems.filter((one) => one.place.file.endsWith(source.file))
  const rows = lines.slice(0, linesMax).map((line, index) => numbered(line, index + 1, inPlace))
  const cut =
    lines.length > linesMax && html`<p class="dim">${text.run.moreLanes(lines.length - linesMax)}</p>`
  const others =
    source.others.length > 0 &&
    html`<p class="dim">${text.flow.reads}: <span class="mono">${source.others.join(', ')}</span></p>`
  const title = flow.state === 'broken' ? text.flow.textBroken : text.flow.text
  const body = html`<div class="source-text" role="group" aria-label="${source.file}" tabindex="0">
      <ol>
        ${rows}
      </ol>
    </div>
    ${cut}${others}`
  return section({ id: 'text', title, note: source.file, body })
}

function numbered(line: string, number: number, problems: readonly Problem[]): Html {
  const here = problems.filter((problem) => problem.place.line === number)
  const notes = here.map(
    (problem) =>
      html`<span class="in-place"
        >${' '.repeat(Math.max(0, problem.place.column - 1))}^ ${problem.message}</span
      >`,
  )
  return html`<li id="L${number}"><code>${line === '' ? ' ' : line}</code>${notes}</li>`
}
