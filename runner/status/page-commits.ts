// Commits of the branch: what each changed, what was refused and why, which flows it brought.

import { at, type Context } from './context.ts'
import { relative } from './format.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { emptyNote, flowLink, pager, problemList } from './pieces.ts'
import type { CommitRow } from '../store/view-commits.ts'
import type { Page } from '../store/view-page.ts'

const filesMax = 12

export function commitsPage(context: Context, commits: Page<CommitRow>): Html {
  const { text } = context
  const items = commits.items.map((commit) => commitItem(context, commit))
  const list =
    items.length === 0
      ? emptyNote(text.commit.none)
      : html`<ol class="commits">
          ${items}
        </ol>`
  const paging = pager(context, { path: at('commits'), query: context.query, next: commits.next })
  const main = html`<section id="commits">
    <h1>${text.commits}</h1>
    ${list}${paging}
  </section>`
  return layout(context, { title: text.commits, place: 'commits', main })
}

const colours = { applied: 'succeeded', held: 'people', refused: 'failed' } as const

function commitItem(context: Context, commit: CommitRow): Html {
  const { text } = context
  const [subject = '', ...rest] = commit.message.split('\n')
  const body = rest.join('\n').trim()
  const held =
    commit.state === 'held' &&
    html`<p>
      ${text.commit.held} <code class="paste">npx watchbill accept ${commit.commit.slice(0, 12)}</code>
    </p>`
  const errors = commit.problems.length
  return html`<li id="${commit.commit}">
    <p class="subject">
      <b>${subject}</b> <span class="tag ${colours[commit.state]}">${text.commit.states[commit.state]}</span>
    </p>
    <p class="dim">
      <span class="mono">${commit.commit.slice(0, 12)}</span> ${text.commit.by} ${commit.author} ·
      ${text.commit.seen} ${relative(context, commit.seenMs)}
    </p>
    ${commit.reason !== null && html`<p class="reason">${commit.reason}</p>`}${held}
    ${
      body !== '' &&
      html`<details>
        <summary>${text.commit.message}</summary>
        <pre>${body.slice(0, 2000)}</pre>
      </details>`
    }
    ${files(context, commit.changed)}
    ${commit.flows.length > 0 && html`<p class="dim">${text.commit.flows}: ${commit.flows.map((name, index) => html`${index > 0 && ', '}${flowLink(context, name)}`)}</p>`}
    ${
      errors > 0 &&
      html`<details open>
        <summary>${text.commit.problems(errors)}</summary>
        ${problemList(commit.problems)}
      </details>`
    }
  </li>`
}

function files({ text }: Context, changed: readonly string[]): Html | false {
  if (changed.length === 0) return false
  const more = changed.length - filesMax
  return html`<details>
    <summary>${text.commit.changed(changed.length)}</summary>
    <ul class="plain mono">
      ${changed.slice(0, filesMax).map((path) => html`<li>${path}</li>`)}
    </ul>
    ${more > 0 && html`<p class="dim">${text.commit.moreFiles(more)}</p>`}
  </details>`
}
