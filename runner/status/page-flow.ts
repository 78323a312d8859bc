// One flow: its picture, its triggers with the next times, its runs, its text with problems in place.

import { graphChart } from './chart-graph.ts'
import { at, type Context, to } from './context.ts'
import { conditionList } from './conditions.ts'
import { relative, when } from './format.ts'
import { flowText } from './flow-text.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { sign } from './mark.ts'
import { flowState, kindWord } from './page-flows.ts'
import { commitLink, emptyNote, pairs, problemList, section } from './pieces.ts'
import { runCosts } from './run-costs.ts'
import { triggerWords } from './step-words.ts'
import type { Flow } from '../model/flow.ts'
import type { CommitRow } from '../store/view-commits.ts'
import type { ChoiceCount } from '../store/view-decisions.ts'
import type { FlowRow, TriggerRow } from '../store/view-flows.ts'
import type { RunRow } from '../store/view-runs.ts'

export interface FlowDetail {
  readonly flow: FlowRow
  /** Null when this program cannot compile the version in force, or there is none. */
  readonly compiled: Flow | null
  /** The next times of each schedule, by trigger id. */
  readonly nextTimes: ReadonlyMap<string, readonly number[]>
  readonly text: { readonly file: string; readonly text: string; readonly others: readonly string[] } | null
  readonly commits: readonly Pick<CommitRow, 'commit' | 'message' | 'author' | 'seenMs' | 'state'>[]
  readonly choices: readonly ChoiceCount[]
  /** The newest ended runs, for costs and times. */
  readonly ended: readonly RunRow[]
}

/** How many of the newest decisions the bars of choices look at. */
export const choicesAmong = 500

export function flowPage(context: Context, detail: FlowDetail): Html {
  const { flow } = detail
  const main = html`<header class="page-head" id="flow-head">
      <h1>${flow.name}${flowState(context, flow)}</h1>
      <p class="lead">${flow.description}</p>
      ${facts(context, detail)}
    </header>
    ${problems(context, flow)}
    <div class="columns even">
      <div>
        ${runsSection(context, detail)}${triggersSection(context, detail)}${choicesSection(context, detail)}${runCosts(context, detail.ended)}${changes(context, detail)}
      </div>
      <div>${graphSection(context, detail)}</div>
    </div>
    ${flowText(context, detail)}`
  return layout(context, { title: flow.name, place: 'flows', main })
}

function facts(context: Context, { flow, compiled }: FlowDetail): Html {
  const { text } = context
  return html`${pairs([
    [text.flow.from, commitLink(context, flow.commit)],
    [
      text.flow.version,
      flow.version !== null && html`<span class="mono">${flow.version.slice(0, 12)}</span>`,
    ],
    [text.flow.owner, compiled?.owner ?? null],
  ])}${conditionList(context, flow, compiled)}`
}

function problems(context: Context, flow: FlowRow): Html | false {
  if (flow.problems.length === 0) return false
  return section({ id: 'problems', title: context.text.flow.problems, body: problemList(flow.problems) })
}

function runsSection(context: Context, { flow }: FlowDetail): Html {
  const { text } = context
  const squares = flow.recent.map(
    (run) =>
      html`<li>
        <a href="${to(context, at('runs', run.id))}"
          >${sign(context, run.shown)}<span class="unseen"> ${relative(context, run.createdMs)}</span></a
        >
      </li>`,
  )
  const all = html`<p><a href="${to(context, at('runs'), { flow: flow.name })}">${text.flow.allRuns}</a></p>`
  const body =
    squares.length === 0
      ? html`${emptyNote(text.flow.recentNone)}
          <p class="hint">${text.home.begin} <code class="paste">npx watchbill run ${flow.name}</code></p>`
      : html`<ol class="squares">
            ${squares}
          </ol>
          ${all}`
  return section({ id: 'recent', title: text.flow.recent, body })
}

