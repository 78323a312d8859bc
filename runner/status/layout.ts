// The frame of every page: head, menu, where the runner stands, foot.

import { at, type Context, to } from './context.ts'
import { relative } from './format.ts'
import { type Html, html } from './html.ts'
import { languages, texts } from './language.ts'
import { sprite } from './mark.ts'
import { commitLink } from './pieces.ts'
import type { HeadView } from '../model/runner-view.ts'

export type Place = 'overview' | 'flows' | 'runs' | 'approvals' | 'commits' | 'spend' | 'none'

export interface Page {
  readonly title: string
  readonly place: Place
  readonly main: Html
}

/** A whole document. */
export function layout(context: Context, page: Page): Html {
  const { text, assets } = context
  return html`<!doctype html>
    <html lang="${context.language}">
      ${head(context, page.title, html`<script type="module" src="${assets.script}"></script>`)}
      <body data-zone="${text.zoneLocal}" data-stale="${text.stale}" data-live="${text.live}">
        ${sprite()}
        <a class="skip" href="#main">${text.skip}</a>
        <header class="top">
          ${brand(context)}${menu(context, page.place)}${standing(context)}${finder(context)}
        </header>
        <main id="main" tabindex="-1">${stopped(context)} ${page.main}</main>
        ${foot(context)}
      </body>
    </html>`
}

/** A document for those who were not let in: it tells nothing of the runner. */
export function doorstep(context: Context, page: Omit<Page, 'place'>): Html {
  return html`<!doctype html>
    <html lang="${context.language}">
      ${head(context, page.title, false)}
      <body>
        <header class="top">${brand(context)}</header>
        <main id="main">${page.main}</main>
      </body>
    </html>`
}

function head({ assets }: Context, title: string, script: Html | false): Html {
  return html`<head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title === '' ? '' : `${title} · `}Watchbill</title>
    <link rel="icon" href="${assets.icon}" type="image/svg+xml" />
    <link rel="stylesheet" href="${assets.style}" />
    ${script}
  </head>`
}

function brand(context: Context): Html {
  return html`<a class="brand" href="${to(context, '/')}" title="${context.text.overview}"
    ><svg viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="13.5" />
      <path d="M16 16V2.5A13.5 13.5 0 0 1 27.7 9.2z" /></svg
    >Watchbill</a
  >`
}

function menu(context: Context, place: Place): Html {
  const { text } = context
  const waiting = context.waiting > 0 && html` <span class="count">${context.waiting}</span>`
  const places = ['overview', 'flows', 'runs', 'approvals', 'commits', 'spend'] as const
  const items = places.map((name) => {
    const href = to(context, name === 'overview' ? '/' : at(name))
    const badge = name === 'approvals' && waiting
    if (name === place) return html`<li><a href="${href}" aria-current="page">${text[name]}${badge}</a></li>`
    return html`<li><a href="${href}">${text[name]}${badge}</a></li>`
  })
  return html`<nav aria-label="${text.menu}">
    <ul>
      ${items}
    </ul>
  </nav>`
}

/** Where the runner stands with its branch, in one line. */
function standing(context: Context): Html {
  const { head } = context.runner
  const { text } = context
  const good = head.condition.is === 'following'
  const branch = head.branch === null ? '' : `@${head.branch}`
  const commit = head.commit !== null && html` ${commitLink(context, head.commit)}`
  const checked = head.checkedMs === null ? text.head.never : relative(context, head.checkedMs)
  return html`<p class="standing ${good ? 'good' : 'bad'}" id="standing">
    <span class="dot" aria-hidden="true"></span
    ><span
      >${conditionWord(context, head)} <b>${head.repository}${branch}</b>${commit}
      <span class="dim">· ${checked}</span></span
    >
  </p>`
}

function finder({ text, chosen, query }: Context): Html {
  return html`<form class="find" method="get" action="/find" role="search" aria-label="${text.find}">
    ${chosen !== null && html`<input type="hidden" name="lang" value="${chosen}" />`}
    <input
      name="q"
      type="search"
      aria-label="${text.find}"
      placeholder="${text.findShort}"
      value="${query['q'] ?? ''}"
      maxlength="64"
      autocomplete="off"
    />
    <button title="${text.findShort}">
      <svg viewBox="0 0 16 16" class="icon" aria-hidden="true">
        <circle cx="7" cy="7" r="4.3" />
        <path d="m10.3 10.3 3.4 3.4" /></svg
      ><span class="unseen">${text.findShort}</span>
    </button>
  </form>`
}

function conditionWord({ text }: Context, head: HeadView): string {
  return text.head[head.condition.is]
}

function stopped({ runner, text }: Context): Html | false {
  return (
    runner.stopped &&
    html`<p class="alarm" role="status">
      <b>${text.home.stopped}</b> <code class="paste">watchbill resume</code>
    </p>`
  )
}

function foot(context: Context): Html {
  const { text, runner, language } = context
  const others = languages
    .filter((other) => other !== language)
    .map((other) => {
      const href = to(context, context.path, { ...context.query, lang: other })
      return html`<a href="${href}" lang="${other}" hreflang="${other}">${texts[other].name}</a>`
    })
  return html`<footer class="foot">
    <p><span id="zone">${text.zone}</span> <span id="live" role="status"></span></p>
    <p>
      ${text.version(runner.version, runner.name)} · <a href="/api/v1/openapi.json">${text.json}</a> ·
      ${others}
    </p>
  </footer>`
}
