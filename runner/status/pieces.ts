// Small parts that several pages are made of.

import { at, type Context, to } from './context.ts'
import { count } from './format.ts'
import { type Html, html, type Part } from './html.ts'
import type { Json } from '../model/json.ts'
import type { Trust } from '../model/trust.ts'
import { type Problem, showExcerpt } from '../model/problem.ts'

export interface Section {
  readonly id: string
  readonly title: Part
  readonly body: Part
  readonly note?: Part
}

/** A titled part of a page that the script can replace by itself. */
export function section({ id, title, body, note }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}${note !== undefined && html` <span class="note">${note}</span>`}</h2>
    ${body}
  </section>`
}

/** Name and value pairs; empty values leave their pair out. */
export function pairs(list: readonly (readonly [Part, Part])[]): Html {
  const shown = list.filter(
    ([, value]) => value !== null && value !== undefined && value !== false && value !== '',
  )
  return html`<dl class="pairs">
    ${shown.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`
}

export interface Foreign {
  readonly value: Json
  readonly trust: Trust
  /** Where it came from. */
  readonly from: string
  /** `short` is cut beyond a few lines; `whole` is folded but complete. */
  readonly show: 'short' | 'whole'
}

/** Values up to this stand on one line with their source. */
const lineCharactersMax = 60
const openLinesMax = 8
const openCharactersMax = 600
const shortCharactersMax = 2_000

/** A value that is not ours: framed, with its source, folded beyond a few lines. Never markup. */
export function framed(context: Context, foreign: Foreign): Html {
  const { text } = context
  const content = typeof foreign.value === 'string' ? foreign.value : JSON.stringify(foreign.value, null, 2)
  const label = foreign.trust === 'trusted' ? text.trusted : text.untrusted
  const source = html`<span class="source ${foreign.trust}"
    >${label}${foreign.from !== '' && html`<span> · ${foreign.from}</span>`}</span
  >`
  const line = content.length <= lineCharactersMax && !content.includes('\n')
  return html`<div class="frame ${foreign.trust}${line && ' line'}">
    ${source}${folded(context, content, foreign.show)}
  </div>`
}

/** Text as it is, folded when long. */
export function folded(context: Context, content: string, show: 'short' | 'whole'): Html {
  const { text } = context
  const lines = content.split('\n')
  if (lines.length <= openLinesMax && content.length <= openCharactersMax) return pre(content)
  const start = lines
    .slice(0, openLinesMax - 3)
    .join('\n')
    .slice(0, openCharactersMax / 2)
  const characters = count(context, content.length)
  if (show === 'short' && content.length > shortCharactersMax)
    return html`<pre>${start}…</pre>
      <p class="dim">${text.tooLarge(characters)}</p>`
  return html`<details>
    <summary>
      <span class="pre">${start}…</span> <span class="more">${text.showAll(characters)}</span>
    </summary>
    ${pre(content)}
  </details>`
}

/** The parser drops one line break at the start of `pre`; ours, so that the text keeps its own. */
function pre(content: string): Html {
  return html`<pre>${'\n'}${content}</pre>`
}

/** What an author got wrong, in place. */
export function problemList(problems: readonly Problem[]): Html {
  const items = problems.slice(0, problemsShownMax).map((problem) => {
    const { file, line, column } = problem.place
    return html`<li class="${problem.severity === 'error' ? 'failed' : 'people'}">
      <p>
        <span class="mono">${file}:${line}:${column}</span> ${problem.message}
        <code class="dim">${problem.code}</code>
      </p>
      ${problem.hint !== undefined && html`<p class="hint">${problem.hint}</p>`}
      ${problem.excerpt !== undefined && html`<pre class="excerpt" tabindex="0">${showExcerpt(problem.excerpt, column)}</pre>`}
    </li>`
  })
  return html`<ul class="problems">
    ${items}
  </ul>`
}

const problemsShownMax = 20

export function emptyNote(words: Part): Html {
  return html`<p class="empty">${words}</p>`
}

export function runLink(context: Context, id: string, words: Part): Html {
  return html`<a href="${to(context, at('runs', id))}">${words}</a>`
}

export function flowLink(context: Context, name: string): Html {
  return html`<a href="${to(context, at('flows', name))}">${name}</a>`
}

export function commitLink(context: Context, commit: string): Html {
  return html`<a class="mono" href="${to(context, '/find', { q: commit })}">${commit.slice(0, 7)}</a>`
}

export interface Paging {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly next: string | null
  /** Name of the cursor in the address, for pages with two listings. */
  readonly name?: string
}

/** Where a listing goes on; nothing when all of it is shown. */
export function pager(context: Context, { path, query, next, name = 'cursor' }: Paging): Html | false {
  const { text } = context
  const atStart = query[name] === undefined
  if (next === null && atStart) return false
  const newest =
    !atStart && html`<a href="${to(context, path, { ...query, [name]: null })}">${text.newest}</a>`
  const older =
    next !== null && html`<a href="${to(context, path, { ...query, [name]: next })}">${text.older}</a>`
  return html`<nav class="pager" aria-label="${text.pages}">${newest}${older}</nav>`
}
