// A page that says what is wrong and offers a way on.

import { type Context, to } from './context.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'

export interface ErrorWords {
  readonly title: string
  readonly remedy: string
}

export function errorPage(context: Context, { title, remedy }: ErrorWords): Html {
  const main = html`<section class="error" id="error">
    <h1>${title}</h1>
    <p>${remedy}</p>
    <p><a href="${to(context, '/')}">${context.text.error.back}</a></p>
  </section>`
  return layout(context, { title, place: 'none', main })
}
