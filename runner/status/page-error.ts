// A page that says what is wrong and offers a way on.

import { type Context, to } from './context.ts'
import { type Html, html } from './html.ts'
import { doorstep, layout } from './layout.ts'

export interface ErrorWords {
  readonly title: string
  readonly remedy: string
}

/** `outside`: for those who were not let in. */
export function errorPage(
  context: Context,
  { title, remedy }: ErrorWords,
  reader: 'inside' | 'outside',
): Html {
  const back = html`<p><a href="${to(context, '/')}">${context.text.error.back}</a></p>`
  const main = html`<section class="error" id="error">
    <h1>${title}</h1>
    <p>${remedy}</p>
    ${reader === 'inside' && back}
  </section>`
  return reader === 'inside'
    ? layout(context, { title, place: 'none', main })
    : doorstep(context, { title, main })
}