function triggersSection(context: Context, { flow, compiled, nextTimes }: FlowDetail): Html {
  const { text } = context
  const items = flow.triggers.map((trigger) => {
    const known = compiled?.triggers.find((one) => one.id === trigger.trigger)
    const words = known === undefined ? '' : triggerWords(context, known)
    return html`<li>
      <p>
        <b>${trigger.trigger}</b> <span class="tag">${kindWord(context, trigger.kind)}</span>
        <span class="mono">${words}</span>
      </p>
      ${times(context, trigger, nextTimes.get(trigger.trigger) ?? [])}
    </li>`
  })
  const body =
    items.length === 0
      ? emptyNote(text.flow.byHand)
      : html`<ul class="triggers">
          ${items}
        </ul>`
  return section({ id: 'triggers', title: text.flow.triggers, body })
}

function times(context: Context, trigger: TriggerRow, next: readonly number[]): Html {
  const { text } = context
  const last =
    trigger.lastFiredMs === null
      ? text.flow.neverFired
      : html`${text.flow.last} ${relative(context, trigger.lastFiredMs)}`
  if (trigger.kind !== 'schedule') return html`<p class="dim">${last}</p>`
  const list = next.map((ms) => html`<li>${when(context, ms)}</li>`)
  return html`${
      list.length === 0
        ? emptyNote(text.flow.noNext)
        : html`<ol class="times" aria-label="${text.flow.nextTimes}">
            ${list}
          </ol>`
    }
    <p class="dim">${last}</p>`
}

function choicesSection(context: Context, { choices }: FlowDetail): Html | false {
  if (choices.length === 0) return false
  const steps = [...Map.groupBy(choices, (choice) => choice.step)]
  const bars = steps.map(([step, counted]) => {
    const sum = counted.reduce((total, one) => total + one.decisions, 0)
    const rows = counted.map(
      (one) =>
        html`<tr>
          <th scope="row">${one.choice}</th>
          <td class="bar-cell">
            <svg width="100%" height="10" aria-hidden="true">
              <rect
                class="share"
                width="${Math.max(0.5, Math.round((one.decisions / sum) * 1000) / 10)}%"
                height="10"
                rx="2"
              />
            </svg>
          </td>
          <td class="number">${one.decisions}</td>
        </tr>`,
    )
    return html`<h3 class="mono">${step}</h3>
      <table class="shares">
        <tbody>
          ${rows}
        </tbody>
      </table>`
  })
  const total = choices.reduce((sum, one) => sum + one.decisions, 0)
  const note = context.text.flow.choicesOf(Math.min(total, choicesAmong))
  return section({ id: 'choices', title: context.text.flow.choices, note, body: bars })
}

function graphSection(context: Context, { compiled, flow }: FlowDetail): Html {
  const { text } = context
  if (compiled === null) {
    const words = flow.version === null ? text.flow.noVersion : text.flow.noGraph
    return section({ id: 'graph', title: text.flow.graph, body: emptyNote(words) })
  }
  const main = graphChart(context, {
    id: 'graph',
    label: text.flow.graph,
    steps: compiled.steps,
    marks: null,
  })
  const failing = compiled.onFailure.steps
  const after =
    failing.length > 0 &&
    html`<h3>${text.flow.onFailure}</h3>
      ${graphChart(context, { id: 'on-failure', label: text.flow.onFailure, steps: failing, marks: null })}`
  return section({ id: 'graph', title: text.flow.graph, body: html`${main}${after}` })
}

function changes(context: Context, { commits }: FlowDetail): Html | false {
  if (commits.length === 0) return false
  const rows = commits.map(
    (commit) =>
      html`<li class="row plain">
        <span class="what"
          >${commitLink(context, commit.commit)} ${commit.message.split('\n')[0]}
          <span class="dim">${commit.author}</span></span
        ><span class="side">${relative(context, commit.seenMs)}</span>
      </li>`,
  )
  return section({
    id: 'changes',
    title: context.text.flow.changedBy,
    body: html`<ul class="rows">
      ${rows}
    </ul>`,
  })
}
